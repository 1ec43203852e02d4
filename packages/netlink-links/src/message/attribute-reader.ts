import { NLA_HDRLEN, NLA_TYPE_MASK } from '../uapi/netlink.js';
import { LITTLE_ENDIAN } from './endianness.js';
import { formatHardwareAddress } from './hardware-address.js';
import { formatAddressBytes, formatIpv4Word, formatIpv6 } from './ip-address.js';
import type { MessageBytes } from './message-bytes.js';
import { readShortText } from './short-text.js';

/**
 * Walks over a series of netlink attributes.
 *
 * ```ts
 * const attributes = new AttributeReader(bytes, start, end);
 * while (attributes.next())
 *   switch (attributes.type) {
 *     case IFLA_MTU:
 *       mtu = attributes.u32();
 *   }
 * ```
 *
 * It cannot be misused: it never reads beyond the attribute it stands on, it always ends, and what is malformed
 * (an attribute longer than the room left, a value shorter than its type) is noted in `bytes.error` while reading
 * goes on with zeros and empty strings. Longer values than asked for are fine, as newer kernels send them.
 */
export class AttributeReader {
  readonly bytes: MessageBytes;
  /** Type of the attribute that the reader stands on, flags removed. */
  type = 0;
  /** Offset of its value. */
  start = 0;
  /** Offset behind its value. */
  end = 0;
  #next: number;
  readonly #limit: number;

  /**
   * @param start offset of the first attribute; a multiple of four
   * @param end offset behind the last one
   */
  constructor(bytes: MessageBytes, start: number, end: number) {
    this.bytes = bytes;
    this.#next = start;
    this.#limit = Math.min(end, bytes.u8.byteLength);
  }

  /** Moves to the next attribute; `false` when there is none. */
  next(): boolean {
    const at = this.#next;
    const left = this.#limit - at;
    if (left < NLA_HDRLEN) {
      // Up to three bytes of padding may follow the last attribute; anything else is a torn one.
      if (left > 0 && this.bytes.u8[at] !== 0) this.bytes.fail(`${left} stray bytes after the last attribute`);
      return false;
    }
    const { u16 } = this.bytes;
    const length = u16[at >> 1] ?? 0;
    if (length < NLA_HDRLEN || length > left) {
      this.#next = this.#limit;
      this.bytes.fail(`an attribute claims ${length} bytes where ${left} are left`);
      return false;
    }
    this.type = (u16[(at >> 1) + 1] ?? 0) & NLA_TYPE_MASK;
    this.start = at + NLA_HDRLEN;
    this.end = at + length;
    this.#next = at + ((length + 3) & ~3);
    return true;
  }

  /** Length of the value in bytes. */
  get length(): number {
    return this.end - this.start;
  }

