import type { AttributeReader } from '../../message/attribute-reader.js';
import { mustBe } from '../../message/checks.js';
import { formatHardwareAddress, isEthernetAddress, parseHardwareAddress } from '../../message/hardware-address.js';
import { formatIp, parseIpNetwork } from '../../message/ip-address.js';
import { formatLabel, parseMaskedLabel, withLabelMask } from '../../message/masked-label.js';
import { checkMaskedNumber, type MaskedNumber, maskedNumber, maskedParts } from '../../message/masked-number.js';
import type { MessageWriter } from '../../message/message-writer.js';
import type { Mutable } from '../../message/mutable.js';
import { keepUnknown, type UnknownAttribute } from '../../message/unknown-attribute.js';

/** The attribute of a value, and the one of the bits of it that count. */
export interface KeyAttributes {
  readonly value: number;
  readonly mask: number;
}

/** A key of flower: a value of which some bits may count. */
export interface FlowerKey<V> {
  /** Under which attributes it may be. */
  readonly attributes: readonly KeyAttributes[];
  check(property: string, value: unknown): void;
  write(writer: MessageWriter, value: V): void;
  /** Reads the value, all of whose bits count. */
  value(attribute: AttributeReader): V;
  /** The value with the mask on which the reader stands; `undefined` for one that cannot be said. */
  masked(value: V, mask: AttributeReader): V | undefined;
}

export type FlowerKeys<T extends object> = { readonly [K in keyof T]-?: FlowerKey<NonNullable<T[K]>> };

/** Writes the keys that are there, in the order of the table. */
export function writeKeys<T extends object>(writer: MessageWriter, keys: FlowerKeys<T>, of: Partial<T>): void {
  for (const name in keys) {
    const value = of[name];
    if (value !== undefined) keys[name].write(writer, value as NonNullable<T[typeof name]>);
  }
}

/** Checks the keys that are there. @throws InvalidOptionError */
export function checkKeys<T extends object>(property: string, keys: FlowerKeys<T>, of: Partial<T>): void {
  for (const name in keys) if (of[name] !== undefined) keys[name].check(`${property}.${name}`, of[name]);
}

/** Reads a key or its mask; `false` if the attribute is none. @param unknown keeps masks that cannot be said */
export function takeKeys<T extends object>(
  attribute: AttributeReader,
  keys: FlowerKeys<T>,
  into: Mutable<Partial<T>>,
  unknown: { unknown?: readonly UnknownAttribute[] | undefined },
): boolean {
  for (const name in keys) {
    const key = keys[name] as FlowerKey<unknown>;
    for (const { value, mask } of key.attributes) {
      if (attribute.type === value) {
        into[name] = key.value(attribute) as T[typeof name];
        return true;
      }
      if (attribute.type === mask) {
        // The value that a mask is of comes before it.
        const masked = into[name] === undefined ? undefined : key.masked(into[name], attribute);
        if (masked === undefined) keepUnknown(attribute, unknown);
        else into[name] = masked as T[typeof name];
        return true;
      }
    }
  }
  return false;
}

const NUMBERS = {
  8: { read: (data: AttributeReader) => data.u8(), write: (writer: MessageWriter) => writer.u8.bind(writer) },
  16: { read: (data: AttributeReader) => data.u16(), write: (writer: MessageWriter) => writer.u16.bind(writer) },
  '16be': {
    read: (data: AttributeReader) => data.u16be(),
    write: (writer: MessageWriter) => writer.u16be.bind(writer),
  },
  32: { read: (data: AttributeReader) => data.u32(), write: (writer: MessageWriter) => writer.u32.bind(writer) },
} as const;

/**
 * A number.
 *
 * @param size in bits; `'16be'` in network byte order
 * @param plain whether tc says no mask where all bits count
 */
export function numberKey(
  value: number,
  mask: number,
  size: keyof typeof NUMBERS,
  plain = false,
): FlowerKey<MaskedNumber> {
  const bits = Number.parseInt(String(size), 10);
  const { read, write } = NUMBERS[size];
  return {
    attributes: [{ value, mask }],
    check: (property, number) => checkMaskedNumber(property, number, bits),
    write(writer, number) {
      const parts = maskedParts(number, bits);
      write(writer)(value, parts.value);
      if (!plain || typeof number === 'object') write(writer)(mask, parts.mask);
    },
    value: read,
    masked: (number, data) => (typeof number === 'number' ? maskedNumber(number, read(data), bits) : undefined),
  };
}

const ALL_OF_MAC = 'ff:ff:ff:ff:ff:ff';
const macText = (data: AttributeReader): string => formatHardwareAddress(data.bytes.u8, data.start, data.end);

/** An Ethernet address: `'02:00:00:00:00:00/ff:00:00:00:00:00'`. */
export function macKey(value: number, mask: number): FlowerKey<string> {
  return {
    attributes: [{ value, mask }],
    check(property, text) {
      const parts = typeof text === 'string' ? text.split('/') : [];
      if (parts.length < 1 || parts.length > 2 || !parts.every((part) => isEthernetAddress(part)))
        throw mustBe(
          property,
          "an address '02:00:00:00:00:01', with a mask behind a slash if not all of it counts",
          text,
        );
    },
    write(writer, text) {
      const [address = '', counts = ALL_OF_MAC] = text.split('/');
      writer.bytes(value, parseHardwareAddress(address)).bytes(mask, parseHardwareAddress(counts));
    },
    value: macText,
    masked: (text, data) => (macText(data) === ALL_OF_MAC ? text : `${text}/${macText(data)}`),
  };
}

const maskOf = (prefixLength: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => {
    const bits = Math.min(8, Math.max(0, prefixLength - at * 8));
    return (0xff << (8 - bits)) & 0xff;
  });

/** An IP network, or one of IPv4 alone. */
export function networkKey(ipv4: KeyAttributes, ipv6?: KeyAttributes): FlowerKey<string> {
  return {
    attributes: ipv6 === undefined ? [ipv4] : [ipv4, ipv6],
    check(property, text) {
      const { family } = parseIpNetwork(text as string, property);
      if (family === 'ipv6' && ipv6 === undefined) throw mustBe(property, 'an IPv4 address or network', text);
    },
    write(writer, text) {
      const { family, bytes, prefixLength } = parseIpNetwork(text);
      const { value, mask } = family === 'ipv6' && ipv6 !== undefined ? ipv6 : ipv4;
      writer.bytes(value, bytes).bytes(mask, maskOf(prefixLength, bytes.length));
    },
    value: (data) => formatIp(data.copy()),
    masked(text, data) {
      const bits = [...data.copy()].map((byte) => byte.toString(2).padStart(8, '0')).join('');
      const prefixLength = bits.indexOf('0') < 0 ? bits.length : bits.indexOf('0');
      // A mask that is not one of a network has no text: both stay as they are.
      if (bits.slice(prefixLength).includes('1')) return undefined;
      return prefixLength < bits.length ? `${text}/${prefixLength}` : text;
    },
  };
}

/** The label of a connection. */
export function labelKey(value: number, mask: number): FlowerKey<string> {
  return {
    attributes: [{ value, mask }],
    check: (property, label) => void parseMaskedLabel(property, label),
    write(writer, label) {
      const parts = parseMaskedLabel('label', label);
      writer.bytes(value, parts.value).bytes(mask, parts.mask);
    },
    value: (data) => formatLabel(data.copy()),
    masked: (label, data) => withLabelMask(label, data.copy()),
  };
}
