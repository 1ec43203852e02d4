import { LITTLE_ENDIAN } from './endianness.js';

/** What `recvmsg(2)` fills: what was received, from whom, and what the kernel says about it. */
export interface MessageBuffers {
  readonly data: Uint8Array;
  /** A `struct sockaddr_*`. */
  readonly name: Uint8Array;
  /** Control messages, see {@link controlMessages}. */
  readonly control: Uint8Array;
  /** How many bytes of `name` were filled. */
  nameLength: number;
  /** How many bytes of `control` were filled. */
  controlLength: number;
  /** `MSG_TRUNC`, `MSG_CTRUNC`, … */
  flags: number;
}

/** Buffers for messages up to a size, in bytes. */
export function messageBuffers(size: number): MessageBuffers {
  return {
    // ArrayBuffers of their own: small typed arrays may live in V8's heap, where they move.
    data: new Uint8Array(new ArrayBuffer(size)),
    name: new Uint8Array(new ArrayBuffer(128)),
    control: new Uint8Array(new ArrayBuffer(512)),
    nameLength: 0,
    controlLength: 0,
    flags: 0,
  };
}

/**
 * A `struct msghdr` for some buffers, whose addresses it holds:
 *
 * ```c
 * struct msghdr {
 *   void *msg_name; socklen_t msg_namelen;
 *   struct iovec *msg_iov; size_t msg_iovlen;
 *   void *msg_control; size_t msg_controllen;
 *   int msg_flags;
 * };
 * ```
 */
export class MessageHeader {
  /** The structure, in memory order. */
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #buffers: MessageBuffers;
  readonly #wordSize: number;

  /**
   * @param addressOf where the memory of a typed array is
   * @param wordSize of a pointer and of `size_t`, in bytes
   */
  constructor(buffers: MessageBuffers, addressOf: (memory: Uint8Array) => bigint, wordSize: number) {
    this.#buffers = buffers;
    this.#wordSize = wordSize;
    const memory = new ArrayBuffer(9 * wordSize);
    this.bytes = new Uint8Array(memory);
    this.#view = new DataView(memory);
    this.#word(0, addressOf(buffers.name));
    this.#word(2, addressOf(this.bytes) + BigInt(7 * wordSize));
    this.#word(3, 1n);
    this.#word(4, addressOf(buffers.control));
    this.#word(7, addressOf(buffers.data));
    this.#word(8, BigInt(buffers.data.byteLength));
  }

  /** Says how large the buffers are: the kernel puts there how much it has filled. */
  prepare(): void {
    const { name, control } = this.#buffers;
    this.#view.setUint32(this.#wordSize, name.byteLength, LITTLE_ENDIAN);
    this.#word(5, BigInt(control.byteLength));
    this.#view.setInt32(6 * this.#wordSize, 0, LITTLE_ENDIAN);
  }

  /** Copies to the buffers how much of them was filled. */
  complete(): void {
    const buffers = this.#buffers;
    buffers.nameLength = this.#view.getUint32(this.#wordSize, LITTLE_ENDIAN);
    const at = 5 * this.#wordSize;
    buffers.controlLength =
      this.#wordSize === 8
        ? Number(this.#view.getBigUint64(at, LITTLE_ENDIAN))
        : this.#view.getUint32(at, LITTLE_ENDIAN);
    buffers.flags = this.#view.getInt32(6 * this.#wordSize, LITTLE_ENDIAN);
  }

  #word(index: number, value: bigint): void {
    const at = index * this.#wordSize;
    if (this.#wordSize === 8) this.#view.setBigUint64(at, value, LITTLE_ENDIAN);
    else this.#view.setUint32(at, Number(value), LITTLE_ENDIAN);
  }
}
