import { propertiesOf } from '../message/checks.js';
import { ipAddress, u8 } from '../message/fields.js';
import {
  LWTUNNEL_IP_DST,
  LWTUNNEL_IP_FLAGS,
  LWTUNNEL_IP_ID,
  LWTUNNEL_IP_OPTS,
  LWTUNNEL_IP_SRC,
  LWTUNNEL_IP_TOS,
  LWTUNNEL_IP_TTL,
} from '../uapi/lwtunnel.js';
import { flags16be, nestedBytes, u64be } from './fields.js';
import { encapOfFields } from './kind.js';

/** What a tunnel link without settings of its own (`collectMetadata`) puts around packets; ip-route(8). */
export interface IpEncap {
  /** By IPv4 or by IPv6. */
  readonly type: 'ip' | 'ip6';
  /** Of the tunnel: the key of GRE, the VNI of VXLAN. */
  readonly id?: bigint | undefined;
  readonly dst?: string | undefined;
  readonly src?: string | undefined;
  /** The traffic class with `'ip6'`. */
  readonly tos?: number | undefined;
  /** The hop limit with `'ip6'`. */
  readonly ttl?: number | undefined;
  /** Whether checksums, the key and sequence numbers are sent. */
  readonly flags?: readonly ('csum' | 'key' | 'seq' | number)[] | undefined;
  /** The attributes of `LWTUNNEL_IP_OPTS`: options of Geneve, VXLAN and ERSPAN. */
  readonly options?: Uint8Array | undefined;
}

const PROPERTIES = propertiesOf<IpEncap>(
  { type: 'set', id: 'set', dst: 'set', src: 'set', tos: 'set', ttl: 'set', flags: 'set', options: 'set' },
  { hoplimit: 'ttl', tc: 'tos', key: 'flags', csum: 'flags', seq: 'flags' },
);

const kind = (family: 'ipv4' | 'ipv6') =>
  encapOfFields<Omit<IpEncap, 'type'>>(PROPERTIES, {
    id: u64be(LWTUNNEL_IP_ID),
    dst: ipAddress(LWTUNNEL_IP_DST, family),
    src: ipAddress(LWTUNNEL_IP_SRC, family),
    tos: u8(LWTUNNEL_IP_TOS),
    ttl: u8(LWTUNNEL_IP_TTL),
    options: nestedBytes(LWTUNNEL_IP_OPTS),
    // TUNNEL_CSUM, TUNNEL_KEY and TUNNEL_SEQ of <linux/if_tunnel.h>
    flags: flags16be(LWTUNNEL_IP_FLAGS, ['csum', undefined, 'key', 'seq']),
  });

/** `<linux/lwtunnel.h>`, `LWTUNNEL_IP_…` */
export const ip = kind('ipv4');
/** `LWTUNNEL_IP6_…` */
export const ip6 = kind('ipv6');
