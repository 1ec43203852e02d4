import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import type { AttributeReader } from '../../message/attribute-reader.js';
import { mustBe, propertiesOf } from '../../message/checks.js';
import type { Reading } from '../../message/fields.js';
import { parseIpNetwork } from '../../message/ip-address.js';
import { checkMaskedNumber, type MaskedNumber, maskedNumber, maskedParts } from '../../message/masked-number.js';
import type { MessageWriter } from '../../message/message-writer.js';
import { NamedNumbers } from '../../message/named-numbers.js';
import { keepUnknown, type WithUnknown } from '../../message/unknown-attribute.js';
import { checkLinkName } from '../../operation/link-name.js';
import {
  TCA_FLOWER_ACT,
  TCA_FLOWER_CLASSID,
  TCA_FLOWER_FLAGS,
  TCA_FLOWER_IN_HW_COUNT,
  TCA_FLOWER_INDEV,
  TCA_FLOWER_KEY_CVLAN_ETH_TYPE,
  TCA_FLOWER_KEY_CVLAN_ID,
  TCA_FLOWER_KEY_CVLAN_PRIO,
  TCA_FLOWER_KEY_ETH_DST,
  TCA_FLOWER_KEY_ETH_DST_MASK,
  TCA_FLOWER_KEY_ETH_SRC,
  TCA_FLOWER_KEY_ETH_SRC_MASK,
  TCA_FLOWER_KEY_ETH_TYPE,
  TCA_FLOWER_KEY_FLAGS,
  TCA_FLOWER_KEY_FLAGS_FRAG_IS_FIRST,
  TCA_FLOWER_KEY_FLAGS_IS_FRAGMENT,
  TCA_FLOWER_KEY_FLAGS_MASK,
  TCA_FLOWER_KEY_ICMPV4_CODE,
  TCA_FLOWER_KEY_ICMPV4_CODE_MASK,
  TCA_FLOWER_KEY_ICMPV4_TYPE,
  TCA_FLOWER_KEY_ICMPV4_TYPE_MASK,
  TCA_FLOWER_KEY_ICMPV6_CODE,
  TCA_FLOWER_KEY_ICMPV6_CODE_MASK,
  TCA_FLOWER_KEY_ICMPV6_TYPE,
  TCA_FLOWER_KEY_ICMPV6_TYPE_MASK,
  TCA_FLOWER_KEY_IP_PROTO,
  TCA_FLOWER_KEY_IP_TOS,
  TCA_FLOWER_KEY_IP_TOS_MASK,
  TCA_FLOWER_KEY_IP_TTL,
  TCA_FLOWER_KEY_IP_TTL_MASK,
  TCA_FLOWER_KEY_IPV4_DST,
  TCA_FLOWER_KEY_IPV4_DST_MASK,
  TCA_FLOWER_KEY_IPV4_SRC,
  TCA_FLOWER_KEY_IPV4_SRC_MASK,
  TCA_FLOWER_KEY_IPV6_DST,
  TCA_FLOWER_KEY_IPV6_DST_MASK,
  TCA_FLOWER_KEY_IPV6_SRC,
  TCA_FLOWER_KEY_IPV6_SRC_MASK,
  TCA_FLOWER_KEY_PORT_DST_MAX,
  TCA_FLOWER_KEY_PORT_DST_MIN,
  TCA_FLOWER_KEY_PORT_SRC_MAX,
  TCA_FLOWER_KEY_PORT_SRC_MIN,
  TCA_FLOWER_KEY_SCTP_DST,
  TCA_FLOWER_KEY_SCTP_DST_MASK,
  TCA_FLOWER_KEY_SCTP_SRC,
  TCA_FLOWER_KEY_SCTP_SRC_MASK,
  TCA_FLOWER_KEY_TCP_DST,
  TCA_FLOWER_KEY_TCP_DST_MASK,
  TCA_FLOWER_KEY_TCP_FLAGS,
  TCA_FLOWER_KEY_TCP_FLAGS_MASK,
  TCA_FLOWER_KEY_TCP_SRC,
  TCA_FLOWER_KEY_TCP_SRC_MASK,
  TCA_FLOWER_KEY_UDP_DST,
  TCA_FLOWER_KEY_UDP_DST_MASK,
  TCA_FLOWER_KEY_UDP_SRC,
  TCA_FLOWER_KEY_UDP_SRC_MASK,
  TCA_FLOWER_KEY_VLAN_ETH_TYPE,
  TCA_FLOWER_KEY_VLAN_ID,
  TCA_FLOWER_KEY_VLAN_PRIO,
} from '../../uapi/pkt-cls.js';
import { type FlowerArp, flowerArp } from './flower-arp.js';
import { type FlowerConntrack, flowerConntrack } from './flower-conntrack.js';
import { macKey, networkKey, takeKeys, writeKeys } from './flower-keys.js';
import { type FlowerMpls, flowerMpls } from './flower-mpls.js';
import type { FlowerPart } from './flower-part.js';
import { type FlowerTunnel, flowerTunnel } from './flower-tunnel.js';
import { type FilterKind, readShared, writeClassid, writeFilterActions, writeFilterFlags } from './kind.js';
import { type FilterProtocol, filterProtocols } from './protocol.js';

