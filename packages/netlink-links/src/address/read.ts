import { AF_INET, AF_INET6 } from 'netns-core/sys';
import { flagNames } from '../message/flag-names.js';
import { formatAddressBytes, formatIpv4, formatIpv4Network, formatIpv6 } from '../message/ip-address.js';
import type { MessageBytes } from '../message/message-bytes.js';
import type { Mutable } from '../message/mutable.js';
import { type Scope, scopeName } from '../message/scope.js';
import { readShortText } from '../message/short-text.js';
import { addUnknown, type UnknownAttribute } from '../message/unknown-attribute.js';
import {
  IFA_ADDRESS,
  IFA_ANYCAST,
  IFA_BROADCAST,
  IFA_CACHEINFO,
  IFA_FLAGS,
  IFA_LABEL,
  IFA_LOCAL,
  IFA_MULTICAST,
  IFA_PROTO,
  IFA_RT_PRIORITY,
  IFADDRMSG_SIZE,
} from '../uapi/if-addr.js';
import { NLA_HDRLEN, NLA_TYPE_MASK } from '../uapi/netlink.js';
import { ADDRESS_FLAGS, type Address, type AddressFlag } from './address.js';

const flagsOf = flagNames(ADDRESS_FLAGS);
const FOR_EVER = 0xffffffff;

/** Reads the payload of `RTM_NEWADDR` or `RTM_DELADDR`; nothing for families other than IPv4 and IPv6. */
export function readAddress(bytes: MessageBytes, start: number, end: number): Address | undefined {
  if (end - start < IFADDRMSG_SIZE) {
    bytes.fail('a message about an address is shorter than its header');
    return undefined;
  }
  const { u8 } = bytes;
  const family = u8[start] ?? 0;
  if (family !== AF_INET && family !== AF_INET6) return undefined;
  const ipv4 = family === AF_INET;
  const size = ipv4 ? 4 : 16;
  const prefixLength = u8[start + 1] ?? 0;
  let flags = u8[start + 2] ?? 0;
  // Where the two addresses are: IPv4 sends the same one twice, so they are formatted once and only if they differ twice.
  let address = -1;
  let local = -1;
  let broadcast: string | undefined;
  let anycast: string | undefined;
  let multicast: string | undefined;
  let label: string | undefined;
  let validLifetime = Number.POSITIVE_INFINITY;
  let preferredLifetime = Number.POSITIVE_INFINITY;
  let metric: number | undefined;
  let protocol: number | undefined;
  let unknown: UnknownAttribute[] | undefined;
  // The hot path of large dumps: words are read in place, without an AttributeReader.
  const { u16, u32 } = bytes;
  const limit = Math.min(end, u8.byteLength);
  let at = start + IFADDRMSG_SIZE;
  while (limit - at >= NLA_HDRLEN) {
    const length = u16[at >> 1] ?? 0;
    if (length < NLA_HDRLEN || length > limit - at) {
      bytes.fail(`an attribute of an address claims ${length} bytes where ${limit - at} are left`);
      break;
    }
    const type = (u16[(at >> 1) + 1] ?? 0) & NLA_TYPE_MASK;
    const value = at + NLA_HDRLEN;
    const room = length - NLA_HDRLEN;
    at += (length + 3) & ~3;
    switch (type) {
      case IFA_ADDRESS:
        if (room === size) address = value;
        else bytes.fail(`an address has ${room} bytes where ${size} are right`);
        break;
      case IFA_LOCAL:
        if (room === size) local = value;
        else bytes.fail(`an address has ${room} bytes where ${size} are right`);
        break;
      case IFA_LABEL:
        label = readShortText(bytes, value, value + room) ?? readText(u8, value, value + room);
        break;
      case IFA_BROADCAST:
        broadcast = formatAddressBytes(bytes, value, room);
        break;
      case IFA_ANYCAST:
        anycast = formatAddressBytes(bytes, value, room);
        break;
      case IFA_MULTICAST:
        multicast = formatAddressBytes(bytes, value, room);
        break;
      case IFA_PROTO:
        protocol = u8[value];
        break;
      case IFA_CACHEINFO:
        if (room < 8) {
          bytes.fail('the lifetimes of an address are cut off');
          break;
        }
        if (u32[value >> 2] !== FOR_EVER) preferredLifetime = u32[value >> 2] ?? 0;
        if (u32[(value >> 2) + 1] !== FOR_EVER) validLifetime = u32[(value >> 2) + 1] ?? 0;
        break;
      case IFA_FLAGS:
        if (room >= 4) flags = u32[value >> 2] ?? 0;
        break;
      case IFA_RT_PRIORITY:
        if (room >= 4) metric = u32[value >> 2];
        break;
      default:
        if (type > IFA_PROTO) unknown = addUnknown(unknown, bytes, value, room);
    }
  }
  // IPv6 gives IFA_LOCAL only for an address with a peer; IPv4 always gives both.
  const own = local < 0 ? address : local;
  if (own < 0) {
    bytes.fail('a message about an address without an address');
    return undefined;
  }
  const scope = scopeName(u8[start + 3] ?? 0);
  const ifindex = u32[(start + 4) >> 2] ?? 0;
  const names = flagsOf(flags);
  let result: Mutable<Address>;
  if (ipv4) {
    const text = formatIpv4Network(u8, own, prefixLength);
    result = ipv4Address(
      text,
      formatIpv4(u8, own),
      prefixLength,
      scope,
      names,
      ifindex,
      validLifetime,
      preferredLifetime,
      label ?? '',
    );
    if (label === undefined) delete result.label;
  } else {
    const text = formatIpv6(bytes, own);
    result = ipv6Address(
      `${text}/${prefixLength}`,
      text,
      prefixLength,
      scope,
      names,
      ifindex,
      validLifetime,
      preferredLifetime,
    );
    if (label !== undefined) result.label = label;
  }
  if (broadcast !== undefined) result.broadcast = broadcast;
  if (address >= 0 && own !== address && !sameBytes(u8, own, address, size))
    result.peer = `${formatAddressBytes(bytes, address, size)}/${prefixLength}`;
  if (anycast !== undefined) result.anycast = anycast;
  if (multicast !== undefined) result.multicast = multicast;
  if (metric !== undefined) result.metric = metric;
  if (protocol !== undefined) result.protocol = protocol;
  if (unknown !== undefined) result.unknown = unknown;
  return result;
}

