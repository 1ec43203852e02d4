import { endianness } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AttributeReader } from '../src/message/attribute-reader.js';
import { formatIp } from '../src/message/ip-address.js';
import { MessageBytes } from '../src/message/message-bytes.js';

const LITTLE = endianness() === 'LE';
const TYPE = 5;

/** An attribute as <linux/netlink.h> has it: length (u16), type (u16), value, padding up to a multiple of four. */
function attribute(value: readonly number[], type = TYPE): number[] {
  const header = new Uint8Array(Uint16Array.of(4 + value.length, type).buffer);
  const padding = new Array<number>((4 - (value.length % 4)) % 4).fill(0);
  return [...header, ...value, ...padding];
}

/** Stands on the one attribute whose value this is. More bytes follow it in memory, which are not its own. */
function onValue(value: readonly number[]): { reader: AttributeReader; bytes: MessageBytes } {
  const first = attribute(value);
  const bytes = MessageBytes.from(Uint8Array.of(...first, ...new Array<number>(40).fill(0xee)));
  const reader = new AttributeReader(bytes, 0, first.length);
  expect(reader.next()).toBe(true);
  return { reader, bytes };
}

const natural = (value: readonly number[]): number =>
  (LITTLE ? [...value].reverse() : value).reduce((sum, byte) => sum * 256 + byte, 0);
const network = (value: readonly number[]): number => value.reduce((sum, byte) => sum * 256 + byte, 0);
const networkBig = (value: readonly number[]): bigint => value.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
const naturalBig = (value: readonly number[]): bigint => networkBig(LITTLE ? [...value].reverse() : value);
const signed = (value: readonly number[]): number => natural(value) | 0;

type Read = (reader: AttributeReader, offset: number) => number | bigint;
/** How many bytes each takes, how it reads them, and what they are. */
const AT_START: Record<string, [number, Read, (value: readonly number[]) => number | bigint]> = {
  u8: [1, (reader) => reader.u8(), natural],
  u16: [2, (reader) => reader.u16(), natural],
  u32: [4, (reader) => reader.u32(), natural],
  i32: [4, (reader) => reader.i32(), signed],
  u64: [8, (reader) => reader.u64(), naturalBig],
  u16be: [2, (reader) => reader.u16be(), network],
  u32be: [4, (reader) => reader.u32be(), network],
  u64be: [8, (reader) => reader.u64be(), networkBig],
};
const AT_OFFSET: typeof AT_START = {
  u8At: [1, (reader, offset) => reader.u8At(offset), natural],
  u16At: [2, (reader, offset) => reader.u16At(offset), natural],
  u32At: [4, (reader, offset) => reader.u32At(offset), natural],
  u64At: [8, (reader, offset) => reader.u64At(offset), naturalBig],
  u16beAt: [2, (reader, offset) => reader.u16beAt(offset), network],
  u32beAt: [4, (reader, offset) => reader.u32beAt(offset), network],
};

describe('a number in an attribute', () => {
  it.each(Object.entries(AT_START))('by %s: is read from the start of the value, which may be longer', (_, entry) => {
    const [size, read, expected] = entry;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 255 }), { minLength: size, maxLength: 20 }), (value) => {
        const { reader, bytes } = onValue(value);
        expect(read(reader, 0)).toBe(expected(value.slice(0, size)));
        expect(bytes.takeError()).toBeUndefined();
      }),
    );
  });

  it.each(Object.entries(AT_OFFSET))('by %s: is read at any offset up to the end of the value', (_, entry) => {
    const [size, read, expected] = entry;
    const value = Array.from({ length: 19 }, (_, index) => 200 + index);
    const { reader, bytes } = onValue(value);
    for (let offset = 0; offset + size <= value.length; offset += 1)
      expect(read(reader, offset)).toBe(expected(value.slice(offset, offset + size)));
    expect(bytes.takeError()).toBeUndefined();
  });

  it.each([...Object.entries(AT_START), ...Object.entries(AT_OFFSET)])(
    'by %s: is 0 where the value ends before it does, and that is noted; nothing behind the value is read',
    (_, [size, read]) => {
      for (let length = 0; length < size; length += 1) {
        const { reader, bytes } = onValue(new Array<number>(length).fill(1));
        expect(Number(read(reader, 0))).toBe(0);
        expect(bytes.takeError()).toBe(`attribute ${TYPE} has ${length} bytes where ${size} are needed`);
      }
    },
  );

  it.each(Object.entries(AT_OFFSET))(
    'by %s: the same at an offset, where its end is what is needed',
    (_, [size, read]) => {
      const { reader, bytes } = onValue(new Array<number>(11).fill(1));
      for (let offset = 11 - size + 1; offset < 16; offset += 1) {
        expect(Number(read(reader, offset))).toBe(0);
        expect(bytes.takeError()).toBe(`attribute ${TYPE} has 11 bytes where ${offset + size} are needed`);
      }
    },
  );
});

