import { type LongTimeout, setLongTimeout } from './long-timeout.js';

/** How late a timer may fire before that says that the event loop was blocked, in milliseconds. */
const BLOCKED_MS = 20;
/** How long a connection may take after the event loop was blocked beyond its end, in milliseconds. */
const MAX_GRACE_MS = 1000;

/** The end of the time that something may take. */
export interface Deadline {
  clear(): void;
}

/**
 * Calls a function when a time is over and what was waited for has not happened. Timers run before the event loop looks
 * at sockets, so after a long synchronous function they fire although the answer has arrived: it gets the chance to be
 * read first. Where the loop was blocked beyond the end, a handshake that could not go on meanwhile gets up to a second.
 *
 * @param timeoutMs 0 and `Infinity` never end
 */
export function setDeadline(timeoutMs: number, expired: () => void): Deadline {
  if (timeoutMs === 0 || timeoutMs === Number.POSITIVE_INFINITY) return NONE;
  const due = performance.now() + timeoutMs;
  let immediate: NodeJS.Immediate | undefined;
  let timer: LongTimeout;
  const expire = (): void => {
    immediate = setImmediate(expired);
  };
  timer = setLongTimeout(() => {
    const late = performance.now() - due;
    if (late > BLOCKED_MS) timer = setLongTimeout(expire, Math.min(timeoutMs, MAX_GRACE_MS));
    else expire();
  }, timeoutMs);
  return {
    clear: () => {
      timer.clear();
      clearImmediate(immediate);
    },
  };
}

const NONE: Deadline = { clear: () => {} };