/** Protocols inside IP. */
export type FlowerIpProtocol = 'icmp' | 'tcp' | 'udp' | 'icmpv6' | 'sctp' | number;

/** A filter by what a packet's headers say; tc-flower(8). All that is given must be so. */
export interface FlowerAttributes {
  /** The name of the link that packets have come in by. */
  readonly indev?: string;
  /** `'02:00:00:00:00:01'`, or with the bits that count: `'02:00:00:00:00:00/ff:00:00:00:00:00'`. */
  readonly dstMac?: string;
  readonly srcMac?: string;
  /** The VLAN: the protocol of the filter is 802.1q or 802.1ad then. */
  readonly vlanId?: number;
  readonly vlanPriority?: number;
  /** The protocol inside the VLAN: `'ip'`. */
  readonly vlanEtherType?: FilterProtocol;
  /** The VLAN inside the VLAN. */
  readonly cvlanId?: number;
  readonly cvlanPriority?: number;
  readonly cvlanEtherType?: FilterProtocol;
  /** The protocol inside IP, which must be known for ports, TCP flags and ICMP. */
  readonly ipProtocol?: FlowerIpProtocol;
  /** An address or a network. */
  readonly dst?: string;
  readonly src?: string;
  /** A port, a range `[first, last]`, or a port of which some bits count. */
  readonly destinationPort?: MaskedNumber | readonly [number, number];
  readonly sourcePort?: MaskedNumber | readonly [number, number];
  /** 12 bits: 0x02 is SYN. */
  readonly tcpFlags?: MaskedNumber;
  /** The TOS byte, or the traffic class of IPv6. */
  readonly tos?: MaskedNumber;
  /** The TTL, or the hop limit of IPv6. */
  readonly ttl?: MaskedNumber;
  readonly icmpType?: MaskedNumber;
  readonly icmpCode?: MaskedNumber;
  /** Whether it is a fragment: `'nofirstfrag'` is one that is not the first. */
  readonly fragment?: 'frag' | 'nofrag' | 'firstfrag' | 'nofirstfrag';
  /** What an ARP message says: the protocol of the filter is `'arp'` then. */
  readonly arp?: FlowerArp;
  /** The outermost MPLS label: the protocol of the filter is `'mpls'` then. */
  readonly mpls?: FlowerMpls;
  /** The tunnel that the packet has come by, as a link with `collectMetadata` knows it. */
  readonly tunnel?: FlowerTunnel;
  /** The connection of the packet, behind a `ct` action. */
  readonly ct?: FlowerConntrack;
}

const properties = propertiesOf<FlowerAttributes>(
  {
    indev: 'set',
    dstMac: 'set',
    srcMac: 'set',
    vlanId: 'set',
    vlanPriority: 'set',
    vlanEtherType: 'set',
    cvlanId: 'set',
    cvlanPriority: 'set',
    cvlanEtherType: 'set',
    ipProtocol: 'set',
    dst: 'set',
    src: 'set',
    destinationPort: 'set',
    sourcePort: 'set',
    tcpFlags: 'set',
    tos: 'set',
    ttl: 'set',
    icmpType: 'set',
    icmpCode: 'set',
    fragment: 'set',
    arp: 'set',
    mpls: 'set',
    tunnel: 'set',
    ct: 'set',
  },
  {
    dst_mac: 'dstMac',
    src_mac: 'srcMac',
    vlan_id: 'vlanId',
    vlan_prio: 'vlanPriority',
    vlan_ethtype: 'vlanEtherType',
    ip_proto: 'ipProtocol',
    dst_ip: 'dst',
    src_ip: 'src',
    dst_port: 'destinationPort',
    src_port: 'sourcePort',
    dport: 'destinationPort',
    sport: 'sourcePort',
    tcp_flags: 'tcpFlags',
    ip_tos: 'tos',
    ip_ttl: 'ttl',
    ip_flags: 'fragment',
  },
);

