import { readFileSync } from 'node:fs';

/** What it has been on every kernel since 2.6.31. */
const USUAL_NANOSECONDS = 64;

/** The same of the timers, which have a resolution of a nanosecond. */
const USUAL_TIMER_HZ = 1e9;

let clock: { readonly nanosecondsPerTick: number; readonly timerHz: number } | undefined;

/**
 * How long a tick of the packet scheduler is, in nanoseconds, and how often timers can fire in a second:
 * `/proc/net/psched` has the lengths of a microsecond in nanoseconds and of a tick in nanoseconds, then the resolution
 * of the clock, and the timers' frequency. It never changes while the kernel runs, hence it is read once.
 */
function psched(): { readonly nanosecondsPerTick: number; readonly timerHz: number } {
  if (clock === undefined) {
    clock = { nanosecondsPerTick: USUAL_NANOSECONDS, timerHz: USUAL_TIMER_HZ };
    try {
      const [unit, length, resolution, timerHz] = readFileSync('/proc/net/psched', 'latin1')
        .trim()
        .split(' ')
        .map((word) => Number.parseInt(word, 16));
      // A resolution of a million is one of a microsecond: what iproute2 calls a clock factor of 1.
      if (unit && length && resolution === 1_000_000)
        clock = { nanosecondsPerTick: (length / unit) * 1000, timerHz: timerHz || USUAL_TIMER_HZ };
    } catch {
      // No /proc here, or no Linux: requests can be built all the same.
    }
  }
  return clock;
}

function tick(): number {
  return psched().nanosecondsPerTick;
}

/** How often timers can fire in a second, which is what `tc` makes the least buckets of. */
export function timerFrequency(): number {
  return psched().timerHz;
}

/** Ticks of a time in milliseconds, not rounded. */
export function ticksOf(milliseconds: number): number {
  return (milliseconds * 1e6) / tick();
}

/** Milliseconds of a number of ticks. */
export function millisecondsOf(ticks: number): number {
  return (ticks * tick()) / 1e6;
}

/**
 * How many ticks it takes to send `bytes` at a rate in bytes per second. Whole microseconds count, as for `tc`; kernels
 * since 3.13 reckon for themselves and take no notice of it.
 */
export function transmissionTicks(bytes: number, bytesPerSecond: number): number {
  return Math.floor((Math.floor((bytes / bytesPerSecond) * 1e6) * 1000) / tick());
}

/**
 * The smallest number of bytes that takes `ticks` to send at a rate in bytes per second: the other way round than
 * {@link transmissionTicks}.
 */
export function bytesSentIn(ticks: number, bytesPerSecond: number): number {
  const microseconds = Math.ceil((ticks * tick()) / 1000);
  let bytes = Math.ceil((microseconds * bytesPerSecond) / 1e6);
  // The division may be wrong in its last digit.
  while (bytes > 0 && transmissionTicks(bytes - 1, bytesPerSecond) >= ticks) bytes -= 1;
  while (transmissionTicks(bytes, bytesPerSecond) < ticks) bytes += 1;
  return bytes;
}
