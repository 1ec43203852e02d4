import { InvalidOptionError } from 'netns-core';
import { checkBoolean } from 'netns-core/checks';
import { propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { eitherIpAddress, u8, u16be, u32be } from '../../message/fields.js';
import { NamedNumbers } from '../../message/named-numbers.js';
import {
  checkTunnelOptions,
  readTunnelOptions,
  type TunnelOptions,
  writeTunnelOptions,
} from '../../message/tunnel-options.js';
import {
  TC_GEN_SIZE,
  TCA_TUNNEL_KEY_ACT_RELEASE,
  TCA_TUNNEL_KEY_ACT_SET,
  TCA_TUNNEL_KEY_ENC_DST_PORT,
  TCA_TUNNEL_KEY_ENC_IPV4_DST,
  TCA_TUNNEL_KEY_ENC_IPV4_SRC,
  TCA_TUNNEL_KEY_ENC_IPV6_DST,
  TCA_TUNNEL_KEY_ENC_IPV6_SRC,
  TCA_TUNNEL_KEY_ENC_KEY_ID,
  TCA_TUNNEL_KEY_ENC_OPTS,
  TCA_TUNNEL_KEY_ENC_TOS,
  TCA_TUNNEL_KEY_ENC_TTL,
  TCA_TUNNEL_KEY_NO_CSUM,
  TCA_TUNNEL_KEY_PAD,
  TCA_TUNNEL_KEY_PARMS,
  TCA_TUNNEL_KEY_TM,
} from '../../uapi/tc-act.js';
import { type ActionKind, structuredKind } from './kind.js';

/**
 * Says where a tunnel with `collectMetadata` is to send a packet, or makes a packet forget where it came from; tc-tunnel_key(8).
 * Its control is `'pipe'` if it is left out.
 */
export interface TunnelKeyAttributes {
  readonly mode: 'set' | 'unset';
  /** The key of the tunnel: the VNI of VXLAN. */
  readonly id?: number;
  /** The outer addresses, which `'set'` needs. */
  readonly src?: string;
  readonly dst?: string;
  /** The outer port; that of the link if left out. */
  readonly destinationPort?: number;
  /** The outer TOS byte, or traffic class. */
  readonly tos?: number;
  /** The outer TTL, or hop limit. */
  readonly ttl?: number;
  /** Whether the outer UDP header has a checksum; `true` if left out. */
  readonly checksum?: boolean;
  /** What is in the tunnel's header besides. */
  readonly options?: TunnelOptions;
}

const modes = new NamedNumbers<TunnelKeyAttributes['mode']>('mode', {
  set: TCA_TUNNEL_KEY_ACT_SET,
  unset: TCA_TUNNEL_KEY_ACT_RELEASE,
});

const OF_SET = ['id', 'src', 'dst', 'destinationPort', 'tos', 'ttl', 'checksum', 'options'] as const;

export const tunnelKey: ActionKind<TunnelKeyAttributes> = structuredKind<TunnelKeyAttributes>({
  kernelName: 'tunnel_key',
  parms: TCA_TUNNEL_KEY_PARMS,
  size: TC_GEN_SIZE + 4,
  tm: TCA_TUNNEL_KEY_TM,
  pad: TCA_TUNNEL_KEY_PAD,
  parmsLast: true,
  fields: {
    id: u32be(TCA_TUNNEL_KEY_ENC_KEY_ID),
    src: eitherIpAddress(TCA_TUNNEL_KEY_ENC_IPV4_SRC, TCA_TUNNEL_KEY_ENC_IPV6_SRC),
    dst: eitherIpAddress(TCA_TUNNEL_KEY_ENC_IPV4_DST, TCA_TUNNEL_KEY_ENC_IPV6_DST),
    destinationPort: u16be(TCA_TUNNEL_KEY_ENC_DST_PORT),
    tos: u8(TCA_TUNNEL_KEY_ENC_TOS),
    ttl: u8(TCA_TUNNEL_KEY_ENC_TTL),
  },
  properties: propertiesOf<TunnelKeyAttributes>(
    {
      mode: 'set',
      id: 'set',
      src: 'set',
      dst: 'set',
      destinationPort: 'set',
      tos: 'set',
      ttl: 'set',
      checksum: 'set',
      options: 'set',
    },
    {
      key_id: 'id',
      src_ip: 'src',
      dst_ip: 'dst',
      dst_port: 'destinationPort',
      dport: 'destinationPort',
      csum: 'checksum',
      nocsum: 'checksum',
    },
  ),
  defaultControl: 'pipe',
  check(action) {
    const { mode, src, dst, checksum, options } = action;
    modes.number(mode as TunnelKeyAttributes['mode']);
    if (mode === 'unset')
      for (const name of OF_SET)
        if (action[name] !== undefined)
          throw new InvalidOptionError(name, `${name} is for the mode set: unset has none`);
    checkBoolean('checksum', checksum);
    if (options !== undefined) checkTunnelOptions('options', options);
    if (mode !== 'set') return;
    if (src === undefined || dst === undefined)
      throw new InvalidOptionError(
        src === undefined ? 'src' : 'dst',
        'tunnel_key needs `src` and `dst`: the outer addresses',
      );
    if (src.includes(':') !== dst.includes(':'))
      throw new InvalidOptionError('dst', `src ${src} and dst ${dst} must be of the same family`);
  },
  fill: (view, at, { mode = 'unset' }) => view.setInt32(at, modes.number(mode), LITTLE_ENDIAN),
  take(parms, action) {
    action.mode = modes.name(parms.u32At(TC_GEN_SIZE)) as TunnelKeyAttributes['mode'];
  },
  more(writer, { checksum, options }) {
    if (options !== undefined) writeTunnelOptions(writer, TCA_TUNNEL_KEY_ENC_OPTS, options);
    writer.u8(TCA_TUNNEL_KEY_NO_CSUM, checksum === false ? 1 : 0);
  },
  takeMore(attribute, action) {
    if (attribute.type === TCA_TUNNEL_KEY_NO_CSUM) {
      action.checksum = attribute.u8() === 0;
      return true;
    }
    const options = attribute.type === TCA_TUNNEL_KEY_ENC_OPTS ? readTunnelOptions(attribute.nested()) : undefined;
    if (options === undefined) return false;
    action.options = options;
    return true;
  },
});