const SHARED = { classid: TCA_FLOWER_CLASSID, actions: TCA_FLOWER_ACT, flags: TCA_FLOWER_FLAGS };
const ipProtocols = new NamedNumbers<Exclude<FlowerIpProtocol, number>>('ipProtocol', {
  icmp: 1,
  tcp: 6,
  udp: 17,
  icmpv6: 58,
  sctp: 132,
});

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const ALL = 0x0003;

const FRAGMENTS = {
  frag: { value: TCA_FLOWER_KEY_FLAGS_IS_FRAGMENT, mask: TCA_FLOWER_KEY_FLAGS_IS_FRAGMENT },
  nofrag: { value: 0, mask: TCA_FLOWER_KEY_FLAGS_IS_FRAGMENT },
  firstfrag: { value: TCA_FLOWER_KEY_FLAGS_FRAG_IS_FIRST, mask: TCA_FLOWER_KEY_FLAGS_FRAG_IS_FIRST },
  nofirstfrag: { value: 0, mask: TCA_FLOWER_KEY_FLAGS_FRAG_IS_FIRST },
} as const;

/** A property that is a number with a mask: its attributes, and how wide they are. */
interface MaskedField {
  readonly property: 'tcpFlags' | 'tos' | 'ttl' | 'icmpType' | 'icmpCode' | 'sourcePort' | 'destinationPort';
  readonly value: number;
  readonly mask: number;
  readonly bits: 8 | 12 | 16;
}

const PORTS: Readonly<Record<string, readonly MaskedField[]>> = {
  tcp: [
    { property: 'destinationPort', value: TCA_FLOWER_KEY_TCP_DST, mask: TCA_FLOWER_KEY_TCP_DST_MASK, bits: 16 },
    { property: 'sourcePort', value: TCA_FLOWER_KEY_TCP_SRC, mask: TCA_FLOWER_KEY_TCP_SRC_MASK, bits: 16 },
    { property: 'tcpFlags', value: TCA_FLOWER_KEY_TCP_FLAGS, mask: TCA_FLOWER_KEY_TCP_FLAGS_MASK, bits: 12 },
  ],
  udp: [
    { property: 'destinationPort', value: TCA_FLOWER_KEY_UDP_DST, mask: TCA_FLOWER_KEY_UDP_DST_MASK, bits: 16 },
    { property: 'sourcePort', value: TCA_FLOWER_KEY_UDP_SRC, mask: TCA_FLOWER_KEY_UDP_SRC_MASK, bits: 16 },
  ],
  sctp: [
    { property: 'destinationPort', value: TCA_FLOWER_KEY_SCTP_DST, mask: TCA_FLOWER_KEY_SCTP_DST_MASK, bits: 16 },
    { property: 'sourcePort', value: TCA_FLOWER_KEY_SCTP_SRC, mask: TCA_FLOWER_KEY_SCTP_SRC_MASK, bits: 16 },
  ],
  icmp: [
    { property: 'icmpType', value: TCA_FLOWER_KEY_ICMPV4_TYPE, mask: TCA_FLOWER_KEY_ICMPV4_TYPE_MASK, bits: 8 },
    { property: 'icmpCode', value: TCA_FLOWER_KEY_ICMPV4_CODE, mask: TCA_FLOWER_KEY_ICMPV4_CODE_MASK, bits: 8 },
  ],
  icmpv6: [
    { property: 'icmpType', value: TCA_FLOWER_KEY_ICMPV6_TYPE, mask: TCA_FLOWER_KEY_ICMPV6_TYPE_MASK, bits: 8 },
    { property: 'icmpCode', value: TCA_FLOWER_KEY_ICMPV6_CODE, mask: TCA_FLOWER_KEY_ICMPV6_CODE_MASK, bits: 8 },
  ],
};
const OF_IP: readonly MaskedField[] = [
  { property: 'tos', value: TCA_FLOWER_KEY_IP_TOS, mask: TCA_FLOWER_KEY_IP_TOS_MASK, bits: 8 },
  { property: 'ttl', value: TCA_FLOWER_KEY_IP_TTL, mask: TCA_FLOWER_KEY_IP_TTL_MASK, bits: 8 },
];
const MASKED_FIELDS = [...OF_IP, ...Object.values(PORTS).flat()];
const BY_VALUE = new Map(MASKED_FIELDS.map((field) => [field.value, field]));
const BY_MASK = new Map(MASKED_FIELDS.map((field) => [field.mask, field]));

