import { isIPv4, isIPv6 } from 'node:net';
import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { AF_INET, AF_INET6 } from 'netns-core/sys';
import type { MessageBytes } from './message-bytes.js';

/** An address family as people write it. */
export type AddressFamily = 'ipv4' | 'ipv6';

/** An address with the length of its network's prefix, as bytes and as text. */
export interface IpNetwork {
  readonly family: AddressFamily;
  /** 4 or 16 bytes, network byte order. */
  readonly bytes: Uint8Array;
  readonly prefixLength: number;
  /** The address alone, in its canonical form. */
  readonly address: string;
}

/**
 * `AF_INET` or `AF_INET6`.
 *
 * @throws InvalidOptionError
 */
export function familyNumber(family: AddressFamily): number {
  if (family === 'ipv4') return AF_INET;
  if (family === 'ipv6') return AF_INET6;
  throw new InvalidOptionError('family', `family must be 'ipv4' or 'ipv6', got ${shown(family)}`);
}

// 'a.b.' for each pair of bytes, made when first met: an address is then one concatenation of two strings that exist.
// Made with the first address, as the table of the other half is.
let fronts: (string | undefined)[] | undefined;

function front(high: number, low: number): string {
  const key = (high << 8) | low;
  fronts ??= new Array<string | undefined>(65536).fill(undefined);
  let text = fronts[key];
  if (text === undefined) {
    text = `${high}.${low}.`;
    fronts[key] = text;
  }
  return text;
}

// The other half, 'c.d' or 'c.d/24'. There are more of these, so only some are kept: those met last.
const BACKS_SIZE = 8192;
const NO_PREFIX = 63;
let backs: { readonly keys: Int32Array; readonly texts: string[] } | undefined;

function back(high: number, low: number, prefixLength: number): string {
  const key = (((high << 8) | low) << 6) | prefixLength;
  const slot = (key ^ (key >> 9)) & (BACKS_SIZE - 1);
  backs ??= { keys: new Int32Array(BACKS_SIZE).fill(-1), texts: new Array<string>(BACKS_SIZE).fill('') };
  if (backs.keys[slot] === key) return backs.texts[slot] ?? '';
  const text = prefixLength === NO_PREFIX ? `${high}.${low}` : `${high}.${low}/${prefixLength}`;
  backs.keys[slot] = key;
  backs.texts[slot] = text;
  return text;
}

// Whole addresses, those met last: a list has few gateways, and most sockets have one of few addresses.
const WHOLE_SIZE = 1024;
const wholeKeys = new Int32Array(WHOLE_SIZE);
const WHOLE: string[] = new Array<string>(WHOLE_SIZE).fill('');
WHOLE[0] = '0.0.0.0';

/** The IPv4 address at an offset, four bytes in network byte order. */
export function formatIpv4(bytes: Uint8Array, at: number): string {
  const [a, b, c, d] = [bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0];
  const key = (a << 24) | (b << 16) | (c << 8) | d;
  const slot = (key ^ (key >> 10) ^ (key >> 20)) & (WHOLE_SIZE - 1);
  if (wholeKeys[slot] === key && WHOLE[slot] !== '') return WHOLE[slot] ?? '';
  const text = front(a, b) + back(c, d, NO_PREFIX);
  wholeKeys[slot] = key;
  WHOLE[slot] = text;
  return text;
}

/** The same with the length of a prefix behind it, `'192.0.2.0/24'`. */
export function formatIpv4Network(bytes: Uint8Array, at: number, prefixLength: number): string {
  if (prefixLength > 32) return `${formatIpv4(bytes, at)}/${prefixLength}`;
  return front(bytes[at] ?? 0, bytes[at + 1] ?? 0) + back(bytes[at + 2] ?? 0, bytes[at + 3] ?? 0, prefixLength);
}

/** The same in a message. */
export function formatIpv4Word(bytes: MessageBytes, at: number): string {
  return formatIpv4(bytes.u8, at);
}

const GROUPS: (string | undefined)[] = new Array<string | undefined>(65536).fill(undefined);

/** A group of an IPv6 address and the colon behind it. */
function groupAndColon(group: number): string {
  let text = GROUPS[group];
  if (text === undefined) {
    text = `${group.toString(16)}:`;
    GROUPS[group] = text;
  }
  return text;
}

/** The IPv6 address at an offset, in the canonical form of RFC 5952 (as `inet_ntop` and `ip` print it). */
export function formatIpv6(bytes: MessageBytes, at: number): string {
  return formatIpv6Bytes(bytes.u8, at);
}

/** The same of bytes that are not a message. */
export function formatIpv6Bytes(u8: Uint8Array, at: number): string {
  // The longest run of zero groups, at least two, becomes '::'; of several, the first.
  let best = 8;
  let bestLength = 1;
  let length = 0;
  for (let group = 0; group < 8; group += 1) {
    if (u8[at + group * 2] === 0 && u8[at + group * 2 + 1] === 0) {
      length += 1;
      if (length > bestLength) {
        best = group - length + 1;
        bestLength = length;
      }
    } else length = 0;
  }
  // Embedded IPv4 (mapped, or the deprecated compatible form) as inet_ntop prints it.
  if (best === 0 && (bestLength === 6 || (bestLength === 5 && u8[at + 10] === 0xff && u8[at + 11] === 0xff)))
    return `${bestLength === 6 ? '::' : '::ffff:'}${formatIpv4(u8, at + 12)}`;
  let text = '';
  for (let group = 0; group < 8; group += 1) {
    if (group === best) {
      text += best === 0 ? '::' : ':';
      group += bestLength - 1;
      continue;
    }
    // Every group brings the colon behind it along, the last one none: two pieces become one.
    const value = ((u8[at + group * 2] ?? 0) << 8) | (u8[at + group * 2 + 1] ?? 0);
    text += group < 7 ? groupAndColon(value) : value.toString(16);
  }
  return text;
}

