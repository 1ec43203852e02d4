import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { NLA_F_NESTED, NLA_HDRLEN, NLA_TYPE_MASK, NLM_F_REQUEST, NLMSG_HDRLEN } from '../uapi/netlink.js';
import { LITTLE_ENDIAN } from './endianness.js';

/** Memory that a message is put together in. All zero but for what the message has. */
interface Scratch {
  readonly u8: Uint8Array;
  readonly view: DataView;
}

/**
 * Memory of messages that are finished, for the next ones: a batch makes thousands of messages, each a hundredth of the
 * time that its memory would take. One whose message was given up is not here, for it has some of that in it.
 */
const spare: Scratch[] = [];
const FIRST_SIZE = 512;
/** More than this is given back to the process, and so are more than a few. */
const MAX_SPARE_BYTES = 16 * 1024;
const MAX_SPARE_COUNT = 4;

function scratch(size: number): Scratch {
  const u8 = new Uint8Array(size);
  return { u8, view: new DataView(u8.buffer) };
}

/** The attribute's length is a 16-bit number. */
const LONGEST_ATTRIBUTE = 0xffff;

/**
 * Builds one netlink message: `struct nlmsghdr`, a fixed header, attributes.
 *
 * ```ts
 * const message = new MessageWriter(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE);
 * message.header(IFADDRMSG_SIZE, (view, at) => view.setUint8(at, AF_INET));
 * message.bytes(IFA_LOCAL, address);
 * message.finish();
 * ```
 *
 * Like the reader it remembers the first error and does nothing from then on; `finish` throws it. Values that do not
 * fit their attribute are such errors: nothing is ever sent truncated. Sequence number and port id are left zero,
 * the transport fills them in.
 */
export class MessageWriter {
  #u8: Uint8Array;
  #view: DataView;
  #length = NLMSG_HDRLEN;
  /** Where the attributes begin that stand beside the next one. */
  #level = NLMSG_HDRLEN;
  #error: Error | undefined;
  #property: string | undefined;

  /** @param flags `NLM_F_REQUEST` is added */
  constructor(type: number, flags: number) {
    const { u8, view } = spare.pop() ?? scratch(FIRST_SIZE);
    this.#u8 = u8;
    this.#view = view;
    view.setUint16(4, type, LITTLE_ENDIAN);
    view.setUint16(6, flags | NLM_F_REQUEST, LITTLE_ENDIAN);
  }

  /** Notes that what is being built cannot be sent, unless something was wrong before. */
  fail(reason: string): void {
    this.#error ??= new InvalidOptionError(this.#property ?? '', reason);
  }

  /** Says which property the next values are of, for what is wrong with them. */
  about(property: string | undefined): this {
    this.#property = property;
    return this;
  }

