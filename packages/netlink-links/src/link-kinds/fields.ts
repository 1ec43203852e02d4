import { parseHardwareAddress } from '../codec/hardware-address.js';
import { parseIpAddress } from '../codec/ip-address.js';
import type { MessageWriter } from '../codec/message-writer.js';
import type { Field } from './kind.js';

// The types of attributes that kinds of links are made of.

export const u8 = (attribute: number): Field<number> => ({
  attribute,
  read: (data) => data.u8(),
  write: (writer, type, value) => void writer.u8(type, value),
});

export const u16 = (attribute: number): Field<number> => ({
  attribute,
  read: (data) => data.u16(),
  write: (writer, type, value) => void writer.u16(type, value),
});

export const u32 = (attribute: number): Field<number> => ({
  attribute,
  read: (data) => data.u32(),
  write: (writer, type, value) => void writer.u32(type, value),
});

export const i32 = (attribute: number): Field<number> => ({
  attribute,
  read: (data) => data.i32(),
  write: (writer, type, value) => void writer.i32(type, value),
});

/** A 64-bit number that is small in practice: hundredths of a second. */
export const u64Number = (attribute: number): Field<number> => ({
  attribute,
  read: (data) => Number(data.u64()),
  write: (writer, type, value) => {
    if (Number.isSafeInteger(value) && value >= 0) writer.u64(type, BigInt(value));
    else writer.mustBe(`an integer from 0 to ${Number.MAX_SAFE_INTEGER}`, value);
  },
});

/** 16 bits in network byte order: a port. */
export const u16be = (attribute: number): Field<number> => ({
  attribute,
  read: (data) => data.u16be(),
  write: (writer, type, value) => void writer.u16be(type, value),
});

/** 32 bits in network byte order. */
export const u32be = (attribute: number): Field<number> => ({
  attribute,
  read: (data) => data.u32be(),
  write: (writer, type, value) => void writer.u32be(type, value),
});

function isBoolean(writer: MessageWriter, value: unknown): boolean {
  if (typeof value === 'boolean') return true;
  writer.mustBe('true or false', value);
  return false;
}

/** One byte, 0 or 1. */
export const bool = (attribute: number): Field<boolean> => ({
  attribute,
  read: (data) => data.u8() !== 0,
  write: (writer, type, value) => {
    if (isBoolean(writer, value)) writer.u8(type, value ? 1 : 0);
  },
});

/** 32 bits, 0 or 1. */
export const bool32 = (attribute: number): Field<boolean> => ({
  attribute,
  read: (data) => data.u32() !== 0,
  write: (writer, type, value) => {
    if (isBoolean(writer, value)) writer.u32(type, value ? 1 : 0);
  },
});

/** Set when the attribute is there, which has no value. */
export const flag = (attribute: number): Field<boolean> => ({
  attribute,
  read: () => true,
  write: (writer, type, value) => {
    if (isBoolean(writer, value) && value) writer.flag(type);
  },
});

/** An IPv4 or IPv6 address, as long as it is. */
export const ipAddress = (attribute: number, family?: 'ipv4' | 'ipv6'): Field<string> => ({
  attribute,
  read: (data) => data.ipAddress(),
  write: (writer, type, value) => {
    const bytes = parseIpAddress(value);
    if (family !== undefined && (bytes.length === 4) !== (family === 'ipv4'))
      writer.mustBe(`an ${family === 'ipv4' ? 'IPv4' : 'IPv6'} address`, value);
    writer.bytes(type, bytes);
  },
});

/** An address that goes into one attribute if it is IPv4 and into another if it is IPv6. */
export const eitherIpAddress = (attribute: number, attribute6: number): Field<string> => ({
  attribute,
  orAttribute: attribute6,
  read: (data) => data.ipAddress(),
  write: (writer, _type, value) => {
    const bytes = parseIpAddress(value);
    writer.bytes(bytes.length === 4 ? attribute : attribute6, bytes);
  },
});

export const hardwareAddress = (attribute: number): Field<string> => ({
  attribute,
  read: (data) => data.hardwareAddress(),
  write: (writer, type, value) => void writer.bytes(type, parseHardwareAddress(value)),
});

/** A number that has names. A number without a name is read, and can be written, as it is. */
export function named<N extends string>(
  field: Field<number>,
  names: Readonly<Record<N, number>>,
): Field<N | number> & { readonly attribute: number } {
  const byNumber = new Map<number, N>();
  for (const name in names) byNumber.set(names[name], name);
  return {
    attribute: field.attribute,
    read: (data) => {
      const number = field.read(data);
      return byNumber.get(number) ?? number;
    },
    write: (writer, type, value) => {
      const number = typeof value === 'number' ? value : Object.hasOwn(names, value) ? names[value] : undefined;
      if (number === undefined) writer.mustBe(`one of ${Object.keys(names).join(', ')}`, value);
      else field.write?.(writer, type, number);
    },
  };
}

/** What the kernel tells and nobody sets. */
export function readOnly<V>(field: Field<V>): Field<V> {
  return { attribute: field.attribute, read: field.read };
}
