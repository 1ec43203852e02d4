import { InvalidOptionError } from 'netns-core';
import type { MessageWriter } from './message-writer.js';

/** An attribute that this package does not know, as the kernel sent it. */
export interface UnknownAttribute {
  /** Its number in the kernel's header. */
  readonly attribute: number;
  readonly data: Uint8Array;
}

/** Writes attributes as they were read. @throws InvalidOptionError for what is not a list of them */
export function writeUnknown(writer: MessageWriter, unknown: readonly UnknownAttribute[]): void {
  for (const each of unknown) {
    const { attribute, data } = (each ?? {}) as Partial<UnknownAttribute>;
    if (!Number.isInteger(attribute) || attribute === undefined || attribute < 1 || !(data instanceof Uint8Array))
      throw new InvalidOptionError('unknown', 'unknown must be a list of { attribute, data }, as it was read');
    writer.bytes(attribute, data);
  }
}
