import { SCM_RIGHTS, SOL_SOCKET } from './constants.js';
import { LITTLE_ENDIAN } from './endianness.js';
import type { MessageBuffers } from './message-header.js';

/** Of `size_t`, in bytes. */
const WORD_SIZE = process.arch === 'arm' || process.arch === 'ia32' ? 4 : 8;
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

/** The control message that sends a copy of file descriptors over a UNIX socket (`SCM_RIGHTS`, unix(7)). */
export function encodeDescriptors(fds: readonly number[]): Uint8Array {
  const length = HEADER_SIZE + fds.length * 4;
  // An ArrayBuffer of its own: small typed arrays may live in V8's heap, where they move.
  const view = new DataView(new ArrayBuffer(Math.ceil(length / WORD_SIZE) * WORD_SIZE));
  if (WORD_SIZE === 8) view.setBigUint64(0, BigInt(length), LITTLE_ENDIAN);
  else view.setUint32(0, length, LITTLE_ENDIAN);
  view.setInt32(WORD_SIZE, SOL_SOCKET, LITTLE_ENDIAN);
  view.setInt32(WORD_SIZE + 4, SCM_RIGHTS, LITTLE_ENDIAN);
  fds.forEach((fd, index) => {
    view.setInt32(HEADER_SIZE + index * 4, fd, LITTLE_ENDIAN);
  });
  return new Uint8Array(view.buffer);
}

/** The file descriptors that came with a message. They are open, and belong to the caller. */
export function receivedDescriptors(buffers: MessageBuffers): number[] {
  const fds: number[] = [];
  for (const { level, type, data } of controlMessages(buffers))
    if (level === SOL_SOCKET && type === SCM_RIGHTS)
      for (let at = 0; at + 4 <= data.byteLength; at += 4) fds.push(data.getInt32(at, LITTLE_ENDIAN));
  return fds;
}