  #short(needed: number): void {
    this.bytes.fail(`attribute ${this.type} has ${this.end - this.start} bytes where ${needed} are needed`);
  }

  u8(): number {
    if (this.end - this.start >= 1) return this.bytes.u8[this.start] ?? 0;
    this.#short(1);
    return 0;
  }

  u16(): number {
    if (this.end - this.start >= 2) return this.bytes.u16[this.start >> 1] ?? 0;
    this.#short(2);
    return 0;
  }

  u32(): number {
    if (this.end - this.start >= 4) return this.bytes.u32[this.start >> 2] ?? 0;
    this.#short(4);
    return 0;
  }

  i32(): number {
    if (this.end - this.start >= 4) return this.bytes.i32[this.start >> 2] ?? 0;
    this.#short(4);
    return 0;
  }

  /** A 64-bit counter. */
  u64(): bigint {
    return this.u64At(0);
  }

  /** 16 bits in network byte order, as ports are. */
  u16be(): number {
    return this.u16beAt(0);
  }

  /** 32 bits in network byte order. */
  u32be(): number {
    return this.u32beAt(0);
  }

  /** 64 bits in network byte order. */
  u64be(): bigint {
    if (this.end - this.start >= 8) return this.bytes.view.getBigUint64(this.start, false);
    this.#short(8);
    return 0n;
  }

  // The same within a value that is a C structure; `offset` counts from the start of the value.

  u8At(offset: number): number {
    if (offset + 1 <= this.end - this.start) return this.bytes.u8[this.start + offset] ?? 0;
    this.#short(offset + 1);
    return 0;
  }

  u16At(offset: number): number {
    if (offset + 2 <= this.end - this.start) return this.bytes.view.getUint16(this.start + offset, LITTLE_ENDIAN);
    this.#short(offset + 2);
    return 0;
  }

  u32At(offset: number): number {
    if (offset + 4 <= this.end - this.start) {
      const at = this.start + offset;
      return (at & 3) === 0 ? (this.bytes.u32[at >> 2] ?? 0) : this.bytes.view.getUint32(at, LITTLE_ENDIAN);
    }
    this.#short(offset + 4);
    return 0;
  }

  u64At(offset: number): bigint {
    if (offset + 8 <= this.end - this.start) {
      const at = this.start + offset;
      const { u32, view } = this.bytes;
      // Most counters are zero, and each bigint that is made is an object.
      const isZero = (at & 3) === 0 && u32[at >> 2] === 0 && u32[(at >> 2) + 1] === 0;
      return isZero ? 0n : view.getBigUint64(at, LITTLE_ENDIAN);
    }
    this.#short(offset + 8);
    return 0n;
  }

  u16beAt(offset: number): number {
    if (offset + 2 <= this.end - this.start) return this.bytes.view.getUint16(this.start + offset, false);
    this.#short(offset + 2);
    return 0;
  }

  u32beAt(offset: number): number {
    if (offset + 4 <= this.end - this.start) return this.bytes.view.getUint32(this.start + offset, false);
    this.#short(offset + 4);
    return 0;
  }

  /** Text up to the first NUL, or to the end of the value. */
  string(): string {
    const short = readShortText(this.bytes, this.start, this.end);
    if (short !== undefined) return short;
    const value = this.bytes.u8.subarray(this.start, this.end);
    const end = value.indexOf(0);
    return decoder.decode(end < 0 ? value : value.subarray(0, end));
  }

  /** A copy of the value: it stays what it is when the memory is used for the next message. */
  copy(): Uint8Array {
    return this.bytes.u8.slice(this.start, this.end);
  }

  /** A copy of everything that follows, from the next attribute's header on. */
  rest(): Uint8Array {
    const from = this.#next;
    this.#next = this.#limit;
    return this.bytes.u8.slice(from, this.#limit);
  }

  /** The value as attributes. */
  nested(): AttributeReader {
    return new AttributeReader(this.bytes, this.start, this.end);
  }

  /** A reader that stands on the same attribute, and stays there when this one goes on. */
  standing(): AttributeReader {
    const reader = new AttributeReader(this.bytes, this.start - NLA_HDRLEN, this.end);
    reader.next();
    return reader;
  }

  /** An IPv4 address of four bytes or an IPv6 address of sixteen; any other length is noted as an error. */
  ipAddress(): string {
    const length = this.end - this.start;
    if (length === 4) return formatIpv4Word(this.bytes, this.start);
    if (length === 16) return formatIpv6(this.bytes, this.start);
    this.bytes.fail(`attribute ${this.type} has ${length} bytes, which is not an IP address`);
    return '';
  }

  /** A link layer address: `'02:00:00:00:00:01'` of six bytes, an IP address where a tunnel has one (4 or 16). */
  hardwareAddress(): string {
    const length = this.end - this.start;
    if (length === 4 || length === 16) return formatAddressBytes(this.bytes, this.start, length);
    return formatHardwareAddress(this.bytes.u8, this.start, this.end);
  }
}

const decoder = new TextDecoder();