const RANGES = {
  destinationPort: { min: TCA_FLOWER_KEY_PORT_DST_MIN, max: TCA_FLOWER_KEY_PORT_DST_MAX },
  sourcePort: { min: TCA_FLOWER_KEY_PORT_SRC_MIN, max: TCA_FLOWER_KEY_PORT_SRC_MAX },
} as const;

const ADDRESSES = {
  dst: networkKey(
    { value: TCA_FLOWER_KEY_IPV4_DST, mask: TCA_FLOWER_KEY_IPV4_DST_MASK },
    { value: TCA_FLOWER_KEY_IPV6_DST, mask: TCA_FLOWER_KEY_IPV6_DST_MASK },
  ),
  src: networkKey(
    { value: TCA_FLOWER_KEY_IPV4_SRC, mask: TCA_FLOWER_KEY_IPV4_SRC_MASK },
    { value: TCA_FLOWER_KEY_IPV6_SRC, mask: TCA_FLOWER_KEY_IPV6_SRC_MASK },
  ),
} as const;

const MACS = {
  dstMac: macKey(TCA_FLOWER_KEY_ETH_DST, TCA_FLOWER_KEY_ETH_DST_MASK),
  srcMac: macKey(TCA_FLOWER_KEY_ETH_SRC, TCA_FLOWER_KEY_ETH_SRC_MASK),
} as const;

/** Keys that are objects of their own. */
const PARTS = { arp: flowerArp, mpls: flowerMpls, tunnel: flowerTunnel, ct: flowerConntrack } as const;
const PART_NAMES = Object.keys(PARTS) as (keyof typeof PARTS)[];

const VLANS = {
  vlanId: { attribute: TCA_FLOWER_KEY_VLAN_ID, max: 0xfff },
  vlanPriority: { attribute: TCA_FLOWER_KEY_VLAN_PRIO, max: 7 },
  cvlanId: { attribute: TCA_FLOWER_KEY_CVLAN_ID, max: 0xfff },
  cvlanPriority: { attribute: TCA_FLOWER_KEY_CVLAN_PRIO, max: 7 },
} as const;
const ETHER_TYPES = {
  vlanEtherType: TCA_FLOWER_KEY_VLAN_ETH_TYPE,
  cvlanEtherType: TCA_FLOWER_KEY_CVLAN_ETH_TYPE,
} as const;

/** The protocol of what is inside VLANs, where it is known. */
function innerProtocol(filter: Partial<FlowerAttributes>, protocol: number | undefined): number | undefined {
  const inner = filter.cvlanEtherType ?? filter.vlanEtherType;
  return inner === undefined ? protocol : filterProtocols.number(inner, 'vlanEtherType');
}

const isRange = (value: unknown): value is readonly [number, number] => Array.isArray(value);

function checkFlower(filter: Partial<FlowerAttributes>, protocol: number | undefined): void {
  if (filter.indev !== undefined) checkLinkName(filter.indev, 'indev');
  for (const name of ['dstMac', 'srcMac'] as const)
    if (filter[name] !== undefined) MACS[name].check(name, filter[name]);
  for (const name of ['vlanId', 'vlanPriority', 'cvlanId', 'cvlanPriority'] as const)
    checkInteger(name, filter[name], 0, VLANS[name].max);
  for (const name of ['vlanEtherType', 'cvlanEtherType'] as const)
    if (filter[name] !== undefined) filterProtocols.number(filter[name], name);
  const ipProtocol =
    filter.ipProtocol === undefined ? undefined : ipProtocols.name(ipProtocols.number(filter.ipProtocol));
  const inner = innerProtocol(filter, protocol);
  for (const name of ['dst', 'src'] as const) {
    const text = filter[name];
    if (text === undefined) continue;
    const { family } = parseIpNetwork(text, name);
    const wanted = family === 'ipv4' ? IPV4 : IPV6;
    if (inner !== undefined && inner !== wanted)
      throw new InvalidOptionError(
        name,
        `${name} ${text} needs the protocol '${filterProtocols.name(wanted)}', and this filter has '${filterProtocols.name(inner)}'`,
      );
  }
  const fields = [...OF_IP, ...(PORTS[ipProtocol ?? ''] ?? [])];
  for (const { property, bits } of MASKED_FIELDS) {
    const value = filter[property];
    if (value === undefined) continue;
    if (!fields.some((field) => field.property === property)) {
      const wanted =
        property === 'tcpFlags' ? 'tcp' : property.startsWith('icmp') ? 'icmp or icmpv6' : 'tcp, udp or sctp';
      throw new InvalidOptionError(property, `${property} needs an ipProtocol, ${wanted}, to be looked for in`);
    }
    if (!isRange(value)) checkMaskedNumber(property, value, bits);
    else if (property === 'sourcePort' || property === 'destinationPort') {
      const [first, last] = value;
      for (const port of [first, last]) checkInteger(property, port, 1, 0xffff);
      // Nothing is less than an end that is left out.
      if (value.length !== 2 || !(first < last))
        throw mustBe(property, 'a range [first, last], the first less than the last', value);
    } else throw mustBe(property, 'a number or { value, mask }', value);
  }
  for (const name of PART_NAMES) {
    const part: FlowerPart<object> = PARTS[name];
    if (filter[name] !== undefined) part.check(name, filter[name], inner);
  }
  const { fragment } = filter;
  if (fragment !== undefined && !(typeof fragment === 'string' && Object.hasOwn(FRAGMENTS, fragment)))
    throw mustBe('fragment', `one of ${Object.keys(FRAGMENTS).join(', ')}`, fragment);
}

