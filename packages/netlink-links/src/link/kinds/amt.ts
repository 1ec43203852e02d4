import { type Fields, ipAddress, named, readOnly, u16be, u32 } from '../../message/fields.js';
import {
  AMT_MODE_GATEWAY,
  AMT_MODE_RELAY,
  IFLA_AMT_DISCOVERY_IP,
  IFLA_AMT_GATEWAY_PORT,
  IFLA_AMT_LINK,
  IFLA_AMT_LOCAL_IP,
  IFLA_AMT_MAX_TUNNELS,
  IFLA_AMT_MODE,
  IFLA_AMT_RELAY_PORT,
  IFLA_AMT_REMOTE_IP,
} from '../../uapi/if-link-kinds.js';
import { kindOfFields } from './kind.js';

/** Multicast through networks that have none: AMT (RFC 7450). All is set when it is made. */
export interface AmtAttributes {
  readonly mode?: 'gateway' | 'relay' | number;
  /** The own address, IPv4. */
  readonly localAddress?: string;
  /** The address that a gateway looks for relays at. */
  readonly discoveryAddress?: string;
  /** Index of the link that packets are sent through. */
  readonly underlayIndex?: number;
  /** The UDP port of the relay; 2268 is the assigned one. */
  readonly relayPort?: number;
  /** The UDP port of the gateway. */
  readonly gatewayPort?: number;
  /** How many gateways a relay serves. */
  readonly maxTunnels?: number;
  /** Told: the relay that a gateway has found. */
  readonly remoteAddress?: string;
}

/** `<linux/amt.h>`, `IFLA_AMT_…` */
const fields: Fields<AmtAttributes> = {
  mode: named(u32(IFLA_AMT_MODE), { gateway: AMT_MODE_GATEWAY, relay: AMT_MODE_RELAY }),
  localAddress: ipAddress(IFLA_AMT_LOCAL_IP, 'ipv4'),
  discoveryAddress: ipAddress(IFLA_AMT_DISCOVERY_IP, 'ipv4'),
  underlayIndex: u32(IFLA_AMT_LINK),
  relayPort: u16be(IFLA_AMT_RELAY_PORT),
  gatewayPort: u16be(IFLA_AMT_GATEWAY_PORT),
  maxTunnels: u32(IFLA_AMT_MAX_TUNNELS),
  remoteAddress: readOnly(ipAddress(IFLA_AMT_REMOTE_IP)),
};

export const amt = kindOfFields<AmtAttributes>('amt', fields, {
  synonyms: {
    local: 'localAddress',
    discovery: 'discoveryAddress',
    dev: 'underlayIndex',
    link: 'underlayIndex',
    relay_port: 'relayPort',
    gateway_port: 'gatewayPort',
    max_tunnels: 'maxTunnels',
  },
});
