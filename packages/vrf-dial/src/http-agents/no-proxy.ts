import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { asciiName, normaliseName } from 'netns-core/etc';
import { formatIPv6, parseIPv4, parseIPv6 } from 'netns-core/sys';
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

/** Addresses of one family. The list alone would find IPv4 addresses in networks of IPv6, too. */
interface AddressList {
  readonly family: 'ipv4' | 'ipv6';
  readonly list: BlockList;
}

const IPV4_MAPPED = /^::ffff:([\d.]+)$/;

/**
 * Reads an address. IPv4-mapped IPv6 addresses are those of IPv4.
 *
 * @returns `undefined` for other text, and for an address with a zone
 */
function readPlain(text: string): { readonly family: 'ipv4' | 'ipv6'; readonly address: string } | undefined {
  if (isIPv4(text)) return { family: 'ipv4', address: text };
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const address = formatIPv6(parseIPv6(text));
  const mapped = IPV4_MAPPED.exec(address)?.[1];
  return mapped === undefined ? { family: 'ipv6', address } : { family: 'ipv4', address: mapped };
}

function singleAddress(text: string): AddressList | undefined {
  const read = readPlain(text);
  if (read === undefined) return undefined;
  const list = new BlockList();
  list.addAddress(read.address, read.family);
  return { family: read.family, list };
}

/** `192.0.2.0/24` or `192.0.2.1-192.0.2.9`. */
function addressRange(text: string): AddressList | undefined {
  const [, network, length] = /^([^/]*)\/(\d{1,3})$/.exec(text) ?? [];
  if (network !== undefined) return prefix(network, Number(length));
  const [, from = '', to = ''] = /^([^-]*)-([^-]*)$/.exec(text) ?? [];
  const [first, last] = [readPlain(from), readPlain(to)];
  if (first === undefined || first.family !== last?.family) return undefined;
  const parse = first.family === 'ipv4' ? parseIPv4 : parseIPv6;
  if (Buffer.compare(parse(first.address), parse(last.address)) > 0) return undefined;
  const list = new BlockList();
  list.addRange(first.address, last.address, first.family);
  return { family: first.family, list };
}

/** All addresses that begin with the same `length` bits. */
function prefix(text: string, length: number): AddressList | undefined {
  const network = readPlain(text);
  if (network === undefined) return undefined;
  let { family, address } = network;
  let bits = length;
  // A prefix of an IPv4-mapped address counts all 128 bits; a shorter one than these addresses have is one of IPv6.
  if (family === 'ipv4' && text.includes(':')) {
    if (length < 96) [family, address] = ['ipv6', text];
    else bits -= 96;
  }
  if (bits > (family === 'ipv4' ? 32 : 128)) return undefined;
  const list = new BlockList();
  list.addSubnet(address, bits, family);
  return { family, list };
}

function contains({ family, list }: AddressList, host: string): boolean {
  const address = readPlain(readAddress(host)?.address ?? '');
  return address?.family === family && list.check(address.address, family);
}

function comparableName(host: string): string {
  const name = asciiName(host);
  return name.endsWith('.') ? name.slice(0, -1) : name;
}