// What most of a dump's time goes into is memory. So there is one literal for each family, with the properties that its
// addresses have and no room for others.
function ipv4Address(
  address: string,
  local: string,
  prefixLength: number,
  scope: Scope,
  flags: readonly AddressFlag[],
  ifindex: number,
  validLifetime: number,
  preferredLifetime: number,
  label: string,
): Mutable<Address> {
  return {
    family: 'ipv4',
    address,
    local,
    prefixLength,
    scope,
    flags,
    ifindex,
    validLifetime,
    preferredLifetime,
    label,
  };
}

function ipv6Address(
  address: string,
  local: string,
  prefixLength: number,
  scope: Scope,
  flags: readonly AddressFlag[],
  ifindex: number,
  validLifetime: number,
  preferredLifetime: number,
): Mutable<Address> {
  return { family: 'ipv6', address, local, prefixLength, scope, flags, ifindex, validLifetime, preferredLifetime };
}

function sameBytes(u8: Uint8Array, a: number, b: number, size: number): boolean {
  for (let i = 0; i < size; i += 1) if (u8[a + i] !== u8[b + i]) return false;
  return true;
}

const decoder = new TextDecoder();

function readText(u8: Uint8Array, start: number, end: number): string {
  const value = u8.subarray(start, end);
  const nul = value.indexOf(0);
  return decoder.decode(nul < 0 ? value : value.subarray(0, nul));
}