describe('a walk over attributes', () => {
  /** The types and values that a walk finds, and what it notes. */
  function walk(
    data: readonly number[],
    end = data.length,
  ): { found: [number, number[]][]; error: string | undefined } {
    const bytes = MessageBytes.from(Uint8Array.from(data));
    const reader = new AttributeReader(bytes, 0, end);
    const found: [number, number[]][] = [];
    while (reader.next()) found.push([reader.type, [...reader.copy()]]);
    expect(reader.next()).toBe(false);
    return { found, error: bytes.takeError() };
  }

  it('finds each by its length, rounded up to a multiple of four, the empty ones too', () => {
    for (let length = 0; length <= 9; length += 1) {
      const value = Array.from({ length }, (_, index) => index + 1);
      expect(walk([...attribute(value, 1), ...attribute([], 2), ...attribute([7], 3)])).toEqual({
        found: [
          [1, value],
          [2, []],
          [3, [7]],
        ],
        error: undefined,
      });
    }
  });

  it('takes the flags for nested values and network byte order off the type', () => {
    expect(walk([...attribute([1], 0x8000 | 3), ...attribute([2], 0x4000 | 4)]).found).toEqual([
      [3, [1]],
      [4, [2]],
    ]);
  });

  it('finds the last one also if its padding is missing', () => {
    const whole = attribute([1, 2, 3, 4, 5]);
    for (let cut = 0; cut <= 3; cut += 1)
      expect(walk(whole.slice(0, whole.length - cut))).toEqual({ found: [[TYPE, [1, 2, 3, 4, 5]]], error: undefined });
    expect(walk(whole.slice(0, whole.length - 4))).toEqual({
      found: [],
      error: 'an attribute claims 9 bytes where 8 are left',
    });
  });

  it('takes up to three zero bytes behind the last one for padding, and notes any others', () => {
    const one = attribute([1, 2, 3, 4]);
    const found = [[TYPE, [1, 2, 3, 4]]];
    for (let more = 0; more <= 3; more += 1) {
      expect(walk([...one, ...new Array<number>(more).fill(0)])).toEqual({ found, error: undefined });
      if (more > 0)
        expect(walk([...one, ...new Array<number>(more).fill(9)])).toEqual({
          found,
          error: `${more} stray bytes after the last attribute`,
        });
    }
    // What lies behind the end is not its own.
    expect(walk([...one, 9, 9, 9, 9], one.length)).toEqual({ found, error: undefined });
  });

  it('ends for good at one that claims less than its header or more than there is', () => {
    for (const [length, error] of [
      [0, 'an attribute claims 0 bytes where 12 are left'],
      [3, 'an attribute claims 3 bytes where 12 are left'],
      [13, 'an attribute claims 13 bytes where 12 are left'],
      [0xffff, 'an attribute claims 65535 bytes where 12 are left'],
    ] as const) {
      const header = new Uint8Array(Uint16Array.of(length, 1).buffer);
      expect(walk([...header, ...attribute([1, 2, 3, 4])])).toEqual({ found: [], error });
    }
    const header = new Uint8Array(Uint16Array.of(12, 1).buffer);
    expect(walk([...header, 1, 2, 3, 4, 5, 6, 7, 8])).toEqual({
      found: [[1, [1, 2, 3, 4, 5, 6, 7, 8]]],
      error: undefined,
    });
  });

  it('stays inside the memory, whatever end it is given', () => {
    const one = attribute([1, 2, 3, 4]);
    expect(walk(one, 4000)).toEqual({ found: [[TYPE, [1, 2, 3, 4]]], error: undefined });
  });

  it('goes into a value, and no further than that', () => {
    const { reader, bytes } = onValue([...attribute([1], 1), ...attribute([2], 2)]);
    const nested = reader.nested();
    expect([nested.next(), nested.type, nested.u8(), nested.next(), nested.type, nested.u8(), nested.next()]).toEqual([
      true,
      1,
      1,
      true,
      2,
      2,
      false,
    ]);
    expect(reader.next()).toBe(false);
    expect(bytes.takeError()).toBeUndefined();
  });

  it('gives all that follows as bytes, once', () => {
    const [first, second, third] = [attribute([1], 1), attribute([2], 2), attribute([3], 3)];
    const bytes = MessageBytes.from(Uint8Array.of(...first, ...second, ...third, 0xee, 0xee));
    const reader = new AttributeReader(bytes, 0, first.length + second.length + third.length);
    reader.next();
    const rest = reader.rest();
    bytes.u8.fill(0);
    expect([...rest]).toEqual([...second, ...third]);
    expect(reader.next()).toBe(false);
    expect([...reader.rest()]).toEqual([]);
  });
});

describe('the value of an attribute', () => {
  it('is copied: the memory may be used for the next message', () => {
    const { reader, bytes } = onValue([1, 2, 3]);
    const copy = reader.copy();
    bytes.u8.fill(0);
    expect([...copy]).toEqual([1, 2, 3]);
    expect(reader.length).toBe(3);
  });

  it('is text up to the first NUL or to its end, short or long, ASCII or not', () => {
    for (const text of [
      '',
      'eth0',
      'exactly 16 bytes',
      'longer than sixteen bytes',
      'grün',
      'länger als sechzehn Bytes',
    ])
      for (const rest of [[], [0], [0, 0x41, 0]]) {
        const { reader } = onValue([...Buffer.from(text), ...rest]);
        expect(reader.string()).toBe(text);
      }
  });

  it('is an IP address of four or sixteen bytes; any other length is noted', () => {
    for (let length = 0; length <= 20; length += 1) {
      const value = Array.from({ length }, (_, index) => 0x21 + index);
      const { reader, bytes } = onValue(value);
      const valid = length === 4 || length === 16;
      expect(reader.ipAddress()).toBe(valid ? formatIp(Uint8Array.from(value)) : '');
      expect(bytes.takeError()).toBe(
        valid ? undefined : `attribute ${TYPE} has ${length} bytes, which is not an IP address`,
      );
    }
  });

  it('is a hardware address as ip prints it: hexadecimal, but of four and sixteen bytes an IP address', () => {
    for (const length of [0, 1, 3, 4, 5, 6, 8, 16, 20]) {
      const value = Array.from({ length }, (_, index) => 0xf0 - 12 * index);
      const { reader } = onValue(value);
      expect(reader.hardwareAddress()).toBe(
        length === 4 || length === 16
          ? formatIp(Uint8Array.from(value))
          : value.map((byte) => byte.toString(16).padStart(2, '0')).join(':'),
      );
    }
  });
});
