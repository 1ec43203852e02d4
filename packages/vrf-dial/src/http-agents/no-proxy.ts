import { BlockList, isIPv4, isIPv6 } from 'node:net';
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
  const addresses = isIPv6(entry) ? addressList(entry) : networkList(entry);
  if (addresses !== undefined) return { matches: (host) => contains(addresses, host), port: undefined };
  const [, bare = '', digits] = /^(.*?)(?::(\d{1,5}))?$/s.exec(entry) ?? [];
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  const literal = /^\[(.*)\]$/s.exec(bare)?.[1] ?? (isIPv4(bare) ? bare : undefined);
  if (literal !== undefined) {
    const list = addressList(literal);
    return list && { matches: (host) => contains(list, host), port };
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

const familyOf = (address: string): 'ipv4' | 'ipv6' | undefined =>
  isIPv4(address) ? 'ipv4' : isIPv6(address) && !address.includes('%') ? 'ipv6' : undefined;

function addressList(address: string): BlockList | undefined {
  const family = familyOf(address);
  if (family === undefined) return undefined;
  const list = new BlockList();
  list.addAddress(address, family);
  return list;
}

/** `192.0.2.0/24` or `192.0.2.1-192.0.2.9`. */
function networkList(text: string): BlockList | undefined {
  const list = new BlockList();
  const [, network = '', length = ''] = /^([^/]*)\/(\d{1,3})$/.exec(text) ?? [];
  const networkFamily = familyOf(network);
  if (networkFamily !== undefined && Number(length) <= (networkFamily === 'ipv4' ? 32 : 128)) {
    list.addSubnet(network, Number(length), networkFamily);
    return list;
  }
  const [, first = '', last = ''] = /^([^-]*)-([^-]*)$/.exec(text) ?? [];
  const family = familyOf(first);
  if (family === undefined || family !== familyOf(last)) return undefined;
  const parse = family === 'ipv4' ? parseIPv4 : parseIPv6;
  if (Buffer.compare(parse(first), parse(last)) > 0) return undefined;
  list.addRange(first, last, family);
  return list;
}

/** IPv4 addresses match in their IPv6 form, too. */
function contains(list: BlockList, host: string): boolean {
  const read = readAddress(host);
  return read !== undefined && list.check(read.address, read.family === 6 ? 'ipv6' : 'ipv4');
}

function comparableName(host: string): string {
  const name = asciiName(host);
  return name.endsWith('.') ? name.slice(0, -1) : name;
}
