import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import { checkProperties, mustBe, propertiesOf } from '../message/checks.js';
import { type IpNetwork, parseIpNetwork } from '../message/ip-address.js';
import type { Mutable } from '../message/mutable.js';
import type { U32Key } from './kinds/u32.js';

/** What `u32Match` compares; what is left out does not matter. */
export interface U32MatchSpec {
  /** `'ipv4'` if left out, and no address says another. */
  readonly family?: 'ipv4' | 'ipv6' | undefined;
  /** An address or a network. */
  readonly src?: string | undefined;
  readonly dst?: string | undefined;
  /** The number of the protocol: 6 is TCP, 17 is UDP. */
  readonly protocol?: number | undefined;
  /** The TOS byte, or the traffic class of IPv6. */
  readonly tos?: number | undefined;
  readonly sourcePort?: number | undefined;
  readonly destinationPort?: number | undefined;
}

const PROPERTIES = propertiesOf<U32MatchSpec>(
  {
    family: 'set',
    src: 'set',
    dst: 'set',
    protocol: 'set',
    tos: 'set',
    sourcePort: 'set',
    destinationPort: 'set',
  },
  { sport: 'sourcePort', dport: 'destinationPort', from: 'src', to: 'dst' },
);

/** Where fields are in the headers: bytes from the network header on. */
const LAYOUT = {
  ipv4: { src: 12, dst: 16, protocolWord: 8, protocolShift: 16, tosShift: 16, ports: 20 },
  ipv6: { src: 8, dst: 24, protocolWord: 4, protocolShift: 8, tosShift: 20, ports: 40 },
} as const;

/**
 * The keys of a u32 filter for fields of IP headers, as `match ip …` and `match ip6 …` of tc. Ports are looked for
 * behind a header without options or extensions, as in tc: match `protocol` too, and give the filter the same protocol
 * as the family.
 *
 * @throws InvalidOptionError
 */
export function u32Match(spec: U32MatchSpec): U32Key[] {
  checkProperties(spec, 'u32Match', PROPERTIES);
  const src = spec.src === undefined ? undefined : parseIpNetwork(spec.src, 'src');
  const dst = spec.dst === undefined ? undefined : parseIpNetwork(spec.dst, 'dst');
  const told = spec.family ?? (src?.family === 'ipv6' || dst?.family === 'ipv6' ? 'ipv6' : 'ipv4');
  if (told !== 'ipv4' && told !== 'ipv6') throw mustBe('family', "'ipv4' or 'ipv6'", told);
  checkInteger('protocol', spec.protocol, 0, 0xff);
  checkInteger('tos', spec.tos, 0, 0xff);
  checkInteger('sourcePort', spec.sourcePort, 0, 0xffff);
  checkInteger('destinationPort', spec.destinationPort, 0, 0xffff);
  const layout = LAYOUT[told];
  const keys: Mutable<U32Key>[] = [];
  const add = (offset: number, value: number, mask: number): void => {
    const key = keys.find((each) => each.offset === offset);
    if (key === undefined) {
      keys.push({ offset, value, mask });
      return;
    }
    key.value = (key.value | value) >>> 0;
    key.mask = (key.mask | mask) >>> 0;
  };
  const addNetwork = (name: 'src' | 'dst', { family, bytes, prefixLength }: IpNetwork): void => {
    if (family !== told)
      throw new InvalidOptionError(
        name,
        `${name} ${spec[name]} is not an address of ${told === 'ipv6' ? 'IPv6' : 'IPv4'}`,
      );
    for (let at = 0; at * 8 < prefixLength; at += 4) {
      const bits = Math.min(32, prefixLength - at * 8);
      const mask = bits === 32 ? 0xffffffff : (0xffffffff << (32 - bits)) >>> 0;
      add(layout[name] + at, (wordAt(bytes, at) & mask) >>> 0, mask);
    }
  };
  if (src !== undefined) addNetwork('src', src);
  if (dst !== undefined) addNetwork('dst', dst);
  const { protocol, tos, sourcePort, destinationPort } = spec;
  if (protocol !== undefined)
    add(layout.protocolWord, (protocol << layout.protocolShift) >>> 0, (0xff << layout.protocolShift) >>> 0);
  if (tos !== undefined) add(0, (tos << layout.tosShift) >>> 0, (0xff << layout.tosShift) >>> 0);
  if (sourcePort !== undefined) add(layout.ports, (sourcePort << 16) >>> 0, 0xffff0000);
  if (destinationPort !== undefined) add(layout.ports, destinationPort, 0xffff);
  return keys;
}

/** Four bytes in network byte order. */
function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
}
