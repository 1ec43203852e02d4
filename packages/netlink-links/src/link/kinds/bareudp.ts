import { flag, named, u16, u16be } from '../../message/fields.js';
import { ETH_P_IP, ETH_P_IPV6, ETH_P_MPLS_UC } from '../../uapi/if-ether.js';
import {
  IFLA_BAREUDP_ETHERTYPE,
  IFLA_BAREUDP_MULTIPROTO_MODE,
  IFLA_BAREUDP_PORT,
  IFLA_BAREUDP_SRCPORT_MIN,
} from '../../uapi/if-link-kinds.js';
import { kindOfFields } from './kind.js';

/** Packets of one protocol in UDP, without a header of the tunnel: MPLS in UDP (RFC 7510). Routes say where to. */
export interface BareudpAttributes {
  /** The UDP port of the destination. It and `etherType` are needed when it is made, and nothing can be changed. */
  readonly port?: number;
  /** The protocol of what is inside. */
  readonly etherType?: 'ip' | 'ipv6' | 'mpls' | number;
  /** The lowest UDP port to send from. */
  readonly sourcePortMin?: number;
  /** Lets IPv6 beside IPv4, and multicast beside unicast MPLS through. */
  readonly multiproto?: boolean;
}

/** `<linux/if_link.h>`, `IFLA_BAREUDP_…` */
export const bareudp = kindOfFields<BareudpAttributes>(
  'bareudp',
  {
    port: u16be(IFLA_BAREUDP_PORT),
    etherType: named(u16be(IFLA_BAREUDP_ETHERTYPE), { ip: ETH_P_IP, ipv6: ETH_P_IPV6, mpls: ETH_P_MPLS_UC }),
    sourcePortMin: u16(IFLA_BAREUDP_SRCPORT_MIN),
    multiproto: flag(IFLA_BAREUDP_MULTIPROTO_MODE),
  },
  {
    synonyms: {
      dstport: 'port',
      destinationport: 'port',
      ethertype: 'etherType',
      srcportmin: 'sourcePortMin',
    },
    addressLength: 0,
  },
);
