import { ipAddress, u32, u32be } from '../../message/fields.js';
import {
  IFLA_VTI_FWMARK,
  IFLA_VTI_IKEY,
  IFLA_VTI_LINK,
  IFLA_VTI_LOCAL,
  IFLA_VTI_OKEY,
  IFLA_VTI_REMOTE,
} from '../../uapi/if-tunnel.js';
import { TUNNEL_SYNONYMS } from './ip-tunnel-fields.js';
import { kindOfFields, type LinkKind } from './kind.js';

/** What links for the packets of IPsec have. */
export interface VtiCommon {
  /** Index of the link that packets are sent through. */
  readonly underlayIndex?: number;
  /** Mark of packets that arrive, by which policies and states are found. */
  readonly inputKey?: number;
  /** The same of packets that are sent. */
  readonly outputKey?: number;
  /** The own address. */
  readonly localAddress?: string;
  /** The other end. */
  readonly remoteAddress?: string;
  readonly fwmark?: number;
}

/** Makes a kind, for IPv4 or IPv6; `<linux/if_tunnel.h>`, `IFLA_VTI_…` */
export function vtiKind(kernelName: string, family: 'ipv4' | 'ipv6', addressLength: number): LinkKind<VtiCommon> {
  const kind = kindOfFields<VtiCommon>(
    kernelName,
    {
      inputKey: u32be(IFLA_VTI_IKEY),
      outputKey: u32be(IFLA_VTI_OKEY),
      localAddress: ipAddress(IFLA_VTI_LOCAL, family),
      remoteAddress: ipAddress(IFLA_VTI_REMOTE, family),
      fwmark: u32(IFLA_VTI_FWMARK),
      underlayIndex: u32(IFLA_VTI_LINK),
    },
    { synonyms: TUNNEL_SYNONYMS, addressLength },
  );
  return { ...kind, changesReplace: true };
}
