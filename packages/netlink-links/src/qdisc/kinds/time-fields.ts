import { checkQuantity, mustBe } from '../../message/checks.js';
import { type Field, i32, named } from '../../message/fields.js';
import { CLOCK_BOOTTIME, CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_TAI } from '../../uapi/time.js';

const MAX_U32 = 0xffffffff;
/** The kernel's 32-bit number for a threshold that there is not. */
const NEVER = 0xffffffff;

/** A time: milliseconds here, whole units in the kernel, of which a millisecond has `unitsPerMs`. */
const time = (attribute: number, unitsPerMs: number): Field<number> => ({
  attribute,
  read: (data) => data.u32() / unitsPerMs,
  check: (property, value) => checkQuantity(property, value, 0, MAX_U32 / unitsPerMs, 'ms'),
  write: (writer, type, value) => void writer.u32(type, Math.round(value * unitsPerMs)),
});

/** A time: milliseconds here, whole microseconds in the kernel. */
export const microseconds = (attribute: number): Field<number> => time(attribute, 1000);

/** A time: milliseconds here, whole nanoseconds in the kernel. */
export const nanoseconds = (attribute: number): Field<number> => time(attribute, 1_000_000);

const NS_PER_MS = 1_000_000;
/** Up to here a number of milliseconds tells one nanosecond from the next. */
const MAX_LONG_MS = 2 ** 51 / NS_PER_MS;

/** A time that may be long: milliseconds here, 64 bits of nanoseconds in the kernel. */
export const longNanoseconds = (attribute: number): Field<number> => ({
  attribute,
  read: (data) => Number(data.u64()) / NS_PER_MS,
  check: (property, value) => checkQuantity(property, value, 0, MAX_LONG_MS, 'ms'),
  write: (writer, type, value) => void writer.u64(type, BigInt(Math.round(value * NS_PER_MS))),
});

const INSTANT_BITS = 64;
const LAST_INSTANT = 2n ** 63n - 1n;

/** A time of a clock: nanoseconds, signed. */
export const instant = (attribute: number): Field<bigint> => ({
  attribute,
  read: (data) => BigInt.asIntN(INSTANT_BITS, data.u64()),
  check(property, value) {
    if (typeof value !== 'bigint' || value < -LAST_INSTANT || value > LAST_INSTANT)
      throw mustBe(property, `nanoseconds as a bigint from ${-LAST_INSTANT}n to ${LAST_INSTANT}n`, value);
  },
  write: (writer, type, value) => void writer.u64(type, BigInt.asUintN(INSTANT_BITS, value)),
});

/** A clock of the kernel's; a number where it has no name here. */
export type ClockName = 'realtime' | 'monotonic' | 'boottime' | 'tai';

export const CLOCKS: Readonly<Record<ClockName, number>> = {
  realtime: CLOCK_REALTIME,
  monotonic: CLOCK_MONOTONIC,
  boottime: CLOCK_BOOTTIME,
  tai: CLOCK_TAI,
};

/** A clock by its name. */
export const clock = (attribute: number): Field<ClockName | number> => named<ClockName>(i32(attribute), CLOCKS);

/** Microseconds of a unit of the time that codel counts by. */
const CODEL_UNIT = 1.024;

/**
 * A time of codel's, which the kernel takes and tells in whole microseconds and keeps in units of 1024 ns, cutting off
 * both times: 4000 becomes 3999. Of the times that it may have been set to, the shortest is read; given back, it is told
 * as it was.
 */
const codelTime = (microsecond: number): number => Math.ceil(Math.ceil(microsecond / CODEL_UNIT) * CODEL_UNIT) / 1000;

/** A time of codel's: milliseconds here. */
export const codelMilliseconds = (attribute: number): Field<number> => ({
  ...microseconds(attribute),
  read: (data) => codelTime(data.u32()),
});

/** The same, of a delay from which something is done. */
export const codelThreshold = (attribute: number): Field<number> => ({
  ...microseconds(attribute),
  read(data) {
    const value = data.u32();
    return value === NEVER ? undefined : codelTime(value);
  },
});

/** A delay from which something is done; the kernel tells its greatest number where nothing is. */
export const threshold = (attribute: number): Field<number> => ({
  ...microseconds(attribute),
  read(data) {
    const value = data.u32();
    return value === NEVER ? undefined : value / 1000;
  },
});
