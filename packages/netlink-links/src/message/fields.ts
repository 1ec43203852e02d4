import { checkBoolean, checkInteger } from 'netns-core/checks';
import type { AttributeReader } from './attribute-reader.js';
import { checkText, mustBe } from './checks.js';
import { parseHardwareAddress } from './hardware-address.js';
import { parseIpAddress } from './ip-address.js';
import type { MessageWriter } from './message-writer.js';
import type { Mutable } from './mutable.js';
import { keepUnknown, type UnknownAttribute } from './unknown-attribute.js';

/** How the value of one attribute is checked, written and read. */
export interface Field<V> {
  /** Its number, `IFLA_…`. */
  readonly attribute: number;
  /** Another number that it may come under, and that `write` may choose. */
  readonly orAttribute?: number;
  /** Reads the value that the reader stands on; `undefined` for one that says that there is none. */
  read(attributes: AttributeReader): V | undefined;
  /** Refuses what `write` could not write. Absent, with `write`, for what the kernel only tells. */
  check?(property: string, value: unknown): void;
  write?(writer: MessageWriter, attribute: number, value: V): void;
}

/** The fields of a kind, in the order in which they are written. */
export type Fields<A extends object> = { readonly [K in keyof A]?: Field<NonNullable<A[K]>> };

/** An attribute that stands for several properties, or a property that may be one of several attributes. */
export interface Spread<A extends object> {
  /** The properties that it stands for. */
  readonly properties: readonly (keyof A & string)[];
  /** The attributes that `read` is called for. */
  readonly attributes: readonly number[];
  /** Reads the attribute that the reader stands on. */
  read(data: AttributeReader, into: Mutable<Partial<A>>): void;
  /** Refuses what `write` could not write. */
  check(of: Partial<A>): void;
  /** Writes what is there. */
  write(writer: MessageWriter, of: Partial<A>): void;
}

/**
 * Checks the properties that are there.
 *
 * @param what stands before the name of a property in an error: `'masterPort.'`
 * @throws InvalidOptionError
 */
export function checkFields<A extends object>(fields: Fields<A>, of: Partial<A>, what = ''): void {
  for (const key in fields) {
    const value = of[key];
    if (value !== undefined) fields[key]?.check?.(`${what}${key}`, value);
  }
}

/** Writes the properties that are there. They have been checked. */
export function writeFields<A extends object>(writer: MessageWriter, fields: Fields<A>, of: Partial<A>): void {
  for (const key in fields) {
    const value = of[key];
    const field = fields[key];
    if (value === undefined || field?.write === undefined) continue;
    writer.about(key);
    field.write(writer, field.attribute, value as NonNullable<A[typeof key]>);
  }
  writer.about(undefined);
}

/** What attributes are read into. */
export type Reading<A extends object> = Mutable<Partial<A>> & { unknown?: readonly UnknownAttribute[] | undefined };

/**
 * Makes a function that reads attributes into an object; those that nothing is for are kept as unknown.
 *
 * @param passedOver attributes that are known and not read: the kernel tells them and takes none of them
 */
export function fieldReader<A extends object>(
  fields: Fields<A>,
  spreads: readonly Spread<A>[] = [],
  passedOver: readonly number[] = [],
): AttributeFunction<A> {
  let byAttribute: readonly (AttributeFunction<A> | undefined)[] | undefined;
  return (data, into) => {
    byAttribute ??= functionsByAttribute(fields, spreads, passedOver);
    while (data.next()) (byAttribute[data.type] ?? keepUnknown)(data, into);
  };
}

/** Reads the attribute that the reader stands on. */
type AttributeFunction<A extends object> = (data: AttributeReader, into: Reading<A>) => void;

function functionsByAttribute<A extends object>(
  fields: Fields<A>,
  spreads: readonly Spread<A>[],
  passedOver: readonly number[],
): (AttributeFunction<A> | undefined)[] {
  const byAttribute: (AttributeFunction<A> | undefined)[] = [];
  for (const attribute of passedOver) byAttribute[attribute] = () => {};
  for (const key in fields) {
    const field = fields[key] as Field<A[keyof A]> | undefined;
    if (field === undefined) continue;
    const read: AttributeFunction<A> = (data, into) => {
      const value = field.read(data);
      if (value !== undefined) (into as Partial<A>)[key] = value as A[Extract<keyof A, string>];
    };
    byAttribute[field.attribute] = read;
    if (field.orAttribute !== undefined) byAttribute[field.orAttribute] = read;
  }
  for (const spread of spreads) for (const attribute of spread.attributes) byAttribute[attribute] = spread.read;
  return byAttribute;
}

// The types of attributes that kinds are made of.

/** An integer within bounds. */
function integer(
  attribute: number,
  min: number,
  max: number,
  read: Field<number>['read'],
  write: NonNullable<Field<number>['write']>,
): Field<number> {
  return { attribute, read, check: (property, value) => void checkInteger(property, value, min, max), write };
}

export const u8 = (attribute: number, min = 0, max = 0xff): Field<number> =>
  integer(
    attribute,
    min,
    max,
    (data) => data.u8(),
    (writer, type, value) => void writer.u8(type, value),
  );

export const u16 = (attribute: number, min = 0, max = 0xffff): Field<number> =>
  integer(
    attribute,
    min,
    max,
    (data) => data.u16(),
    (writer, type, value) => void writer.u16(type, value),
  );