function writeMasked(
  writer: MessageWriter,
  { property, value, mask, bits }: MaskedField,
  filter: Partial<FlowerAttributes>,
): void {
  const given = filter[property];
  if (given === undefined || isRange(given)) return;
  const { value: number, mask: counts } = maskedParts(given, bits);
  if (bits === 8) writer.u8(value, number).u8(mask, counts);
  else {
    writer.u16be(value, number);
    // Of a whole port tc says no mask.
    if (property === 'tcpFlags' || typeof given === 'object') writer.u16be(mask, counts);
  }
}

/** The value that a mask is of comes before it. */
function takeMask(
  attribute: AttributeReader,
  { property, bits }: MaskedField,
  filter: Reading<FlowerAttributes>,
): void {
  const mask = bits === 8 ? attribute.u8() : attribute.u16be();
  const value = filter[property];
  if (typeof value === 'number') filter[property] = maskedNumber(value, mask, bits);
}

/** Reads an address or its mask; `false` if the attribute is neither. */
function takeAddress(attribute: AttributeReader, filter: Reading<FlowerAttributes>): boolean {
  return (
    takeKeys<Pick<FlowerAttributes, 'dst' | 'src'>>(attribute, ADDRESSES, filter, filter) ||
    takeKeys<Pick<FlowerAttributes, 'dstMac' | 'srcMac'>>(attribute, MACS, filter, filter)
  );
}

/** Reads a key that is in an object of its own; `false` if the attribute is none. */
function takePart(attribute: AttributeReader, filter: Reading<FlowerAttributes>): boolean {
  for (const name of PART_NAMES) {
    const part: FlowerPart<object> = PARTS[name];
    if (!part.attributes.has(attribute.type)) continue;
    const into = { ...filter[name] };
    part.take(attribute, into, filter);
    if (Object.keys(into).length > 0) (filter as Record<string, unknown>)[name] = into;
    return true;
  }
  return false;
}

