// The program of a NamespaceThread.
import { parentPort, workerData } from 'node:worker_threads';
import { sys } from '../sys/index.js';
import { type JobAnswer, type JobMessage, performJob, SlotState, toPlainError } from './jobs.js';

// What cannot be loaded fails here, before any job has been handed over.
sys();
const slots = workerData as Int32Array;
const port = parentPort;
const send = (answer: JobAnswer): void => port?.postMessage(answer);

port?.on('message', (message: JobMessage) => {
  if (message === null) {
    port.close();
    return;
  }
  const { slot, job } = message;
  if (Atomics.compareExchange(slots, slot, SlotState.waiting, SlotState.begun) !== SlotState.waiting) {
    send({ slot, skipped: true });
    return;
  }
  let fd: number;
  try {
    fd = performJob(job);
  } catch (error) {
    send({ slot, error: toPlainError(error) });
    return;
  }
  send({ slot, fd });
});
send('ready');