export const u32 = (attribute: number, min = 0, max = 0xffffffff): Field<number> =>
  integer(
    attribute,
    min,
    max,
    (data) => data.u32(),
    (writer, type, value) => void writer.u32(type, value),
  );

export const i32 = (attribute: number, min = -0x80000000, max = 0x7fffffff): Field<number> =>
  integer(
    attribute,
    min,
    max,
    (data) => data.i32(),
    (writer, type, value) => void writer.i32(type, value),
  );

/** A 64-bit number that is small in practice: hundredths of a second. */
export const u64Number = (attribute: number, max = Number.MAX_SAFE_INTEGER): Field<number> =>
  integer(
    attribute,
    0,
    max,
    (data) => Number(data.u64()),
    (writer, type, value) => void writer.u64(type, BigInt(value)),
  );

/** 16 bits in network byte order: a port. */
export const u16be = (attribute: number): Field<number> =>
  integer(
    attribute,
    0,
    0xffff,
    (data) => data.u16be(),
    (writer, type, value) => void writer.u16be(type, value),
  );

/** 32 bits in network byte order. */
export const u32be = (attribute: number, max = 0xffffffff): Field<number> =>
  integer(
    attribute,
    0,
    max,
    (data) => data.u32be(),
    (writer, type, value) => void writer.u32be(type, value),
  );

/** 64 bits in network byte order, as hexadecimal text: `'0xf7ffffff000000ff'`. */
export const bits64be = (attribute: number): Field<string> => ({
  attribute,
  read: (data) => `0x${data.u64be().toString(16).padStart(16, '0')}`,
  check(property, value) {
    if (typeof value !== 'string' || !/^0x[0-9a-f]{1,16}$/i.test(value))
      throw mustBe(property, "64 bits in hexadecimal, such as '0xf7ffffff000000ff'", value);
  },
  write: (writer, type, value) => void writer.u64be(type, BigInt(value)),
});

/** One byte, 0 or 1. */
export const bool = (attribute: number): Field<boolean> => ({
  attribute,
  read: (data) => data.u8() !== 0,
  check: (property, value) => void checkBoolean(property, value),
  write: (writer, type, value) => void writer.u8(type, value ? 1 : 0),
});

/** 32 bits, 0 or 1. */
export const bool32 = (attribute: number): Field<boolean> => ({
  attribute,
  read: (data) => data.u32() !== 0,
  check: (property, value) => void checkBoolean(property, value),
  write: (writer, type, value) => void writer.u32(type, value ? 1 : 0),
});

/** Set when the attribute is there, which has no value. */
export const flag = (attribute: number): Field<boolean> => ({
  attribute,
  read: () => true,
  check: (property, value) => void checkBoolean(property, value),
  write: (writer, type, value) => {
    if (value) writer.flag(type);
  },
});

/** An IPv4 or IPv6 address, as long as it is. */
export const ipAddress = (attribute: number, family?: 'ipv4' | 'ipv6'): Field<string> => ({
  attribute,
  read: (data) => data.ipAddress(),
  check(property, value) {
    const bytes = parseIpAddress(value as string, property);
    if (family !== undefined && (bytes.length === 4) !== (family === 'ipv4'))
      throw mustBe(property, `an ${family === 'ipv4' ? 'IPv4' : 'IPv6'} address`, value);
  },
  write: (writer, type, value) => void writer.bytes(type, parseIpAddress(value)),
});

/** An address that goes into one attribute if it is IPv4 and into another if it is IPv6. */
export const eitherIpAddress = (attribute: number, attribute6: number): Field<string> => ({
  attribute,
  orAttribute: attribute6,
  read: (data) => data.ipAddress(),
  check: (property, value) => void parseIpAddress(value as string, property),
  write: (writer, _type, value) => {
    const bytes = parseIpAddress(value);
    writer.bytes(bytes.length === 4 ? attribute : attribute6, bytes);
  },
});

/** Text with a NUL at its end. */
export const text = (attribute: number): Field<string> => ({
  attribute,
  read: (data) => data.string(),
  check: checkText,
  write: (writer, type, value) => void writer.string(type, value),
});

export const hardwareAddress = (attribute: number): Field<string> => ({
  attribute,
  read: (data) => data.hardwareAddress(),
  check: (property, value) => void parseHardwareAddress(value as string, undefined, property),
  write: (writer, type, value) => void writer.bytes(type, parseHardwareAddress(value)),
});

/** A number that has names. A number without a name is read, and can be written, as it is. */
export function named<N extends string>(
  field: Field<number>,
  names: Readonly<Record<N, number>>,
): Field<N | number> & { readonly attribute: number } {
  const byNumber = new Map<number, N>();
  for (const name in names) byNumber.set(names[name], name);
  const numberOf = (value: N | number): number | undefined =>
    typeof value === 'number' ? value : Object.hasOwn(names, value) ? names[value] : undefined;
  return {
    attribute: field.attribute,
    read: (data) => {
      const number = field.read(data) ?? 0;
      return byNumber.get(number) ?? number;
    },
    check(property, value) {
      const number = typeof value === 'string' || typeof value === 'number' ? numberOf(value as N) : undefined;
      if (number === undefined) throw mustBe(property, `one of ${Object.keys(names).join(', ')}`, value);
      field.check?.(property, number);
    },
    write: (writer, type, value) => field.write?.(writer, type, numberOf(value) ?? 0),
  };
}

/** What the kernel tells and no program sets. */
export function readOnly<V>(field: Field<V>): Field<V> {
  return { attribute: field.attribute, read: field.read };
}