export const flower: FilterKind<FlowerAttributes> = {
  kernelName: 'flower',
  properties,
  shared: SHARED,
  check: checkFlower,
  write(writer, filter, found, protocol) {
    writeClassid(writer, SHARED, filter);
    if (filter.indev !== undefined) writer.string(TCA_FLOWER_INDEV, filter.indev);
    writeKeys(writer, MACS, filter);
    if (filter.vlanId !== undefined) writer.u16(TCA_FLOWER_KEY_VLAN_ID, filter.vlanId);
    if (filter.vlanPriority !== undefined) writer.u8(TCA_FLOWER_KEY_VLAN_PRIO, filter.vlanPriority);
    if (filter.vlanEtherType !== undefined)
      writer.u16be(TCA_FLOWER_KEY_VLAN_ETH_TYPE, filterProtocols.number(filter.vlanEtherType));
    if (filter.cvlanId !== undefined) writer.u16(TCA_FLOWER_KEY_CVLAN_ID, filter.cvlanId);
    if (filter.cvlanPriority !== undefined) writer.u8(TCA_FLOWER_KEY_CVLAN_PRIO, filter.cvlanPriority);
    if (filter.cvlanEtherType !== undefined)
      writer.u16be(TCA_FLOWER_KEY_CVLAN_ETH_TYPE, filterProtocols.number(filter.cvlanEtherType));
    const ipProtocol = filter.ipProtocol === undefined ? undefined : ipProtocols.number(filter.ipProtocol);
    if (ipProtocol !== undefined) writer.u8(TCA_FLOWER_KEY_IP_PROTO, ipProtocol);
    writeKeys(writer, ADDRESSES, filter);
    for (const name of ['destinationPort', 'sourcePort'] as const) {
      const range = filter[name];
      if (isRange(range)) writer.u16be(RANGES[name].min, range[0]).u16be(RANGES[name].max, range[1]);
    }
    for (const field of [...(PORTS[ipProtocols.name(ipProtocol ?? 0)] ?? []), ...OF_IP])
      writeMasked(writer, field, filter);
    for (const name of PART_NAMES) {
      const part: FlowerPart<object> = PARTS[name];
      const given = filter[name];
      if (given !== undefined) part.write(writer, given);
    }
    writeFilterActions(writer, SHARED, filter, found);
    writeFilterFlags(writer, SHARED, filter, true);
    if (filter.fragment !== undefined) {
      const { value, mask } = FRAGMENTS[filter.fragment];
      writer.u32be(TCA_FLOWER_KEY_FLAGS, value).u32be(TCA_FLOWER_KEY_FLAGS_MASK, mask);
    }
    const { unknown } = filter as WithUnknown;
    if (protocol !== ALL && unknown?.some(({ attribute }) => attribute === TCA_FLOWER_KEY_ETH_TYPE) !== true)
      writer.u16be(TCA_FLOWER_KEY_ETH_TYPE, protocol);
  },
  read(options, filter, _handle, protocol) {
    let flags = 0;
    while (options.next()) {
      const { type } = options;
      const masked = BY_VALUE.get(type);
      const ofMask = BY_MASK.get(type);
      if (masked !== undefined) filter[masked.property] = masked.bits === 8 ? options.u8() : options.u16be();
      else if (ofMask !== undefined) takeMask(options, ofMask, filter);
      else if (readShared(options, SHARED, filter) || takeAddress(options, filter) || takePart(options, filter))
        continue;
      else
        switch (type) {
          case TCA_FLOWER_INDEV:
            filter.indev = options.string();
            break;
          case TCA_FLOWER_KEY_ETH_TYPE:
            // It is that of the filter, mostly.
            if (options.u16be() !== protocol) keepUnknown(options, filter);
            break;
          case TCA_FLOWER_KEY_IP_PROTO:
            filter.ipProtocol = ipProtocols.name(options.u8());
            break;
          case TCA_FLOWER_KEY_VLAN_ID:
            filter.vlanId = options.u16();
            break;
          case TCA_FLOWER_KEY_VLAN_PRIO:
            filter.vlanPriority = options.u8();
            break;
          case TCA_FLOWER_KEY_CVLAN_ID:
            filter.cvlanId = options.u16();
            break;
          case TCA_FLOWER_KEY_CVLAN_PRIO:
            filter.cvlanPriority = options.u8();
            break;
          case ETHER_TYPES.vlanEtherType:
            filter.vlanEtherType = filterProtocols.name(options.u16be());
            break;
          case ETHER_TYPES.cvlanEtherType:
            filter.cvlanEtherType = filterProtocols.name(options.u16be());
            break;
          case RANGES.destinationPort.min:
            filter.destinationPort = [options.u16be(), 0xffff];
            break;
          case RANGES.sourcePort.min:
            filter.sourcePort = [options.u16be(), 0xffff];
            break;
          case RANGES.destinationPort.max:
            if (isRange(filter.destinationPort)) filter.destinationPort = [filter.destinationPort[0], options.u16be()];
            break;
          case RANGES.sourcePort.max:
            if (isRange(filter.sourcePort)) filter.sourcePort = [filter.sourcePort[0], options.u16be()];
            break;
          case TCA_FLOWER_KEY_FLAGS:
            flags = options.u32be();
            break;
          case TCA_FLOWER_KEY_FLAGS_MASK: {
            const mask = options.u32be();
            const found = Object.entries(FRAGMENTS).find(
              ([, each]) => each.mask === mask && each.value === (flags & mask),
            );
            if (found === undefined) keepUnknown(options, filter);
            else filter.fragment = found[0] as NonNullable<FlowerAttributes['fragment']>;
            break;
          }
          case TCA_FLOWER_IN_HW_COUNT:
            break;
          default:
            keepUnknown(options, filter);
        }
    }
  },
};
