import { AF_INET, AF_INET6 } from 'netns-core/sys';
import { AttributeReader } from '../codec/attribute-reader.js';
import { flagNames } from '../codec/flag-names.js';
import type { MessageBytes } from '../codec/message-bytes.js';
import { scopeName } from '../codec/scope.js';
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
import { ADDRESS_FLAGS, type Address } from './address.js';

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
  const prefixLength = u8[start + 1] ?? 0;
  let flags = u8[start + 2] ?? 0;
  let address = '';
  let local = '';
  let broadcast: string | undefined;
  let anycast: string | undefined;
  let multicast: string | undefined;
  let label: string | undefined;
  let validLifetime = Number.POSITIVE_INFINITY;
  let preferredLifetime = Number.POSITIVE_INFINITY;
  let metric: number | undefined;
  let protocol: number | undefined;
  const attributes = new AttributeReader(bytes, start + IFADDRMSG_SIZE, end);
  while (attributes.next())
    switch (attributes.type) {
      case IFA_ADDRESS:
        address = attributes.ipAddress();
        break;
      case IFA_LOCAL:
        local = attributes.ipAddress();
        break;
      case IFA_LABEL:
        label = attributes.string();
        break;
      case IFA_BROADCAST:
        broadcast = attributes.ipAddress();
        break;
      case IFA_ANYCAST:
        anycast = attributes.ipAddress();
        break;
      case IFA_MULTICAST:
        multicast = attributes.ipAddress();
        break;
      case IFA_CACHEINFO: {
        const preferred = attributes.u32At(0);
        const valid = attributes.u32At(4);
        if (preferred !== FOR_EVER) preferredLifetime = preferred;
        if (valid !== FOR_EVER) validLifetime = valid;
        break;
      }
      case IFA_FLAGS:
        flags = attributes.u32();
        break;
      case IFA_RT_PRIORITY:
        metric = attributes.u32();
        break;
      case IFA_PROTO:
        protocol = attributes.u8();
        break;
    }
  // IPv6 gives IFA_LOCAL only for an address with a peer; IPv4 always gives both.
  const own = local === '' ? address : local;
  const result: Address = {
    family: family === AF_INET ? 'ipv4' : 'ipv6',
    address: `${own}/${prefixLength}`,
    local: own,
    prefixLength,
    scope: scopeName(u8[start + 3] ?? 0),
    flags: flagsOf(flags),
    ifindex: bytes.u32[(start + 4) >> 2] ?? 0,
    validLifetime,
    preferredLifetime,
  };
  if (label !== undefined) result.label = label;
  if (broadcast !== undefined) result.broadcast = broadcast;
  if (own !== address && address !== '') result.peer = `${address}/${prefixLength}`;
  if (anycast !== undefined) result.anycast = anycast;
  if (multicast !== undefined) result.multicast = multicast;
  if (metric !== undefined) result.metric = metric;
  if (protocol !== undefined) result.protocol = protocol;
  return result;
}
