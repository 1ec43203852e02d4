import { isIP } from 'node:net';
import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { parseIpAddress } from './ip-address.js';

/** Bytes of the address of an Ethernet link. */
export const ETHERNET_ADDRESS_LENGTH = 6;
/** Ethernet, AX.25, EUI-64, an IPv6 address in hexadecimal, InfiniBand, and the most that the kernel has. */
const LENGTHS: readonly number[] = [ETHERNET_ADDRESS_LENGTH, 7, 8, 16, 20, 32];

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

// 'aa:bb:' for each pair of bytes, made when first met.
let pairs: (string | undefined)[] | undefined;

function pair(high: number, low: number): string {
  pairs ??= new Array<string | undefined>(65536).fill(undefined);
  const key = (high << 8) | low;
  let text = pairs[key];
  if (text === undefined) {
    text = `${HEX[high]}:${HEX[low]}:`;
    pairs[key] = text;
  }
  return text;
}

// Addresses of six bytes, those met last: all links of a kind have the same for broadcasts and for groups.
const CACHE_SIZE = 512;
const cachedHigh = new Int32Array(CACHE_SIZE);
const cachedLow = new Int32Array(CACHE_SIZE).fill(-1);
const cachedTexts: string[] = new Array<string>(CACHE_SIZE).fill('');

function formatSixBytes(a: number, b: number, c: number, d: number, e: number, f: number): string {
  const high = (a << 24) | (b << 16) | (c << 8) | d;
  const low = (e << 8) | f;
  const slot = (high ^ (high >> 9) ^ (high >> 18) ^ low ^ (low >> 9)) & (CACHE_SIZE - 1);
  if (cachedHigh[slot] === high && cachedLow[slot] === low) return cachedTexts[slot] ?? '';
  const text = `${pair(a, b) + pair(c, d) + HEX[e]}:${HEX[f]}`;
  cachedHigh[slot] = high;
  cachedLow[slot] = low;
  cachedTexts[slot] = text;
  return text;
}

/** `'02:00:00:00:00:01'` of the bytes from `start` to `end`. */
export function formatHardwareAddress(bytes: Uint8Array, start: number, end: number): string {
  const byte = (at: number): number => bytes[start + at] ?? 0;
  if (end - start === 6) return formatSixBytes(byte(0), byte(1), byte(2), byte(3), byte(4), byte(5));
  let text = '';
  for (let at = start; at < end; at += 1) text += at === start ? HEX[bytes[at] ?? 0] : `:${HEX[bytes[at] ?? 0]}`;
  return text;
}

/** The bytes of groups of one or two hexadecimal digits, however many there are; nothing for any other text. */
function groups(text: string): Uint8Array | undefined {
  if (!/^[0-9a-f]{1,2}([:-][0-9a-f]{1,2})*$/i.test(text)) return undefined;
  const bytes = text.split(/[:-]/);
  return LENGTHS.includes(bytes.length) ? Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 16)) : undefined;
}

/** Whether a text is a hardware address of some length, or the IP address that a tunnel has in its place. */
export function isHardwareAddress(text: unknown): text is string {
  return typeof text === 'string' && (groups(text) !== undefined || (isIP(text) !== 0 && !text.includes('%')));
}

/** How many bytes a hardware address, or the IP address in its place, has. */
export function hardwareAddressLength(text: string): number {
  return groups(text)?.length ?? (isIP(text) === 4 ? 4 : 16);
}

/** Whether a text is a hardware address of six bytes, as nearly all links have. */
export function isEthernetAddress(text: string): boolean {
  return groups(text)?.length === ETHERNET_ADDRESS_LENGTH;
}

/**
 * The bytes of a hardware address, `'02:00:00:00:00:01'` (also with hyphens): six for Ethernet, eight for an EUI-64,
 * twenty for InfiniBand. Tunnels have the IP address of their end in its place, of four or sixteen bytes.
 *
 * @param length how many bytes the addresses of the link have: the kernel cuts off what is too long
 * @param property that has it, for the error
 * @throws InvalidOptionError
 */
export function parseHardwareAddress(
  text: string,
  length = ETHERNET_ADDRESS_LENGTH,
  property = 'hardwareAddr',
): Uint8Array {
  if (!isHardwareAddress(text))
    throw invalid(
      property,
      `invalid ${property} ${shown(text)}: expected a hardware address, for example '02:00:00:00:00:01'`,
    );
  const family = isIP(text);
  if ((length === 4 && family === 4) || (length === 16 && family === 6)) return parseIpAddress(text);
  const bytes = groups(text);
  if (bytes?.length === length) return bytes;
  const has = bytes === undefined ? 'is an IP address' : `has ${bytes.length} bytes`;
  throw invalid(
    property,
    length === 0
      ? `${property} cannot be '${text}': links of this type have no hardware address`
      : `invalid ${property} '${text}' for this link: it ${has}, and ${length} bytes are needed${length === ETHERNET_ADDRESS_LENGTH ? ", such as '02:00:00:00:00:01'" : ''}`,
  );
}

/**
 * The same for an address that a link is to have: one of six bytes is not all zeros, and no multicast address.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 */
export function parseLinkAddress(
  text: string,
  length = ETHERNET_ADDRESS_LENGTH,
  property = 'hardwareAddr',
): Uint8Array {
  const bytes = parseHardwareAddress(text, length, property);
  if (length !== ETHERNET_ADDRESS_LENGTH) return bytes;
  const [first = 0] = bytes;
  if ((first & 1) !== 0)
    throw invalid(property, `${property} cannot be '${text}', a multicast address: the first byte must be even`);
  if (bytes.every((byte) => byte === 0))
    throw invalid(property, `${property} cannot be '${text}': all zeros are not an address`);
  return bytes;
}

function invalid(property: string, message: string): InvalidOptionError {
  return new InvalidOptionError(property, message);
}
