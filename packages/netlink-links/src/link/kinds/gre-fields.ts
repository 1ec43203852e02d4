import type { Fields } from '../../message/fields.js';
import { bool, flag, ipAddress, u16, u16be, u32be } from '../../message/fields.js';
import {
  GRE_KEY,
  IFLA_GRE_COLLECT_METADATA,
  IFLA_GRE_ENCAP_DPORT,
  IFLA_GRE_ENCAP_FLAGS,
  IFLA_GRE_ENCAP_SPORT,
  IFLA_GRE_ENCAP_TYPE,
  IFLA_GRE_IFLAGS,
  IFLA_GRE_IGNORE_DF,
  IFLA_GRE_IKEY,
  IFLA_GRE_LOCAL,
  IFLA_GRE_OFLAGS,
  IFLA_GRE_OKEY,
  IFLA_GRE_REMOTE,
} from '../../uapi/if-tunnel.js';

/** What GRE tunnels over IPv4 and IPv6 have in common. */
export interface GreCommon {
  /** Index of the link that packets are sent through. */
  underlayIndex?: number;
  /** `GRE_…` of `<linux/if_tunnel.h>` for received packets, 0x2000 means that there is a key. Where it is left out, it follows from `inputKey`. */
  inputFlags?: number;
  outputFlags?: number;
  inputKey?: number;
  outputKey?: number;
  /** The own address. */
  localAddress?: string;
  /** The other end. */
  remoteAddress?: string;
  /** 0 takes that of the inner packet. */
  ttl?: number;
  /** `TUNNEL_ENCAP_…`: 0 none, 1 FOU, 2 GUE. */
  encapType?: number;
  encapFlags?: number;
  encapSourcePort?: number;
  encapDestinationPort?: number;
  collectMetadata?: boolean;
  fwmark?: number;
  /** ERSPAN and others make use of it. */
  ignoreDf?: boolean;
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
export function keyFlags(current: GreCommon, changes: GreCommon): GreCommon {
  const { inputKey, outputKey } = changes;
  return {
    ...(inputKey !== undefined && { inputFlags: (current.inputFlags ?? 0) | GRE_KEY }),
    ...(outputKey !== undefined && { outputFlags: (current.outputFlags ?? 0) | GRE_KEY }),
  };
}

/** Adds the flags that keys imply where flags are not given. */
export function withKeyFlags<A extends GreCommon>(link: Partial<A>): Partial<A> {
  const { inputKey, outputKey, inputFlags, outputFlags } = link;
  return {
    ...link,
    ...(inputKey !== undefined && inputFlags === undefined && { inputFlags: GRE_KEY }),
    ...(outputKey !== undefined && outputFlags === undefined && { outputFlags: GRE_KEY }),
  };
}
