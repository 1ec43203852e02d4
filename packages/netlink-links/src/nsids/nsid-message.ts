import { MessageWriter } from '../codec/message-writer.js';

/** Size of `struct rtgenmsg` (the family, one byte) with its padding. */
export const RTGENMSG_SIZE = 4;

/** Begins a message about the identifiers of namespaces. */
export function nsidMessage(type: number, flags: number): MessageWriter {
  return new MessageWriter(type, flags).header(RTGENMSG_SIZE, () => {});
}
