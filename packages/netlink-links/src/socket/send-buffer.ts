import { MessageBytes } from '../message/message-bytes.js';
import type { Request } from '../operation/request.js';

/** The memory that a transport sends from: requests one behind the other, numbered. */
export class SendBuffer {
  #bytes = new MessageBytes(4096);

  /** Copies the requests and numbers them from `firstSequence` on; the answer is valid until the next call. */
  fill(requests: readonly Request<unknown>[], firstSequence: number): Uint8Array {
    let size = 0;
    for (const { message } of requests) size += (message.length + 3) & ~3;
    if (size > this.#bytes.capacity) this.#bytes = new MessageBytes(size * 2);
    const { u8, u32 } = this.#bytes;
    let at = 0;
    let sequence = firstSequence;
    for (const { message } of requests) {
      u8.set(message, at);
      u32[(at >> 2) + 2] = sequence;
      sequence = (sequence + 1) >>> 0;
      at += (message.length + 3) & ~3;
    }
    return u8.subarray(0, at);
  }
}
