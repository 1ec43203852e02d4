// The program of a SyscallThread. It waits for jobs with the thread, and so has no event loop of its own.
import { parentPort, workerData } from 'node:worker_threads';
import { sys } from '../sys/index.js';
import { Job, perform } from './jobs.js';
import { type RingMemory, RingWorker } from './ring.js';

// What cannot be loaded fails here, while nothing has been handed over yet.
sys();
const ring = new RingWorker(workerData as RingMemory);
ring.start();
parentPort?.postMessage(null);
for (;;) {
  const slot = ring.next();
  const kind = ring.kind(slot);
  if (kind === Job.stop) break;
  const { result, length } = ring.begin(slot)
    ? perform(kind, ring.argument(slot), ring.content(slot), ring.room(slot))
    : { result: 0, length: 0 };
  if (ring.complete(slot, result, length)) parentPort?.postMessage(null);
}
