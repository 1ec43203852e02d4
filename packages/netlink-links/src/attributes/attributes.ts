import { InvalidOptionError, NetnsError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { LITTLE_ENDIAN } from '../message/endianness.js';
import { NLA_F_NESTED, NLA_HDRLEN, NLA_TYPE_MASK } from '../uapi/netlink.js';
import type { AttributeSpec } from './attribute-spec.js';

function malformed(reason: string): NetnsError {
  return new NetnsError(`malformed netlink attributes: ${reason}`, { code: 'ERR_NETLINK_MALFORMED' });
}

const decoder = new TextDecoder();

/**
 * The attributes of a message, or of an attribute, by their numbers. Where a number occurs several times its getters
 * take the last one, as the kernel does; the iterator gives all, in their order.
 *
 * What is absent is `undefined`. A value of another length than the getter's throws a NetnsError
 * `ERR_NETLINK_MALFORMED`; nothing is ever read beyond an attribute.
 */
export class Attributes implements Iterable<AttributeSpec> {
  readonly #list: readonly AttributeSpec[];

  private constructor(list: readonly AttributeSpec[]) {
    this.#list = list;
  }

  /**
   * Takes bytes apart. The values share their memory.
   *
   * @throws NetnsError `ERR_NETLINK_MALFORMED` where a length does not fit
   */
  static of(bytes: Uint8Array): Attributes {
    if (!(bytes instanceof Uint8Array))
      throw new InvalidOptionError('bytes', `bytes must be a Uint8Array, got ${shown(bytes)}`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const list: AttributeSpec[] = [];
    let at = 0;
    while (bytes.length - at >= NLA_HDRLEN) {
      const length = view.getUint16(at, LITTLE_ENDIAN);
      if (length < NLA_HDRLEN || length > bytes.length - at)
        throw malformed(`an attribute claims ${length} bytes where ${bytes.length - at} are left`);
      const type = view.getUint16(at + 2, LITTLE_ENDIAN);
      const data = bytes.subarray(at + NLA_HDRLEN, at + length);
      list.push({ type: type & NLA_TYPE_MASK, data, ...((type & NLA_F_NESTED) !== 0 && { nested: true }) });
      at += (length + 3) & ~3;
    }
    // Up to three bytes of padding may follow.
    if (bytes.length - at > 0 && bytes[at] !== 0)
      throw malformed(`${bytes.length - at} stray bytes after the last attribute`);
    return new Attributes(list);
  }

  #find(type: number): Uint8Array | undefined {
    for (let index = this.#list.length - 1; index >= 0; index -= 1) {
      const attribute = this.#list[index];
      if (attribute?.type === type) return attribute.data;
    }
    return undefined;
  }

  /** A value of exactly so many bytes. */
  #view(type: number, size: number): DataView | undefined {
    const data = this.#find(type);
    if (data === undefined) return undefined;
    if (data.length !== size) throw malformed(`attribute ${type} has ${data.length} bytes instead of ${size}`);
    return new DataView(data.buffer, data.byteOffset, size);
  }

  /** Whether it is there. */
  has(type: number): boolean {
    return this.#find(type) !== undefined;
  }

  u8(type: number): number | undefined {
    return this.#view(type, 1)?.getUint8(0);
  }

  u16(type: number): number | undefined {
    return this.#view(type, 2)?.getUint16(0, LITTLE_ENDIAN);
  }

  u32(type: number): number | undefined {
    return this.#view(type, 4)?.getUint32(0, LITTLE_ENDIAN);
  }

  u64(type: number): bigint | undefined {
    return this.#view(type, 8)?.getBigUint64(0, LITTLE_ENDIAN);
  }

  i32(type: number): number | undefined {
    return this.#view(type, 4)?.getInt32(0, LITTLE_ENDIAN);
  }

  /** 16 bits in network byte order. */
  be16(type: number): number | undefined {
    return this.#view(type, 2)?.getUint16(0);
  }

  /** 32 bits in network byte order. */
  be32(type: number): number | undefined {
    return this.#view(type, 4)?.getUint32(0);
  }

  /** 64 bits in network byte order. */
  be64(type: number): bigint | undefined {
    return this.#view(type, 8)?.getBigUint64(0);
  }

  /** Text up to the first NUL, or to the end of the value. */
  string(type: number): string | undefined {
    const data = this.#find(type);
    if (data === undefined) return undefined;
    const end = data.indexOf(0);
    return decoder.decode(end < 0 ? data : data.subarray(0, end));
  }

  /** The value as it is. It shares its memory with the message. */
  bytes(type: number): Uint8Array | undefined {
    return this.#find(type);
  }

  /** The attributes that an attribute holds. */
  nested(type: number): Attributes | undefined {
    const data = this.#find(type);
    return data === undefined ? undefined : Attributes.of(data);
  }

  /**
   * The elements of a list: an attribute that holds attributes, numbered in any way, each of which holds attributes. What
   * is absent is an empty list.
   */
  list(type: number): Attributes[] {
    const data = this.#find(type);
    return data === undefined ? [] : Attributes.of(data).#list.map((element) => Attributes.of(element.data));
  }

  /** All attributes in their order; they can be sent again as they are. */
  [Symbol.iterator](): IterableIterator<AttributeSpec> {
    return this.#list[Symbol.iterator]();
  }
}
