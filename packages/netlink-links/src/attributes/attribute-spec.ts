import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { LITTLE_ENDIAN } from '../message/endianness.js';
import { NLA_F_NESTED, NLA_HDRLEN, NLA_TYPE_MASK } from '../uapi/netlink.js';

/** An attribute to be sent, as a plain value. {@link attr} makes them; one that was read will do. */
export interface AttributeSpec {
  /** Its number in the kernel's header, without flags. */
  readonly type: number;
  /** Its value, as it goes into the message. */
  readonly data: Uint8Array;
  /** Whether it is marked as one that holds attributes (`NLA_F_NESTED`). */
  readonly nested?: boolean;
}

/** The length of an attribute is a 16-bit number, its header included. */
const MAX_VALUE = 0xffff - NLA_HDRLEN;

function checkType(type: unknown): void {
  if (!Number.isInteger(type) || Number(type) < 0 || Number(type) > NLA_TYPE_MASK)
    throw new InvalidOptionError(
      'type',
      `type must be the number of an attribute, from 0 to ${NLA_TYPE_MASK}, got ${shown(type)}`,
    );
}

function made(type: number, data: Uint8Array, nested = false): AttributeSpec {
  checkType(type);
  if (data.length > MAX_VALUE)
    throw new InvalidOptionError(
      'value',
      `value of attribute ${type} has ${data.length} bytes, an attribute holds ${MAX_VALUE} at most`,
    );
  return { type, data, ...(nested && { nested }) };
}

function integer(
  type: number,
  value: number,
  size: number,
  [min, max]: readonly [number, number],
  fill: (view: DataView) => void,
): AttributeSpec {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
    throw new InvalidOptionError(
      'value',
      `value of attribute ${shown(type)} must be an integer from ${min} to ${max}, got ${shown(value)}`,
    );
  const data = new Uint8Array(size);
  fill(new DataView(data.buffer));
  return made(type, data);
}

const U64_MAX = 0xffff_ffff_ffff_ffffn;

function integer64(type: number, value: bigint, littleEndian: boolean): AttributeSpec {
  if (typeof value !== 'bigint' || value < 0n || value > U64_MAX)
    throw new InvalidOptionError(
      'value',
      `value of attribute ${shown(type)} must be a bigint from 0n to ${U64_MAX}n, got ${shown(value)}`,
    );
  const data = new Uint8Array(8);
  new DataView(data.buffer).setBigUint64(0, value, littleEndian);
  return made(type, data);
}

const U8: readonly [number, number] = [0, 0xff];
const U16: readonly [number, number] = [0, 0xffff];
const U32: readonly [number, number] = [0, 0xffffffff];
const I32: readonly [number, number] = [-0x80000000, 0x7fffffff];

const encoder = new TextEncoder();

/**
 * Makes attributes for `genericRequest` and `rawRequest`. Numbers are in the byte order of the machine, those of `be16`,
 * `be32` and `be64` in network byte order. Each throws an InvalidOptionError for a value that does not fit.
 *
 * ```ts
 * attr.nested(5, [attr.u32(1, 7), attr.string(2, 'eth0')]);
 * ```
 */
export const attr = {
  /** 8 bits. */
  u8: (type: number, value: number): AttributeSpec => integer(type, value, 1, U8, (view) => view.setUint8(0, value)),
  /** 16 bits. */
  u16: (type: number, value: number): AttributeSpec =>
    integer(type, value, 2, U16, (view) => view.setUint16(0, value, LITTLE_ENDIAN)),
  /** 32 bits. */
  u32: (type: number, value: number): AttributeSpec =>
    integer(type, value, 4, U32, (view) => view.setUint32(0, value, LITTLE_ENDIAN)),
  /** 64 bits. */
  u64: (type: number, value: bigint): AttributeSpec => integer64(type, value, LITTLE_ENDIAN),
  /** 32 bits with a sign. */
  i32: (type: number, value: number): AttributeSpec =>
    integer(type, value, 4, I32, (view) => view.setInt32(0, value, LITTLE_ENDIAN)),
  /** 16 bits in network byte order, as ports are. */
  be16: (type: number, value: number): AttributeSpec =>
    integer(type, value, 2, U16, (view) => view.setUint16(0, value)),
  /** 32 bits in network byte order. */
  be32: (type: number, value: number): AttributeSpec =>
    integer(type, value, 4, U32, (view) => view.setUint32(0, value)),
  /** 64 bits in network byte order. */
  be64: (type: number, value: bigint): AttributeSpec => integer64(type, value, false),
  /** Text in UTF-8, with the NUL at its end that the kernel expects. */
  string(type: number, value: string): AttributeSpec {
    if (typeof value !== 'string' || value.includes('\0'))
      throw new InvalidOptionError(
        'value',
        `value of attribute ${shown(type)} must be a string without NUL characters, got ${shown(value)}`,
      );
    return made(type, encoder.encode(`${value}\0`));
  },
  /** Bytes as they are. They are copied. */
  bytes(type: number, value: Uint8Array): AttributeSpec {
    if (!(value instanceof Uint8Array))
      throw new InvalidOptionError(
        'value',
        `value of attribute ${shown(type)} must be a Uint8Array, got ${shown(value)}`,
      );
    return made(type, Uint8Array.from(value));
  },
  /** An attribute without a value: that it is there is what it says. */
  flag: (type: number): AttributeSpec => made(type, new Uint8Array(0)),
  /**
   * An attribute that holds attributes.
   *
   * @param flagged whether to mark it with `NLA_F_NESTED`, as newer parts of the kernel insist on; older ones take both
   */
  nested(type: number, list: readonly AttributeSpec[], { flagged = true }: { flagged?: boolean } = {}): AttributeSpec {
    if (typeof flagged !== 'boolean')
      throw new InvalidOptionError('flagged', `flagged must be true or false, got ${shown(flagged)}`);
    return made(type, encodeAttributes(list, 'list'), flagged);
  },
};

/** Refuses what is not a list of attributes. @throws InvalidOptionError */
export function checkAttributes(list: unknown, property = 'attributes'): void {
  const fits =
    Array.isArray(list) &&
    !list.includes(undefined) &&
    list.every((each: Partial<AttributeSpec> | null | undefined) => {
      const { type, data, nested } = each ?? {};
      return (
        Number.isInteger(type) &&
        Number(type) >= 0 &&
        Number(type) <= NLA_TYPE_MASK &&
        data instanceof Uint8Array &&
        data.length <= MAX_VALUE &&
        (nested === undefined || typeof nested === 'boolean')
      );
    });
  if (!fits)
    throw new InvalidOptionError(
      property,
      `${property} must be an array of attributes ({ type up to ${NLA_TYPE_MASK}, data of up to ${MAX_VALUE} bytes }), as \`attr\` of 'netlink-links/attributes' makes them, got ${shown(list)}`,
    );
}

/** Attributes one behind the other, as they go into a message. @throws InvalidOptionError for what are none */
export function encodeAttributes(list: readonly AttributeSpec[], property?: string): Uint8Array {
  checkAttributes(list, property);
  let size = 0;
  for (const { data } of list) size += (NLA_HDRLEN + data.length + 3) & ~3;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { type, data, nested } of list) {
    view.setUint16(at, NLA_HDRLEN + data.length, LITTLE_ENDIAN);
    view.setUint16(at + 2, nested === true ? type | NLA_F_NESTED : type, LITTLE_ENDIAN);
    bytes.set(data, at + NLA_HDRLEN);
    at += (NLA_HDRLEN + data.length + 3) & ~3;
  }
  return bytes;
}
