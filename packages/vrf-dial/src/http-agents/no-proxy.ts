import { isIPv4, isIPv6 } from 'node:net';
import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { asciiName, normaliseName } from 'netns-core/etc';
import { parseIPv4, parseIPv6 } from 'netns-core/sys';
import { readAddress } from '../address/address.js';

/** Tells whether a host is reached directly and not through the proxy. */
export type DirectHosts = (host: string, port: number) => boolean;

interface Rule {
  readonly matches: (host: string) => boolean;
  /** `undefined` for all. */
  readonly port: number | undefined;
}

/**
 * Reads a list of hosts in the forms of `NO_PROXY`, as curl and Go take them: `*`, `host.example` for itself and all names
 * below, `.example` and `*.example` for the names below alone, addresses, `192.0.2.0/24`; as Node takes them also
 * `192.0.2.1-192.0.2.9`. Names and addresses may have a port. Names are compared as they are written, not resolved.
 * Addresses and networks of one family match that family alone; IPv4-mapped IPv6 addresses count as IPv4.
 *
 * @param value an array, or text with commas or spaces between the hosts
 * @throws InvalidOptionError for what has none of these forms
 */
export function checkNoProxy(option: string, value: unknown): DirectHosts {
  const list = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(list) || list.some((entry) => typeof entry !== 'string'))
    throw new InvalidOptionError(option, `${option} must be text or an array of hosts, not ${shown(value)}`);
  const entries = (list as string[]).flatMap((text) => text.split(/[\s,]+/)).filter((entry) => entry !== '');
  const rules = entries.map((entry) => {
    const rule = readRule(entry);
    if (rule === undefined)
      throw new InvalidOptionError(
        option,
        `${option}: ${shown(entry)} is not a host: it takes 'host.example', '.example', '192.0.2.1', '192.0.2.0/24', 'host.example:8080', '[2001:db8::1]:8080' or '*'`,
      );
    return rule;
  });
  return (host, port) => rules.some((rule) => (rule.port === undefined || rule.port === port) && rule.matches(host));
}

function readRule(entry: string): Rule | undefined {
  if (entry === '*') return { matches: () => true, port: undefined };
  const addresses = isIPv6(entry) ? singleAddress(entry) : addressRange(entry);
  if (addresses !== undefined) return { matches: (host) => contains(addresses, host), port: undefined };
  const [, bare = '', digits] = /^(.*?)(?::(\d{1,5}))?$/s.exec(entry) ?? [];
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  const literal = /^\[(.*)\]$/s.exec(bare)?.[1] ?? (isIPv4(bare) ? bare : undefined);
  if (literal !== undefined) {
    const address = singleAddress(literal);
    return address && { matches: (host) => contains(address, host), port };
  }
  const below = /^\*?\.(.*)$/s.exec(bare)?.[1];
  const name = normaliseName(below ?? bare);
  // A mistyped address or range would be a name that no host has.
  if (name === undefined || /^[\d.-]+$/.test(name)) return undefined;
  const matches = (text: string): boolean => {
    const host = comparableName(text);
    return host.endsWith(`.${name}`) || (below === undefined && host === name);
  };
  return { matches, port };
}

/** An inclusive range of addresses: 4 bytes each, or 16. */
interface AddressRange {
  readonly first: Uint8Array;
  readonly last: Uint8Array;
}

/**
 * The bytes of an address: 4 for IPv4, also where it is written in the form of an IPv6 address (`::ffff:192.0.2.1`),
 * otherwise 16. Addresses of one family never match those of the other.
 *
 * @returns `undefined` for other text, and for an address with a zone
 */
function addressBytes(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return parseIPv4(text);
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const bytes = parseIPv6(text);
  return isMapped(bytes) ? bytes.subarray(12) : bytes;
}

const isMapped = (bytes: Uint8Array): boolean =>
  bytes.every((byte, index) => index >= 12 || byte === (index < 10 ? 0 : 255));

function singleAddress(text: string): AddressRange | undefined {
  const bytes = addressBytes(text);
  return bytes && { first: bytes, last: bytes };
}

/** `192.0.2.0/24` or `192.0.2.1-192.0.2.9`. */
function addressRange(text: string): AddressRange | undefined {
  const [, network, length] = /^([^/]*)\/(\d{1,3})$/.exec(text) ?? [];
  if (network !== undefined) return prefixRange(network, Number(length));
  const [, from = '', to = ''] = /^([^-]*)-([^-]*)$/.exec(text) ?? [];
  const first = addressBytes(from);
  const last = addressBytes(to);
  if (first === undefined || first.length !== last?.length || Buffer.compare(first, last) > 0) return undefined;
  return { first, last };
}

/** All addresses that begin with the same `length` bits. */
function prefixRange(network: string, length: number): AddressRange | undefined {
  let bytes = addressBytes(network);
  if (bytes === undefined) return undefined;
  let bits = length;
  // A prefix of an IPv4 address in the form of an IPv6 address counts all 128 bits; a shorter one is one of IPv6.
  if (bytes.length === 4 && network.includes(':')) {
    if (length < 96) bytes = parseIPv6(network);
    else bits = length - 96;
  }
  if (bits > bytes.length * 8) return undefined;
  const hostBits = (index: number): number => 0xff >> Math.min(Math.max(bits - index * 8, 0), 8);
  return {
    first: bytes.map((byte, index) => byte & ~hostBits(index)),
    last: bytes.map((byte, index) => byte | hostBits(index)),
  };
}

function contains({ first, last }: AddressRange, host: string): boolean {
  const address = readAddress(host)?.address;
  const bytes = address === undefined ? undefined : addressBytes(address);
  return bytes?.length === first.length && Buffer.compare(first, bytes) <= 0 && Buffer.compare(bytes, last) <= 0;
}

function comparableName(host: string): string {
  const name = asciiName(host);
  return name.endsWith('.') ? name.slice(0, -1) : name;
}
