import { inTurn } from './in-turn.js';
import { type NamespaceJob, performJob } from './jobs.js';
import { NamespaceThread, type PendingJob } from './namespace-thread.js';

/** How long threads are kept without work. */
const IDLE_MS = 1000;

/** How long a namespace may take before those behind it go to another thread. */
const STUCK_MS = 100;

/** Each takes 10 MB. More would not help: what holds up several namespaces at once is the kernel's own lock. */
const MAX_THREADS = 4;

// One list per JavaScript thread. Jobs wait here until a thread has room for them.
const threads: NamespaceThread[] = [];
const waiting: PendingJob[] = [];
let scheduled = false;
let watching = false;
let idle: NodeJS.Timeout | undefined;

/**
 * Makes a namespace on a thread of its own and returns its file descriptor. The thread starts within 50 ms when the
 * first namespace is to be made and ends a second after the last; while one namespace waits for a lock, further ones
 * are made on up to three more. Where no thread can start (no memory, Node's permission model), namespaces are made on
 * the calling thread, a few a turn.
 */
export function makeAside(job: NamespaceJob): Promise<number> {
  return new Promise((settle, fail) => {
    waiting.push({ job, settle, fail });
    schedule();
  });
}

/** Jobs are handed over in a turn of their own: outside any hop, and after what finished jobs let continue. */
function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  setImmediate(() => {
    scheduled = false;
    feed();
  });
}

function feed(): void {
  for (const thread of threads) {
    if (thread.busyMs > STUCK_MS) continue;
    for (let next = takeFor(thread); next !== undefined; next = takeFor(thread)) thread.submit(next);
  }
  if (waiting.length > 0 && threads.length === 0) startThread();
  if (waiting.length > 0 || threads.some(({ busy }) => busy)) {
    clearTimeout(idle);
    idle = undefined;
    watchThreads();
  } else if (threads.length > 0) idle ??= setTimeout(stopThreads, IDLE_MS).unref();
}

function watchThreads(): void {
  if (watching) return;
  watching = true;
  setTimeout(relieve, STUCK_MS / 2).unref();
}

function takeFor(thread: NamespaceThread): PendingJob | undefined {
  return thread.hasRoom ? waiting.shift() : undefined;
}

/** Takes jobs from threads that are held up, and gives them to one that is not. */
function relieve(): void {
  watching = false;
  for (const thread of threads) if (thread.busyMs > STUCK_MS) waiting.unshift(...thread.withdraw());
  const heldUp = threads.every((thread) => thread.ready && thread.busyMs > STUCK_MS);
  if (waiting.length > 0 && heldUp && threads.length < MAX_THREADS) startThread();
  feed();
}

function startThread(): void {
  try {
    const thread = new NamespaceThread({
      free: schedule,
      ended(unbegun, hadStarted) {
        threads.splice(threads.indexOf(thread), 1);
        waiting.unshift(...unbegun);
        if (hadStarted) schedule();
        else doWithout();
      },
    });
    threads.push(thread);
  } catch {
    doWithout();
  }
}

/** No thread can start: what no other thread will do is done here. */
function doWithout(): void {
  if (threads.length > 0) return;
  for (const { job, settle, fail } of waiting.splice(0)) inTurn(() => performJob(job)).then(settle, fail);
}

function stopThreads(): void {
  idle = undefined;
  for (const thread of threads.splice(0)) thread.stop();
}
