import { readFileSync } from 'node:fs';

/** What it has been on every kernel since 2.6.31. */
const USUAL_NANOSECONDS = 64;

let nanosecondsPerTick: number | undefined;

/**
 * How long a tick of the packet scheduler is, in nanoseconds: `/proc/net/psched` has the lengths of a microsecond in
 * nanoseconds and of a tick in nanoseconds, then the resolution of the clock. It never changes while the kernel runs,
 * hence it is read once.
 */
function tick(): number {
  if (nanosecondsPerTick === undefined) {
    nanosecondsPerTick = USUAL_NANOSECONDS;
    try {
      const [unit, length, resolution] = readFileSync('/proc/net/psched', 'latin1')
        .trim()
        .split(' ')
        .map((word) => Number.parseInt(word, 16));
      // A resolution of a million is one of a microsecond: what iproute2 calls a clock factor of 1.
      if (unit && length && resolution === 1_000_000) nanosecondsPerTick = (length / unit) * 1000;
    } catch {
      // No /proc here, or no Linux: requests can be built all the same.
    }
  }
  return nanosecondsPerTick;
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
