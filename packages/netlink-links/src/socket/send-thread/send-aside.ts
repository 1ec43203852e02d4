import { performance } from 'node:perf_hooks';
import { sys } from 'netns-core/sys';
import { onPool } from './pool.js';
import { SendThread } from './send-thread.js';

/** So many sends within so long start the thread: fewer would take less time than its start. */
const LOAD_SENDS = 200;
const LOAD_MS = 1000;

/** When to try again where no thread could start. */
const RETRY_MS = 60_000;

// One per JavaScript thread, for all connections alike.
let thread: SendThread | undefined;
let notBefore = 0;
// Sends of the current stretch of time.
let sends = 0;
let since = 0;

/**
 * `send(2)` on another thread: on libuv's pool, or, while there is much to send, on one of its own, which starts
 * within 50 ms and ends after a second without work.
 *
 * @param message must not be touched until the result is there
 */
export function sendAside(fd: number, message: Uint8Array): Promise<number> {
  const sendOnPool = (): Promise<number> => onPool(() => sys().sendAsync(fd, message, 0));
  if (thread === undefined) countLoad();
  return thread?.accepts(message) ? thread.send(fd, message, sendOnPool) : sendOnPool();
}

function countLoad(): void {
  sends += 1;
  if (sends < LOAD_SENDS) {
    if (sends === 1) since = performance.now();
    return;
  }
  const now = performance.now();
  if (now - since <= LOAD_MS && now >= notBefore) startThread(now);
  sends = 0;
}

function startThread(now: number): void {
  const end = (hadStarted: boolean): void => {
    thread = undefined;
    if (!hadStarted) notBefore = now + RETRY_MS;
  };
  try {
    thread = new SendThread(end);
  } catch {
    end(false);
  }
}
