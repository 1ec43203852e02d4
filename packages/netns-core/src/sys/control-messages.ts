import { arch } from 'node:process';
import { LITTLE_ENDIAN } from './endianness.js';
import type { MessageBuffers } from './message-header.js';

/** Of `size_t`, in bytes. */
const WORD_SIZE = arch === 'arm' || arch === 'ia32' ? 4 : 8;
/** `struct cmsghdr`: a `size_t` and two integers, which is a multiple of its alignment on all architectures. */
const HEADER_SIZE = WORD_SIZE + 8;

/** One control message (`cmsg(3)`). */
export interface ControlMessage {
  readonly level: number;
  readonly type: number;
  readonly data: DataView;
}

/** The control messages that came with a message. What is cut off is left out. */
export function controlMessages({ control, controlLength }: MessageBuffers): ControlMessage[] {
  const messages: ControlMessage[] = [];
  const view = new DataView(control.buffer, control.byteOffset, Math.min(control.byteLength, controlLength));
  for (let at = 0; at + HEADER_SIZE <= view.byteLength; ) {
    const length = WORD_SIZE === 8 ? Number(view.getBigUint64(at, LITTLE_ENDIAN)) : view.getUint32(at, LITTLE_ENDIAN);
    if (length < HEADER_SIZE || at + length > view.byteLength) break;
    messages.push({
      level: view.getInt32(at + WORD_SIZE, LITTLE_ENDIAN),
      type: view.getInt32(at + WORD_SIZE + 4, LITTLE_ENDIAN),
      data: new DataView(control.buffer, control.byteOffset + at + HEADER_SIZE, length - HEADER_SIZE),
    });
    at += Math.ceil(length / WORD_SIZE) * WORD_SIZE;
  }
  return messages;
}
