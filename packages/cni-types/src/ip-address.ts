import { isIP } from 'node:net';
import type { DocumentValue } from './document-value.js';
import { shown } from './document-value.js';

/** An address as a number, and whose it is. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** An address with the length of its network prefix, in bits. */
export interface Cidr extends IpAddress {
  readonly prefix: number;
}

function ipv4Value(text: string): bigint {
  return text.split('.').reduce((value, octet) => (value << 8n) | BigInt(octet), 0n);
}

function ipv6Value(text: string): bigint {
  // A dotted quad at the end is two groups.
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  let plain = text;
  if (dotted?.[1] !== undefined && dotted[2] !== undefined) {
    const quad = ipv4Value(dotted[2]);
    plain = `${dotted[1]}${(quad >> 16n).toString(16)}:${(quad & 0xffffn).toString(16)}`;
  }
  const [head = '', tail] = plain.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const middle = tail === undefined ? [] : new Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...middle, ...right].reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

/** Reads an address; without a zone, for a document is about no particular machine. */
export function parseIp(text: string): IpAddress | undefined {
  if (text.includes('%')) return undefined;
  const family = isIP(text);
  if (family === 4) return { family, value: ipv4Value(text) };
  return family === 6 ? { family, value: ipv6Value(text) } : undefined;
}

/** Reads `address/prefix`. */
export function parseCidr(text: string): Cidr | undefined {
  const [, address = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const ip = parseIp(address);
  const prefix = Number(length);
  if (ip === undefined || prefix > bitsOf(ip)) return undefined;
  return { ...ip, prefix };
}

/** How many bits an address of this family has. */
export function bitsOf({ family }: Pick<IpAddress, 'family'>): number {
  return family === 4 ? 32 : 128;
}

/** The first address of the network. */
export function firstOf(cidr: Cidr): bigint {
  const host = BigInt(bitsOf(cidr) - cidr.prefix);
  return (cidr.value >> host) << host;
}

/** The last address of the network. */
export function lastOf(cidr: Cidr): bigint {
  return firstOf(cidr) | ((1n << BigInt(bitsOf(cidr) - cidr.prefix)) - 1n);
}

/** Whether the address lies in the network. */
export function contains(cidr: Cidr, ip: IpAddress): boolean {
  return cidr.family === ip.family && ip.value >= firstOf(cidr) && ip.value <= lastOf(cidr);
}

const MAPPED = 0xffffn << 32n;

/** `'4'` or `'6'`, as documents before 1.0.0 say it; the reference counts IPv4-mapped addresses as `'4'`. */
export function versionOf({ family, value }: IpAddress): '4' | '6' {
  return family === 4 || value >> 32n === MAPPED >> 32n ? '4' : '6';
}

/** Checks that there is an IP address. */
export function checkIp(value: DocumentValue): IpAddress {
  const text = value.string();
  return parseIp(text) ?? value.fail(`${shown(text)} is not an IP address`);
}

/** Checks that there is an address with a prefix length. */
export function checkCidr(value: DocumentValue): Cidr {
  const text = value.string();
  const cidr = parseCidr(text);
  if (cidr !== undefined) return cidr;
  if (parseIp(text) !== undefined) return value.fail(`${shown(text)} has no prefix length (as in "192.0.2.1/24")`);
  return value.fail(`${shown(text)} is not an address with a prefix length (as in "192.0.2.1/24")`);
}

/** Checks that there is a network: an address with a prefix length, all host bits zero. */
export function checkNetwork(value: DocumentValue): Cidr {
  const cidr = checkCidr(value);
  if (cidr.value !== firstOf(cidr)) value.fail(`${shown(value.value)} has host bits set`);
  return cidr;
}
