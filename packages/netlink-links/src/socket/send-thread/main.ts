// The program of a SendThread. It waits for messages with its thread, and so has no event loop of its own.
import { parentPort, workerData } from 'node:worker_threads';
import { sys } from 'netns-core/sys';
import { type RingMemory, RingSender } from './ring.js';

// What cannot be loaded fails here, before anything has been handed over.
const calls = sys();
const ring = new RingSender(workerData as RingMemory);
ring.start();
parentPort?.postMessage(null);
for (let slot = ring.next(); slot >= 0; slot = ring.next()) {
  const result = ring.begin(slot) ? calls.send(ring.fd(slot), ring.message(slot), 0) : 0;
  if (ring.complete(slot, result)) parentPort?.postMessage(null);
}
