import { InvalidOptionError } from 'netns-core';
import { checkInteger, shown } from 'netns-core/checks';
import { checkArray, checkProperties, checkText, mustBe, propertiesOf } from '../message/checks.js';
import { flagBits } from '../message/flag-names.js';
import { type IpNetwork, parseIpAddress, parseIpNetwork } from '../message/ip-address.js';
import { scopeNumber } from '../message/scope.js';
import { checkUnknown, type UnknownAttribute } from '../message/unknown-attribute.js';
import {
  IFA_F_DADFAILED,
  IFA_F_DEPRECATED,
  IFA_F_PERMANENT,
  IFA_F_SECONDARY,
  IFA_F_TENTATIVE,
} from '../uapi/if-addr.js';
import { RT_SCOPE_HOST, RT_SCOPE_UNIVERSE } from '../uapi/route.js';
import { ADDRESS_FLAGS, type Address } from './address.js';
import type { AddressSpec } from './spec.js';

const PROPERTIES = propertiesOf<AddressSpec, Address>(
  {
    address: 'set',
    peer: 'set',
    broadcast: 'set',
    label: 'set',
    scope: 'set',
    flags: 'set',
    validLifetime: 'set',
    preferredLifetime: 'set',
    metric: 'set',
    protocol: 'set',
    unknown: 'set',
    family: 'told',
    local: 'told',
    prefixLength: 'told',
    anycast: 'told',
    multicast: 'told',
    ifindex: 'told',
  },
  {
    ip: 'address',
    addr: 'address',
    brd: 'broadcast',
    remote: 'peer',
    valid_lft: 'validLifetime',
    preferred_lft: 'preferredLifetime',
    priority: 'metric',
    proto: 'protocol',
    nodad: 'flags',
    noprefixroute: 'flags',
  },
);

const bitsOf = flagBits(ADDRESS_FLAGS);
/** Flags that tell of the state of an address; the kernel sets them. */
const STATE = IFA_F_SECONDARY | IFA_F_DADFAILED | IFA_F_DEPRECATED | IFA_F_TENTATIVE | IFA_F_PERMANENT;
/** The lifetime that never ends. */
export const INFINITY_LIFE_TIME = 0xffffffff;
/** Bytes of a label with its NUL, `IFNAMSIZ`. */
const LABEL_SIZE = 16;
/** 127.0.0.0/8 */
const LOOPBACK_FIRST_BYTE = 127;
/** Networks with longer prefixes have no broadcast address (RFC 3021). */
const MAX_PREFIX_WITH_BROADCAST = 30;

/** A spec whose values were checked and are the kernel's. */
export interface CheckedAddress {
  readonly own: IpNetwork;
  readonly peer: IpNetwork | undefined;
  readonly broadcast: Uint8Array | undefined;
  readonly label: string | undefined;
  readonly scope: number;
  readonly flags: number;
  readonly metric: number | undefined;
  readonly protocol: number | undefined;
  readonly validLifetime: number;
  readonly preferredLifetime: number;
  readonly unknown: readonly UnknownAttribute[];
}

function lifetime(property: string, seconds: number | undefined): number {
  if (seconds === undefined || seconds === Number.POSITIVE_INFINITY) return INFINITY_LIFE_TIME;
  if (!Number.isInteger(seconds) || seconds < 0 || seconds >= INFINITY_LIFE_TIME)
    throw mustBe(property, 'a whole number of seconds or Infinity', seconds);
  return seconds;
}

/** The last address of a network. */
function lastOf({ bytes, prefixLength }: IpNetwork): Uint8Array {
  return bytes.map((byte, index) => {
    const bits = prefixLength - index * 8;
    return bits >= 8 ? byte : byte | (bits <= 0 ? 0xff : 0xff >> bits);
  });
}

function broadcastOf(broadcast: unknown, own: IpNetwork): Uint8Array | undefined {
  if (broadcast === undefined || broadcast === false) return undefined;
  if (broadcast !== true && typeof broadcast !== 'string')
    throw mustBe('broadcast', 'an IPv4 address, or true or false', broadcast);
  if (own.family === 'ipv6')
    throw new InvalidOptionError('broadcast', `broadcast cannot be given for ${own.address}: IPv6 has none`);
  if (broadcast === true) return own.prefixLength <= MAX_PREFIX_WITH_BROADCAST ? lastOf(own) : undefined;
  const bytes = parseIpAddress(broadcast, 'broadcast');
  if (bytes.length !== 4) throw mustBe('broadcast', 'an IPv4 address, or true or false', broadcast);
  return bytes;
}

/** Checks an address before anything is sent. @throws InvalidOptionError */
export function checkAddress(callee: string, address: string | AddressSpec): CheckedAddress {
  const spec: AddressSpec = typeof address === 'string' ? { address } : address;
  checkProperties(spec, callee, PROPERTIES);
  checkInteger('metric', spec.metric, 0, 0xffffffff);
  checkInteger('protocol', spec.protocol, 0, 0xff);
  checkText('label', spec.label);
  checkUnknown(spec.unknown);
  checkArray('flags', spec.flags, ADDRESS_FLAGS.join(', '));
  const own = parseIpNetwork(spec.address, 'address');
  const peer = spec.peer === undefined ? undefined : parseIpNetwork(spec.peer, 'peer');
  if (peer !== undefined && peer.family !== own.family)
    throw new InvalidOptionError(
      'peer',
      `the two ends ${spec.address} and ${spec.peer} (\`peer\`) are not of the same family`,
    );
  if (spec.label !== undefined && own.family === 'ipv6')
    throw new InvalidOptionError('label', `label cannot be given for ${spec.address}: only IPv4 addresses have one`);
  if (spec.label !== undefined && (spec.label === '' || Buffer.byteLength(spec.label) >= LABEL_SIZE))
    throw mustBe('label', `a string of 1 to ${LABEL_SIZE - 1} bytes`, spec.label);
  const bits = bitsOf(spec.flags ?? []);
  if (bits === undefined)
    throw new InvalidOptionError(
      'flags',
      `flags must be an array of ${ADDRESS_FLAGS.join(', ')} or numbers of 32 bits, got [${(spec.flags ?? []).map(shown).join(', ')}]`,
    );
  const validLifetime = lifetime('validLifetime', spec.validLifetime);
  const preferredLifetime = lifetime(
    'preferredLifetime',
    spec.preferredLifetime ?? (validLifetime === INFINITY_LIFE_TIME ? undefined : validLifetime),
  );
  if (preferredLifetime > validLifetime)
    throw new InvalidOptionError(
      'preferredLifetime',
      `preferredLifetime (${preferredLifetime} s) cannot be longer than validLifetime (${validLifetime} s)`,
    );
  const isLoopback = own.family === 'ipv4' && own.bytes[0] === LOOPBACK_FIRST_BYTE;
  return {
    own,
    peer,
    broadcast: broadcastOf(spec.broadcast, own),
    label: spec.label,
    scope: spec.scope === undefined ? (isLoopback ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE) : scopeNumber(spec.scope),
    flags: (bits & ~STATE) >>> 0,
    metric: spec.metric,
    protocol: spec.protocol,
    validLifetime,
    preferredLifetime,
    unknown: spec.unknown ?? [],
  };
}
