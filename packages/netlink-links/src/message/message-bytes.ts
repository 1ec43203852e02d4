/**
 * Memory that holds netlink messages, seen as bytes, 16-bit and 32-bit words at once.
 *
 * Messages and attributes start at multiples of four, so words are read as the machine has them, without asking for
 * an endianness: that is right on every machine and the fastest way to read. `error` is the first thing that was
 * found wrong with what is read; readers note it here and go on with zeros, so that no decoder needs to check.
 */
export class MessageBytes {
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly view: DataView;
  /** The first thing found wrong; `undefined` as long as all is well. */
  error: string | undefined;

  /** @param capacity in bytes; rounded up to a multiple of eight */
  constructor(capacity: number) {
    const buffer = new ArrayBuffer((capacity + 7) & ~7);
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.view = new DataView(buffer);
    this.error = undefined;
  }

  /** A copy of bytes that come from elsewhere and may start at any address. */
  static from(data: Uint8Array): MessageBytes {
    const bytes = new MessageBytes(data.byteLength);
    bytes.u8.set(data);
    return bytes;
  }

  get capacity(): number {
    return this.u8.byteLength;
  }

  /** Notes that something is wrong, unless something was before. */
  fail(reason: string): void {
    this.error ??= reason;
  }

  /** Gives the first thing found wrong, and forgets it. */
  takeError(): string | undefined {
    const { error } = this;
    this.error = undefined;
    return error;
  }
}
