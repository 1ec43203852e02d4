import { checkQuantity } from '../../message/checks.js';
import type { Field } from '../../message/fields.js';

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

/** A delay from which something is done; the kernel tells its greatest number where nothing is. */
export const threshold = (attribute: number): Field<number> => ({
  ...microseconds(attribute),
  read(data) {
    const value = data.u32();
    return value === NEVER ? undefined : value / 1000;
  },
});