/** The address of 4 or 16 bytes at an offset; '' for any other length. */
export function formatAddressBytes(bytes: MessageBytes, at: number, length: number): string {
  if (length === 4) return formatIpv4(bytes.u8, at);
  return length === 16 ? formatIpv6(bytes, at) : '';
}

function refuse(property: string, text: unknown, expected: string): never {
  throw new InvalidOptionError(property, `invalid ${property} ${shown(text)}: expected ${expected}`);
}

/** The bytes of a text that is an IPv4 address. */
function ipv4Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(4);
  let at = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === DOT) at += 1;
    else bytes[at] = (bytes[at] ?? 0) * 10 + code - DIGIT_ZERO;
  }
  return bytes;
}

const DOT = 0x2e;
const DIGIT_ZERO = 0x30;

/**
 * The bytes of an IPv4 or IPv6 address without prefix length and zone.
 *
 * @param property that has it, for the error
 * @throws InvalidOptionError
 */
export function parseIpAddress(text: string, property = 'IP address'): Uint8Array {
  if (typeof text !== 'string') refuse(property, text, `an IP address, for example '192.0.2.1' or '2001:db8::1'`);
  if (isIPv4(text)) return ipv4Bytes(text);
  if (!isIPv6(text) || text.includes('%'))
    refuse(property, text, `an IP address, for example '192.0.2.1' or '2001:db8::1'`);
  const bytes = new Uint8Array(16);
  const [front = '', back] = text.split('::');
  const groups = (part: string): number[] => {
    if (part === '') return [];
    const words: number[] = [];
    for (const word of part.split(':')) {
      if (word.includes('.')) {
        const [a = 0, b = 0, c = 0, d = 0] = word.split('.').map(Number);
        words.push((a << 8) | b, (c << 8) | d);
      } else words.push(Number.parseInt(word, 16));
    }
    return words;
  };
  const head = groups(front);
  const tail = back === undefined ? [] : groups(back);
  const write = (words: readonly number[], from: number): void => {
    words.forEach((word, index) => {
      bytes[(from + index) * 2] = word >> 8;
      bytes[(from + index) * 2 + 1] = word & 0xff;
    });
  };
  write(head, 0);
  write(tail, 8 - tail.length);
  return bytes;
}

/**
 * An address with or without prefix length: `'192.0.2.0/24'`; without, the whole address counts (32 or 128).
 *
 * @param property that has it, for the error
 * @throws InvalidOptionError
 */
export function parseIpNetwork(text: string, property = 'IP address'): IpNetwork {
  const slash = typeof text === 'string' ? text.indexOf('/') : -1;
  const address = slash < 0 ? text : text.slice(0, slash);
  const bytes = parseIpAddress(address, property);
  const family: AddressFamily = bytes.length === 4 ? 'ipv4' : 'ipv6';
  const most = bytes.length * 8;
  let prefixLength = most;
  if (slash >= 0) {
    const digits = text.slice(slash + 1);
    prefixLength = /^(0|[1-9]\d{0,2})$/.test(digits) ? Number(digits) : Number.NaN;
    if (!(prefixLength <= most))
      refuse(property, text, `a prefix length from 0 to ${most} behind the slash for ${family}`);
  }
  return { family, bytes, prefixLength, address: formatIp(bytes) };
}

/** `'192.0.2.0/24'`: an address with the length of its prefix, in canonical form. */
export function describeNetwork(network: IpNetwork): string {
  return `${network.address}/${network.prefixLength}`;
}

/** The canonical text of 4 or 16 bytes. */
export function formatIp(bytes: Uint8Array): string {
  return bytes.length === 4 ? formatIpv4(bytes, 0) : formatIpv6Bytes(bytes, 0);
}

/**
 * Refuses a network that has bits set behind its prefix, and says which network and which address may be meant.
 *
 * @throws InvalidOptionError
 */
export function checkHostBits(network: IpNetwork, property: string): void {
  if (hostBitsAreZero(network)) return;
  const { bytes, prefixLength, address } = network;
  const meant = bytes.map((byte, at) => byte & (0xff00 >> Math.min(Math.max(prefixLength - at * 8, 0), 8)));
  throw new InvalidOptionError(
    property,
    `${property} '${address}/${prefixLength}' has bits set behind its prefix: the network is '${formatIp(meant)}/${prefixLength}', the address alone '${address}'`,
  );
}

/** Whether all bits behind the prefix are zero, as the destination of a route must have them. */
function hostBitsAreZero(network: IpNetwork): boolean {
  return network.bytes.every((byte, index) => {
    const bits = network.prefixLength - index * 8;
    if (bits >= 8) return true;
    return (byte & (bits <= 0 ? 0xff : 0xff >> bits)) === 0;
  });
}

/**
 * `'192.0.2.1/24'` taken apart.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT` when it is not an IPv4 or IPv6 address, or the prefix length is impossible
 */
export function parseAddr(text: string): { family: AddressFamily; address: string; prefixLength: number } {
  const { family, address, prefixLength } = parseIpNetwork(text);
  return { family, address, prefixLength };
}
