import { bool, flag, ipAddress, u8, u16, u16be, u32, u32be } from './fields.js';
import type { Field, Fields } from './kind.js';

/** What GRE tunnels over IPv4 and IPv6 have in common. */
export interface GreCommon {
  /** Index of the link that packets are sent through. */
  underlayIndex?: number;
  /** `GRE_…` of `<linux/if_tunnel.h>` for received packets, in host byte order: 0x2000 means that there is a key. Set with `inputKey`. */
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
export const GRE_KEY = 0x2000;

/** A key and the flag that says that there is one belong together. */
const key = (attribute: number): Field<number> => u32be(attribute);

/** `<linux/if_tunnel.h>`, `IFLA_GRE_…` */
export function greFields(family: 'ipv4' | 'ipv6'): Fields<GreCommon> {
  return {
    inputKey: key(4),
    outputKey: key(5),
    inputFlags: u16be(2),
    outputFlags: u16be(3),
    localAddress: ipAddress(6, family),
    remoteAddress: ipAddress(7, family),
    underlayIndex: u32(1),
    ttl: u8(8),
    fwmark: u32(20),
    encapType: u16(14),
    encapFlags: u16(15),
    encapSourcePort: u16be(16),
    encapDestinationPort: u16be(17),
    collectMetadata: flag(18),
    ignoreDf: bool(19),
  };
}

/** Adds the flags that keys imply, as iproute2 does; a tunnel that is made without saying more has both at 0. */
export function withKeyFlags<A extends GreCommon>(link: Partial<A>): Partial<A> {
  const flags = (given: number | undefined, hasKey: boolean): number | undefined =>
    hasKey ? (given ?? 0) | GRE_KEY : given;
  const inputFlags = flags(link.inputFlags, link.inputKey !== undefined);
  const outputFlags = flags(link.outputFlags, link.outputKey !== undefined);
  return {
    ...link,
    ...(inputFlags !== undefined && { inputFlags }),
    ...(outputFlags !== undefined && { outputFlags }),
  };
}
