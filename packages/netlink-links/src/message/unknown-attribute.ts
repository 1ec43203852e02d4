import { InvalidOptionError } from 'netns-core';
import { NLA_TYPE_MASK } from '../uapi/netlink.js';
import type { MessageWriter } from './message-writer.js';

/** An attribute that this package does not know, as the kernel sent it. */
export interface UnknownAttribute {
  /** Its number in the kernel's header. */
  readonly attribute: number;
  readonly data: Uint8Array;
}

/** Checks attributes that are to be written as they were read; `undefined` passes. @throws InvalidOptionError */
export function checkUnknown(unknown: unknown): void {
  if (unknown === undefined) return;
  const fits =
    Array.isArray(unknown) &&
    !unknown.includes(undefined) &&
    unknown.every((each: Partial<UnknownAttribute> | null | undefined) => {
      const { attribute, data } = each ?? {};
      return (
        Number.isInteger(attribute) &&
        Number(attribute) >= 1 &&
        Number(attribute) <= NLA_TYPE_MASK &&
        data instanceof Uint8Array
      );
    });
  if (!fits) throw new InvalidOptionError('unknown', 'unknown must be a list of { attribute, data }, as it was read');
}

/** Writes attributes as they were read. They have been checked. */
export function writeUnknown(writer: MessageWriter, unknown: readonly UnknownAttribute[]): void {
  for (const { attribute, data } of unknown) writer.bytes(attribute, data);
}
