import { LITTLE_ENDIAN } from './endianness.js';

/**
 * An array of `struct mmsghdr` with one `struct iovec` each, for datagrams without addresses or control messages:
 *
 * ```c
 * struct mmsghdr {
 *   struct msghdr {
 *     void *msg_name; socklen_t msg_namelen;
 *     struct iovec *msg_iov; size_t msg_iovlen;
 *     void *msg_control; size_t msg_controllen;
 *     int msg_flags;
 *   } msg_hdr;
 *   unsigned int msg_len;
 * };
 * ```
 *
 * Holds the buffers, whose addresses it has written down: memory of typed arrays of this size never moves.
 */
export class MessageHeaders {
  /** The array, in memory order. */
  readonly bytes: Uint8Array;
  readonly #buffers: readonly Uint8Array[];
  readonly #view: DataView;
  readonly #size: number;
  readonly #lengthAt: number;

  /**
   * @param addressOf where the memory of a typed array is
   * @param wordSize of a pointer and of `size_t`, in bytes
   */
  constructor(buffers: readonly Uint8Array[], addressOf: (memory: Uint8Array) => bigint, wordSize: number) {
    // `msg_namelen` and `msg_flags` are padded to a word each.
    const header = 7 * wordSize;
    this.#size = header + wordSize;
    this.#lengthAt = header;
    this.#buffers = buffers;
    const vectors = buffers.length * this.#size;
    // An ArrayBuffer of its own: small typed arrays may live in V8's heap, where they move.
    const memory = new ArrayBuffer(vectors + buffers.length * 2 * wordSize);
    this.bytes = new Uint8Array(memory);
    this.#view = new DataView(memory);
    const word = (at: number, value: bigint): void => {
      if (wordSize === 8) this.#view.setBigUint64(at, value, LITTLE_ENDIAN);
      else this.#view.setUint32(at, Number(value), LITTLE_ENDIAN);
    };
    const base = addressOf(this.bytes);
    buffers.forEach((buffer, index) => {
      const at = index * this.#size;
      const vector = vectors + index * 2 * wordSize;
      word(at + 2 * wordSize, base + BigInt(vector));
      word(at + 3 * wordSize, 1n);
      word(vector, addressOf(buffer));
      word(vector + wordSize, BigInt(buffer.byteLength));
    });
  }

  /** Copies `msg_len` of the first `count` messages. */
  copyLengths(sizes: Uint32Array, count: number): void {
    for (let index = 0; index < Math.min(count, this.#buffers.length); index += 1)
      sizes[index] = this.#view.getUint32(index * this.#size + this.#lengthAt, LITTLE_ENDIAN);
  }
}
