import { bool, flag, ipAddress, u16, u16be, u32be } from './fields.js';
import type { Fields } from './kind.js';

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

/** `<linux/if_tunnel.h>`, `GRE_KEY`: the tunnel has a key. */
const GRE_KEY = 0x2000;

/** `<linux/if_tunnel.h>`, `IFLA_GRE_…`: what comes first and what comes last. */
export function greEnds(family: 'ipv4' | 'ipv6'): Fields<GreCommon> {
  return {
    inputKey: u32be(4),
    outputKey: u32be(5),
    inputFlags: u16be(2),
    outputFlags: u16be(3),
    localAddress: ipAddress(6, family),
    remoteAddress: ipAddress(7, family),
  };
}

export const greEncapsulation: Fields<GreCommon> = {
  encapType: u16(14),
  encapFlags: u16(15),
  encapSourcePort: u16be(16),
  encapDestinationPort: u16be(17),
  collectMetadata: flag(18),
  ignoreDf: bool(19),
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
