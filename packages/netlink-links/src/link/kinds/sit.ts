import { mustBe } from '../../message/checks.js';
import { type Spread, u16 } from '../../message/fields.js';
import { parseIpNetwork } from '../../message/ip-address.js';
import {
  IFLA_IPTUN_6RD_PREFIX,
  IFLA_IPTUN_6RD_PREFIXLEN,
  IFLA_IPTUN_6RD_RELAY_PREFIX,
  IFLA_IPTUN_6RD_RELAY_PREFIXLEN,
  IFLA_IPTUN_FLAGS,
} from '../../uapi/if-tunnel.js';
import { type IpTunnelCommon, ipTunnelFields, TUNNEL_SYNONYMS } from './ip-tunnel-fields.js';
import { kindOfFields, type LinkKind } from './kind.js';

/** IPv6 in IPv4 (RFC 4213), with 6rd (RFC 5969). */
export interface SitAttributes extends IpTunnelCommon {
  /** `SIT_ISATAP` of `<linux/if_tunnel.h>` is 1. */
  readonly tunnelFlags?: number;
  /** 6rd: the IPv6 prefix, `'2002::/16'`. */
  readonly sixRdPrefix?: string;
  /** 6rd: the IPv4 prefix that relays have in common. */
  readonly sixRdRelayPrefix?: string;
}

/** `<linux/if_tunnel.h>`, `IFLA_IPTUN_6RD_…`: an address and, apart from it, the length of its prefix. */
const sixRd = (
  key: 'sixRdPrefix' | 'sixRdRelayPrefix',
  addressAttribute: number,
  lengthAttribute: number,
): Spread<SitAttributes> => ({
  properties: [key],
  attributes: [addressAttribute, lengthAttribute],
  // The address comes first, the length is put behind it.
  read(data, into) {
    if (data.type === addressAttribute) into[key] = data.ipAddress();
    else into[key] = `${into[key] ?? ''}/${data.u16()}`;
  },
  check(link) {
    const text = link[key];
    if (text === undefined) return;
    const family = key === 'sixRdPrefix' ? 'ipv6' : 'ipv4';
    if (parseIpNetwork(text, key).family !== family) throw mustBe(key, `an ${family} network`, text);
  },
  write(writer, link) {
    const text = link[key];
    if (text === undefined) return;
    const network = parseIpNetwork(text);
    writer.bytes(addressAttribute, network.bytes);
    writer.u16(lengthAttribute, network.prefixLength);
  },
});

const plain = kindOfFields<SitAttributes>(
  'sit',
  { ...ipTunnelFields, tunnelFlags: u16(IFLA_IPTUN_FLAGS) },
  {
    last: [
      sixRd('sixRdPrefix', IFLA_IPTUN_6RD_PREFIX, IFLA_IPTUN_6RD_PREFIXLEN),
      sixRd('sixRdRelayPrefix', IFLA_IPTUN_6RD_RELAY_PREFIX, IFLA_IPTUN_6RD_RELAY_PREFIXLEN),
    ],
    synonyms: TUNNEL_SYNONYMS,
    addressLength: 4,
  },
);

export const sit: LinkKind<SitAttributes> = { ...plain, changesReplace: true };