  /** What is written, as an error calls it. */
  #subject(type: number): string {
    return this.#property ?? `attribute ${type}`;
  }

  /** Makes room for `size` zero bytes at the end and returns their offset. */
  #reserve(size: number): number {
    const at = this.#length;
    const end = at + ((size + 3) & ~3);
    if (end > this.#u8.length) {
      const larger = scratch(Math.max(end, this.#u8.length * 2));
      larger.u8.set(this.#u8.subarray(0, at));
      this.#u8 = larger.u8;
      this.#view = larger.view;
    }
    this.#length = end;
    return at;
  }

  /** Appends a fixed structure of `size` bytes, zero but for what `fill` writes from offset `at` on. */
  header(size: number, fill: (view: DataView, at: number) => void): this {
    const at = this.#reserve(size);
    this.#level = this.#length;
    fill(this.#view, at);
    return this;
  }

  /** A copy of the last attribute of a number beside which the next one will stand; `undefined` if there is none yet. */
  written(type: number): Uint8Array | undefined {
    let found: Uint8Array | undefined;
    for (let at = this.#level; at < this.#length; ) {
      const size = this.#view.getUint16(at, LITTLE_ENDIAN);
      if (size < NLA_HDRLEN) return undefined;
      if ((this.#view.getUint16(at + 2, LITTLE_ENDIAN) & NLA_TYPE_MASK) === type)
        found = this.#u8.slice(at + NLA_HDRLEN, at + size);
      at += (size + 3) & ~3;
    }
    return found;
  }

  /** Appends an attribute's header and room for its value; returns the value's offset, -1 after an error. */
  #attribute(type: number, size: number): number {
    if (this.#error !== undefined) return -1;
    if (NLA_HDRLEN + size > LONGEST_ATTRIBUTE) {
      this.fail(`${this.#subject(type)} has ${size} bytes, more than netlink can carry`);
      return -1;
    }
    const at = this.#reserve(NLA_HDRLEN + size);
    this.#view.setUint16(at, NLA_HDRLEN + size, LITTLE_ENDIAN);
    this.#view.setUint16(at + 2, type, LITTLE_ENDIAN);
    return at + NLA_HDRLEN;
  }

  #fits(type: number, value: number, least: number, most: number): boolean {
    if (Number.isInteger(value) && value >= least && value <= most) return true;
    this.fail(`${this.#subject(type)} must be an integer from ${least} to ${most}, got ${shown(value)}`);
    return false;
  }

  #fits64(type: number, value: bigint): boolean {
    if (typeof value === 'bigint' && value >= 0n && value <= 0xffffffffffffffffn) return true;
    this.fail(`${this.#subject(type)} must be a bigint from 0n to ${0xffffffffffffffffn}n, got ${shown(value)}`);
    return false;
  }

  u8(type: number, value: number): this {
    if (!this.#fits(type, value, 0, 0xff)) return this;
    const at = this.#attribute(type, 1);
    if (at >= 0) this.#view.setUint8(at, value);
    return this;
  }

  u16(type: number, value: number): this {
    if (!this.#fits(type, value, 0, 0xffff)) return this;
    const at = this.#attribute(type, 2);
    if (at >= 0) this.#view.setUint16(at, value, LITTLE_ENDIAN);
    return this;
  }

  u32(type: number, value: number): this {
    if (!this.#fits(type, value, 0, 0xffffffff)) return this;
    const at = this.#attribute(type, 4);
    if (at >= 0) this.#view.setUint32(at, value, LITTLE_ENDIAN);
    return this;
  }

  i32(type: number, value: number): this {
    if (!this.#fits(type, value, -0x80000000, 0x7fffffff)) return this;
    const at = this.#attribute(type, 4);
    if (at >= 0) this.#view.setInt32(at, value, LITTLE_ENDIAN);
    return this;
  }

  u64(type: number, value: bigint): this {
    if (!this.#fits64(type, value)) return this;
    const at = this.#attribute(type, 8);
    if (at >= 0) this.#view.setBigUint64(at, value, LITTLE_ENDIAN);
    return this;
  }

  /** 16 bits in network byte order. */
  u16be(type: number, value: number): this {
    if (!this.#fits(type, value, 0, 0xffff)) return this;
    const at = this.#attribute(type, 2);
    if (at >= 0) this.#view.setUint16(at, value, false);
    return this;
  }

  /** 32 bits in network byte order. */
  u32be(type: number, value: number): this {
    if (!this.#fits(type, value, 0, 0xffffffff)) return this;
    const at = this.#attribute(type, 4);
    if (at >= 0) this.#view.setUint32(at, value, false);
    return this;
  }

  /** 64 bits in network byte order. */
  u64be(type: number, value: bigint): this {
    if (!this.#fits64(type, value)) return this;
    const at = this.#attribute(type, 8);
    if (at >= 0) this.#view.setBigUint64(at, value, false);
    return this;
  }

  /** Text with a NUL at its end. */
  string(type: number, value: string): this {
    return this.#text(type, value, 1);
  }

  /** Text without a NUL at its end, as iproute2 sends a link's kind. */
  bareString(type: number, value: string): this {
    return this.#text(type, value, 0);
  }

  #text(type: number, value: string, terminator: 0 | 1): this {
    if (typeof value !== 'string' || value.includes('\0')) {
      this.fail(`${this.#subject(type)} must be a string without NUL characters, got ${shown(value)}`);
      return this;
    }
    if (isAscii(value)) {
      const at = this.#attribute(type, value.length + terminator);
      if (at >= 0) for (let index = 0; index < value.length; index += 1) this.#u8[at + index] = value.charCodeAt(index);
      return this;
    }
    const text = encoder.encode(value);
    const at = this.#attribute(type, text.length + terminator);
    if (at >= 0) this.#u8.set(text, at);
    return this;
  }

  bytes(type: number, value: Uint8Array): this {
    const at = this.#attribute(type, value.length);
    if (at >= 0) this.#u8.set(value, at);
    return this;
  }

  /** A C structure of `size` bytes, zero but for what `fill` writes from offset `at` on. */
  struct(type: number, size: number, fill: (view: DataView, at: number) => void): this {
    const at = this.#attribute(type, size);
    if (at >= 0) fill(this.#view, at);
    return this;
  }

  /** Attributes that are bytes already. */
  raw(attributes: Uint8Array): this {
    if (this.#error !== undefined) return this;
    const at = this.#reserve(attributes.length);
    this.#u8.set(attributes, at);
    return this;
  }

  /** An attribute without a value. */
  flag(type: number): this {
    this.#attribute(type, 0);
    return this;
  }

  /**
   * Attributes inside an attribute.
   *
   * @param flagged whether to mark it with `NLA_F_NESTED`; iproute2 marks some and leaves out others, the kernel
   * takes both in most places and insists in a few newer ones
   * @param evenIfEmpty whether it stays when nothing was put in
   */
  nest(type: number, fill: (writer: this) => void, flagged = false, evenIfEmpty = true): this {
    const at = this.#attribute(flagged ? type | NLA_F_NESTED : type, 0);
    if (at < 0) return this;
    const outer = this.#level;
    this.#level = at;
    fill(this);
    this.#level = outer;
    const length = this.#length - at + NLA_HDRLEN;
    if (length === NLA_HDRLEN && !evenIfEmpty) {
      this.#length = at - NLA_HDRLEN;
      this.#u8.fill(0, at - NLA_HDRLEN, at);
      return this;
    }
    if (length > LONGEST_ATTRIBUTE)
      this.fail(`${this.#subject(type)} would have ${length} bytes, more than netlink can carry`);
    else this.#view.setUint16(at - NLA_HDRLEN, length, LITTLE_ENDIAN);
    return this;
  }

  /**
   * The finished message. Nothing can be written behind it.
   *
   * @throws NetnsError `ERR_INVALID_ARGUMENT` with the first thing that went wrong
   */
  finish(): Uint8Array {
    if (this.#error !== undefined) throw this.#error;
    this.#view.setUint32(0, this.#length, LITTLE_ENDIAN);
    const message = this.#u8.slice(0, this.#length);
    if (spare.length < MAX_SPARE_COUNT && this.#u8.length <= MAX_SPARE_BYTES) {
      this.#u8.fill(0, 0, this.#length);
      spare.push({ u8: this.#u8, view: this.#view });
    }
    this.#u8 = FINISHED.u8;
    this.#view = FINISHED.view;
    return message;
  }
}

/** Names of kinds and links mostly are: the encoder takes ten times as long for them. */
function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}

/** Has room for nothing. */
const FINISHED = scratch(0);
const encoder = new TextEncoder();
