import { InvalidOptionError } from 'netns-core';
import { NLA_F_NESTED, NLA_TYPE_MASK, NLMSG_HDRLEN } from '../uapi/netlink.js';
import type { AttributeReader } from './attribute-reader.js';
import type { MessageBytes } from './message-bytes.js';
import { MessageWriter } from './message-writer.js';

/** An attribute that this package does not know, as the kernel sent it. */
export interface UnknownAttribute {
  /** Its number in the kernel's header. */
  readonly attribute: number;
  readonly data: Uint8Array;
  /** The kernel marked it as one that holds attributes (`NLA_F_NESTED`); it refuses some without the mark. */
  readonly nested?: boolean;
}

/** An object that keeps attributes that this package does not know. */
export interface WithUnknown {
  readonly unknown?: readonly UnknownAttribute[] | undefined;
}

/** Keeps the attribute on which the reader stands. */
export function keepUnknown(
  { bytes, start, length, type }: AttributeReader,
  into: { unknown?: readonly UnknownAttribute[] | undefined },
): void {
  // Number 0 is that of no attribute.
  if (type !== 0) into.unknown = addUnknown(into.unknown, bytes, start, length);
}

/** Adds an attribute, whose value is at an offset, to those that are kept. */
export function addUnknown(
  unknown: readonly UnknownAttribute[] | undefined,
  { u8, u16 }: MessageBytes,
  value: number,
  length: number,
): UnknownAttribute[] {
  const type = u16[(value >> 1) - 1] ?? 0;
  const attribute: UnknownAttribute = {
    attribute: type & NLA_TYPE_MASK,
    data: u8.slice(value, value + length),
    ...((type & NLA_F_NESTED) !== 0 && { nested: true }),
  };
  return unknown === undefined ? [attribute] : [...unknown, attribute];
}

/** Checks attributes that are to be written as they were read; `undefined` passes. @throws InvalidOptionError */
export function checkUnknown(unknown: unknown, property = 'unknown'): void {
  if (unknown === undefined) return;
  const fits =
    Array.isArray(unknown) &&
    !unknown.includes(undefined) &&
    unknown.every((each: Partial<UnknownAttribute> | null | undefined) => {
      const { attribute, data, nested } = each ?? {};
      return (
        Number.isInteger(attribute) &&
        Number(attribute) >= 1 &&
        Number(attribute) <= NLA_TYPE_MASK &&
        data instanceof Uint8Array &&
        (nested === undefined || typeof nested === 'boolean')
      );
    });
  if (!fits)
    throw new InvalidOptionError(property, `${property} must be a list of { attribute, data }, as it was read`);
}

/** Writes attributes as they were read. They have been checked. */
export function writeUnknown(writer: MessageWriter, unknown: readonly UnknownAttribute[]): void {
  for (const { attribute, data, nested } of unknown)
    writer.bytes(nested === true ? attribute | NLA_F_NESTED : attribute, data);
}

/** The bytes of attributes as they were read: what holds them is kept with only these in it. */
export function unknownBytes(unknown: readonly UnknownAttribute[]): Uint8Array {
  const writer = new MessageWriter(0, 0);
  writeUnknown(writer, unknown);
  return writer.finish().subarray(NLMSG_HDRLEN);
}
