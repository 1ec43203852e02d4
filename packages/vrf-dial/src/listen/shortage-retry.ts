import { codeOf } from './error-code.js';

/** Errors of a process or a system that has run out of something: time helps, and no event says when. */
const SHORTAGE: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 30_000;

/** Whether an error says that the process or the system has run out of something. */
export function isShortage(error: unknown): boolean {
  return SHORTAGE.has(codeOf(error));
}

/** Tries again what failed for a shortage, at ever longer intervals. */
export class ShortageRetry {
  readonly #retry: () => void;
  #timer: NodeJS.Timeout | undefined;
  #delayMs = FIRST_RETRY_MS;
  #reported: string | undefined;

  constructor(retry: () => void) {
    this.#retry = retry;
  }

  /** @returns whether the shortage is another one than the last time */
  schedule(error: unknown): boolean {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#retry, this.#delayMs);
    this.#delayMs = Math.min(2 * this.#delayMs, LAST_RETRY_MS);
    const code = codeOf(error);
    if (code === this.#reported) return false;
    this.#reported = code;
    return true;
  }

  /** The shortage is over, or was another namespace's: the next one begins with the shortest interval. */
  reset(): void {
    this.#delayMs = FIRST_RETRY_MS;
    this.#reported = undefined;
  }

  /** Does not try again unless it is told to. */
  stop(): void {
    clearTimeout(this.#timer);
  }
}
