import { checkQuantity } from '../codec/checked-number.js';
import type { MessageWriter } from '../codec/message-writer.js';
import type { Field } from '../link-kinds/kind.js';

/** The most that 32 bits of microseconds hold, in milliseconds. */
const MOST = 0xffffffff / 1000;

/** A time: milliseconds here, whole microseconds in the kernel. */
export const microseconds = (attribute: number): Field<number> => ({
  attribute,
  read: (data) => data.u32() / 1000,
  write: (writer: MessageWriter, type, value) => {
    checkQuantity('time', value, 0, MOST, 'ms');
    writer.u32(type, Math.round(value * 1000));
  },
});
