import { bool, type Fields, flag, ipAddress, u8, u16, u16be, u32, u32be } from '../../message/fields.js';
import {
  GRE_KEY,
  IFLA_GRE_COLLECT_METADATA,
  IFLA_GRE_ENCAP_DPORT,
  IFLA_GRE_ENCAP_FLAGS,
  IFLA_GRE_ENCAP_SPORT,
  IFLA_GRE_ENCAP_TYPE,
  IFLA_GRE_FWMARK,
  IFLA_GRE_IFLAGS,
  IFLA_GRE_IGNORE_DF,
  IFLA_GRE_IKEY,
  IFLA_GRE_LINK,
  IFLA_GRE_LOCAL,
  IFLA_GRE_OFLAGS,
  IFLA_GRE_OKEY,
  IFLA_GRE_PMTUDISC,
  IFLA_GRE_REMOTE,
  IFLA_GRE_TOS,
  IFLA_GRE_TTL,
} from '../../uapi/if-tunnel.js';
import { TUNNEL_SYNONYMS } from './ip-tunnel-fields.js';
import { kindOfFields, type LinkKind } from './kind.js';

/** What GRE tunnels over IPv4 and IPv6 have in common. */
export interface GreCommon {
  /** Index of the link that packets are sent through. */
  readonly underlayIndex?: number;
  /** `GRE_…` of `<linux/if_tunnel.h>` for received packets, 0x2000 means that there is a key. Where it is left out, it follows from `inputKey`. */
  readonly inputFlags?: number;
  readonly outputFlags?: number;
  readonly inputKey?: number;
  readonly outputKey?: number;
  /** The own address. */
  readonly localAddress?: string;
  /** The other end. */
  readonly remoteAddress?: string;
  /** 0 takes that of the inner packet. */
  readonly ttl?: number;
  /** `TUNNEL_ENCAP_…`: 0 none, 1 FOU, 2 GUE. */
  readonly encapType?: number;
  readonly encapFlags?: number;
  readonly encapSourcePort?: number;
  readonly encapDestinationPort?: number;
  readonly collectMetadata?: boolean;
  readonly fwmark?: number;
  /** ERSPAN and others make use of it. */
  readonly ignoreDf?: boolean;
}

/** `<linux/if_tunnel.h>`, `IFLA_GRE_…`: what comes first and what comes last. */
export function greEnds(family: 'ipv4' | 'ipv6'): Fields<GreCommon> {
  return {
    inputKey: u32be(IFLA_GRE_IKEY),
    outputKey: u32be(IFLA_GRE_OKEY),
    inputFlags: u16be(IFLA_GRE_IFLAGS),
    outputFlags: u16be(IFLA_GRE_OFLAGS),
    localAddress: ipAddress(IFLA_GRE_LOCAL, family),
    remoteAddress: ipAddress(IFLA_GRE_REMOTE, family),
  };
}

export const greEncapsulation: Fields<GreCommon> = {
  encapType: u16(IFLA_GRE_ENCAP_TYPE),
  encapFlags: u16(IFLA_GRE_ENCAP_FLAGS),
  encapSourcePort: u16be(IFLA_GRE_ENCAP_SPORT),
  encapDestinationPort: u16be(IFLA_GRE_ENCAP_DPORT),
  collectMetadata: flag(IFLA_GRE_COLLECT_METADATA),
  ignoreDf: bool(IFLA_GRE_IGNORE_DF),
};

/** The flags of a change: a key that is given is used, whatever the flags were. */
function keyFlags(current: GreCommon, changes: GreCommon): GreCommon {
  const { inputKey, outputKey } = changes;
  return {
    ...(inputKey !== undefined && { inputFlags: (current.inputFlags ?? 0) | GRE_KEY }),
    ...(outputKey !== undefined && { outputFlags: (current.outputFlags ?? 0) | GRE_KEY }),
  };
}

/** Adds the flags that keys imply where flags are not given. */
function withKeyFlags<A extends GreCommon>(link: Partial<A>): Partial<A> {
  const { inputKey, outputKey, inputFlags, outputFlags } = link;
  return {
    ...link,
    ...(inputKey !== undefined && inputFlags === undefined && { inputFlags: GRE_KEY }),
    ...(outputKey !== undefined && outputFlags === undefined && { outputFlags: GRE_KEY }),
  };
}

/** What GRE tunnels over IPv4 have. */
export interface GreOverIpv4 extends GreCommon {
  /** 1 takes that of the inner packet. */
  readonly tos?: number;
  /** Whether packets must not be fragmented; on by default. */
  readonly pmtuDiscovery?: boolean;
}

/** Makes a kind of GRE tunnel over IPv4. @param more fields of its own */
export function greOverIpv4<A extends GreOverIpv4>(kernelName: string, more: Fields<A>): LinkKind<A> {
  const fields: Fields<GreOverIpv4> = {
    ...greEnds('ipv4'),
    pmtuDiscovery: bool(IFLA_GRE_PMTUDISC),
    tos: u8(IFLA_GRE_TOS),
    underlayIndex: u32(IFLA_GRE_LINK),
    ttl: u8(IFLA_GRE_TTL),
    fwmark: u32(IFLA_GRE_FWMARK),
  };
  return greKind<A>(kernelName, { ...fields, ...more, ...greEncapsulation } as Fields<A>);
}

/** The other end as the kernel tells it where a tunnel has none, and takes it from none. */
const NO_END = ['0.0.0.0', '::'];

function asRead<A extends GreCommon>({ remoteAddress, ...link }: Partial<A>): Partial<A> {
  const isNone = remoteAddress === undefined || NO_END.includes(remoteAddress);
  return (isNone ? link : { ...link, remoteAddress }) as Partial<A>;
}

/** Makes a kind of GRE tunnel of its fields. */
export function greKind<A extends GreCommon>(kernelName: string, fields: Fields<A>): LinkKind<A> {
  const plain = kindOfFields<A>(kernelName, fields, { asRead, synonyms: TUNNEL_SYNONYMS });
  return {
    ...plain,
    changesReplace: true,
    withoutStale: (current, changes) => keyFlags(current as GreCommon, changes as GreCommon) as Partial<A>,
    write: (writer, link) => plain.write(writer, withKeyFlags(link)),
  };
}
