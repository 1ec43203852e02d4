import { MAX_TIMER_MS } from 'netns-core/sys';

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
 * @param timeoutMs 0 means no limit, and so does a number that no timer can run for
 * @param handshake `false` where the answer needs nothing done here to arrive: it is there by now, or late
 */
export function setDeadline(timeoutMs: number, expired: () => void, { handshake = true } = {}): Deadline {
  return timeoutMs === 0 || timeoutMs > MAX_TIMER_MS ? NONE : new TimerDeadline(timeoutMs, expired, handshake);
}

const NONE: Deadline = { clear: () => {} };

class TimerDeadline implements Deadline {
  readonly #timeoutMs: number;
  readonly #started = performance.now();
  readonly #expired: () => void;
  readonly #handshake: boolean;
  #timer: NodeJS.Timeout;
  #immediate: NodeJS.Immediate | undefined;

  constructor(timeoutMs: number, expired: () => void, handshake: boolean) {
    this.#timeoutMs = timeoutMs;
    this.#expired = expired;
    this.#handshake = handshake;
    this.#timer = setTimeout(() => this.#fire(), timeoutMs);
  }

  clear(): void {
    clearTimeout(this.#timer);
    if (this.#immediate !== undefined) clearImmediate(this.#immediate);
  }

  #fire(): void {
    const lateMs = performance.now() - this.#started - this.#timeoutMs;
    if (this.#handshake && lateMs > BLOCKED_MS)
      this.#timer = setTimeout(() => this.#expire(), Math.min(this.#timeoutMs, MAX_GRACE_MS));
    else this.#expire();
  }

  /** Sockets are looked at between timers and immediates. */
  #expire(): void {
    this.#immediate = setImmediate(this.#expired);
  }
}
