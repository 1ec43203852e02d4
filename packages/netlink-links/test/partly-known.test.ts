import type { QdiscSpec } from 'netlink-links';
import { attr } from 'netlink-links/attributes';
import { qdiscAdd } from 'netlink-links/operations';
import { describe, expect, it } from 'vitest';
import { MessageBytes } from '../src/message/message-bytes.js';
import { readQdisc } from '../src/qdisc/read.js';

const HEADER_SIZE = 20;
const OPTIONS = 2;
const ENTRIES = 2;
const MARK = 0x2a2b2c2d;

/** A schedule of a kernel that is yet to come: there is more in the list of its entries than we know. */
function readSchedule(): QdiscSpec {
  const entry = attr.nested(1, [attr.u8(2, 0), attr.u32(3, 1), attr.u32(4, 300_000)]);
  const options = attr.nested(OPTIONS, [attr.nested(ENTRIES, [entry, attr.u32(200, MARK)])]);
  const payload = attr.nested(1, [attr.string(1, 'taprio'), options]).data;
  const message = Uint8Array.from([...new Uint8Array(HEADER_SIZE), ...payload]);
  return { ...(readQdisc(MessageBytes.from(message), 0, message.length) as object), ifindex: 1 } as QdiscSpec;
}

const hasMark = (spec: QdiscSpec): boolean => {
  const { message = new Uint8Array() } = qdiscAdd(spec).single ?? {};
  return Buffer.from(message).includes(Buffer.from(new Uint32Array([MARK]).buffer));
};

describe('an attribute that is known in part', () => {
  it('is given back as a whole as long as the rest of it is what was read', () => {
    const read = readSchedule();
    expect(read).toMatchObject({ entries: [{ gates: 1, interval: 0.3 }], unknown: [{ attribute: ENTRIES }] });
    expect(hasMark(read)).toBe(true);
  });

  it('does not undo what was changed', () => {
    const read = readSchedule();
    expect(hasMark({ ...read, entries: [{ gates: 3, interval: 0.3 }] } as QdiscSpec)).toBe(false);
    const entry = { gates: 1, interval: 0.3 };
    expect(hasMark({ ...read, entries: [entry, entry] } as QdiscSpec)).toBe(false);
  });
});
