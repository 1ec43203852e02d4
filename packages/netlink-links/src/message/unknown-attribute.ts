import { InvalidOptionError } from 'netns-core';
import { NLA_F_NESTED, NLA_TYPE_MASK, NLMSG_HDRLEN } from '../uapi/netlink.js';
import { AttributeReader } from './attribute-reader.js';
import { MessageBytes } from './message-bytes.js';
import { MessageWriter } from './message-writer.js';

/** An attribute that this package does not know, as the kernel sent it. */
export interface UnknownAttribute {
  /** Its number in the kernel's header. */
  readonly attribute: number;
  readonly data: Uint8Array;
  /** The kernel marked it as one that holds attributes (`NLA_F_NESTED`); it refuses some without the mark. */
  readonly nested?: boolean;
  /**
   * It is known, but not all that is in it. It is written in the place of what the properties say as long as that is a part
   * of it; once they say something else, they count alone.
   */
  readonly partlyKnown?: boolean;
}

/** An object that keeps attributes that this package does not know. */
export interface WithUnknown {
  readonly unknown?: readonly UnknownAttribute[] | undefined;
}

/** Keeps the attribute on which the reader stands. */
export function keepUnknown({ bytes, start, length, type }: AttributeReader, into: KeptUnknown): void {
  // Number 0 is that of no attribute.
  if (type !== 0) into.unknown = addUnknown(into.unknown, bytes, start, length);
}

/** Where attributes that are not known are kept. */
export interface KeptUnknown {
  unknown?: readonly UnknownAttribute[] | undefined;
}

/**
 * Reads what an attribute holds. Where something in it is not known, it is kept as a whole, beside what is understood of it.
 *
 * @param holder stands on the attribute
 * @param read reads what is inside, and calls `notKnown` on what it does not know
 */
export function readInside(
  holder: AttributeReader,
  into: KeptUnknown,
  read: (inner: AttributeReader, notKnown: () => void) => void,
): void {
  const inner = holder.nested();
  let isKnown = true;
  read(inner, () => {
    // Number 0 is that of no attribute.
    if (inner.type !== 0) isKnown = false;
  });
  if (isKnown) return;
  const { bytes, start, length } = holder;
  into.unknown = addUnknown(into.unknown, bytes, start, length, true);
}

/** Adds an attribute, whose value is at an offset, to those that are kept. */
export function addUnknown(
  unknown: readonly UnknownAttribute[] | undefined,
  { u8, u16 }: MessageBytes,
  value: number,
  length: number,
  partlyKnown = false,
): UnknownAttribute[] {
  const type = u16[(value >> 1) - 1] ?? 0;
  const attribute: UnknownAttribute = {
    attribute: type & NLA_TYPE_MASK,
    data: u8.slice(value, value + length),
    ...((type & NLA_F_NESTED) !== 0 && { nested: true }),
    ...(partlyKnown && { partlyKnown }),
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
      const { attribute, data, nested, partlyKnown } = each ?? {};
      return (
        Number.isInteger(attribute) &&
        Number(attribute) >= 1 &&
        Number(attribute) <= NLA_TYPE_MASK &&
        data instanceof Uint8Array &&
        (nested === undefined || typeof nested === 'boolean') &&
        (partlyKnown === undefined || typeof partlyKnown === 'boolean')
      );
    });
  if (!fits)
    throw new InvalidOptionError(property, `${property} must be a list of { attribute, data }, as it was read`);
}

/** Writes attributes as they were read, behind all others of the object. They have been checked. */
export function writeUnknown(writer: MessageWriter, unknown: readonly UnknownAttribute[]): void {
  for (const { attribute, data, nested, partlyKnown } of unknown) {
    if (partlyKnown === true) {
      // Of two attributes with one number the kernel takes the last.
      const said = writer.written(attribute);
      if (said !== undefined && !isPartOf(said, data)) continue;
    }
    writer.bytes(nested === true ? attribute | NLA_F_NESTED : attribute, data);
  }
}

/** Whether all that an attribute says is said by another one, too, in the same order. */
function isPartOf(part: Uint8Array, whole: Uint8Array): boolean {
  if (Buffer.compare(part, whole) === 0) return true;
  const inPart = attributesIn(part);
  const inWhole = attributesIn(whole);
  if (inPart === undefined || inWhole === undefined) return false;
  let at = 0;
  return inPart.every(({ type, value }) => {
    while (at < inWhole.length) {
      const other = inWhole[at];
      at += 1;
      if (other?.type === type && isPartOf(value, other.value)) return true;
    }
    return false;
  });
}

/** The attributes that a value consists of; `undefined` for one that does not. */
function attributesIn(data: Uint8Array): { readonly type: number; readonly value: Uint8Array }[] | undefined {
  const bytes = MessageBytes.from(data);
  const attributes = new AttributeReader(bytes, 0, data.length);
  const found: { type: number; value: Uint8Array }[] = [];
  while (attributes.next()) found.push({ type: attributes.type, value: attributes.copy() });
  return bytes.error === undefined && found.length > 0 ? found : undefined;
}

/** The bytes of attributes as they were read: what holds them is kept with only these in it. */
export function unknownBytes(unknown: readonly UnknownAttribute[]): Uint8Array {
  const writer = new MessageWriter(0, 0);
  writeUnknown(writer, unknown);
  return writer.finish().subarray(NLMSG_HDRLEN);
}
