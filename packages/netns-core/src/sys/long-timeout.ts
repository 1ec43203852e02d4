/** The longest delay of Node's timers; longer ones fire at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** A timer that can be stopped. */
export interface LongTimeout {
  clear(): void;
}

/**
 * `setTimeout` for any delay: one that is longer than Node's timers can run takes several, one of `Infinity` never ends.
 *
 * @param unref whether the timer must not keep the event loop alive
 */
export function setLongTimeout(callback: () => void, delayMs: number, { unref = false } = {}): LongTimeout {
  let timer: NodeJS.Timeout | undefined;
  const end = performance.now() + delayMs;
  const arm = (left: number): void => {
    timer = setTimeout(
      () => {
        const rest = end - performance.now();
        // Timers may fire a millisecond early.
        if (left > MAX_TIMER_MS && rest > 1) arm(rest);
        else callback();
      },
      Math.min(left, MAX_TIMER_MS),
    );
    if (unref) timer.unref();
  };
  if (delayMs !== Number.POSITIVE_INFINITY) arm(delayMs);
  return { clear: () => clearTimeout(timer) };
}
