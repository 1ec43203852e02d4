import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import type { AttributeReader } from '../../message/attribute-reader.js';
import { checkProperties, propertiesOf } from '../../message/checks.js';
import type { MaskedNumber } from '../../message/masked-number.js';
import {
  checkTunnelOptions,
  type ErspanOptions,
  type GeneveOption,
  readTunnelOptions,
  type TunnelOptions,
  writeTunnelOptions,
} from '../../message/tunnel-options.js';
import { keepUnknown, type UnknownAttribute } from '../../message/unknown-attribute.js';
import {
  TCA_FLOWER_KEY_ENC_IP_TOS,
  TCA_FLOWER_KEY_ENC_IP_TOS_MASK,
  TCA_FLOWER_KEY_ENC_IP_TTL,
  TCA_FLOWER_KEY_ENC_IP_TTL_MASK,
  TCA_FLOWER_KEY_ENC_IPV4_DST,
  TCA_FLOWER_KEY_ENC_IPV4_DST_MASK,
  TCA_FLOWER_KEY_ENC_IPV4_SRC,
  TCA_FLOWER_KEY_ENC_IPV4_SRC_MASK,
  TCA_FLOWER_KEY_ENC_IPV6_DST,
  TCA_FLOWER_KEY_ENC_IPV6_DST_MASK,
  TCA_FLOWER_KEY_ENC_IPV6_SRC,
  TCA_FLOWER_KEY_ENC_IPV6_SRC_MASK,
  TCA_FLOWER_KEY_ENC_KEY_ID,
  TCA_FLOWER_KEY_ENC_OPTS,
  TCA_FLOWER_KEY_ENC_OPTS_MASK,
  TCA_FLOWER_KEY_ENC_UDP_DST_PORT,
  TCA_FLOWER_KEY_ENC_UDP_DST_PORT_MASK,
  TCA_FLOWER_KEY_ENC_UDP_SRC_PORT,
  TCA_FLOWER_KEY_ENC_UDP_SRC_PORT_MASK,
} from '../../uapi/pkt-cls.js';
import { VXLAN_GBP_MASK } from '../../uapi/tc-act.js';
import { checkKeys, type FlowerKeys, networkKey, numberKey, takeKeys, writeKeys } from './flower-keys.js';
import type { FlowerPart } from './flower-part.js';

/** The tunnel that a packet has come by. */
export interface FlowerTunnel {
  /** The key of the tunnel: the VNI of VXLAN. */
  readonly id?: number | undefined;
  /** The outer addresses, or networks. */
  readonly src?: string | undefined;
  readonly dst?: string | undefined;
  /** The outer ports. */
  readonly sourcePort?: MaskedNumber | undefined;
  readonly destinationPort?: MaskedNumber | undefined;
  readonly tos?: MaskedNumber | undefined;
  readonly ttl?: MaskedNumber | undefined;
  /** What the tunnel's header has besides, of GENEVE, VXLAN or ERSPAN; all bits count. Others are kept as `unknown`. */
  readonly options?: TunnelOptions | undefined;
}

const PROPERTIES = propertiesOf<FlowerTunnel>(
  {
    id: 'set',
    src: 'set',
    dst: 'set',
    sourcePort: 'set',
    destinationPort: 'set',
    tos: 'set',
    ttl: 'set',
    options: 'set',
  },
  {
    key_id: 'id',
    enc_key_id: 'id',
    src_ip: 'src',
    dst_ip: 'dst',
    src_port: 'sourcePort',
    dst_port: 'destinationPort',
    sport: 'sourcePort',
    dport: 'destinationPort',
  },
);

const KEYS: FlowerKeys<Omit<FlowerTunnel, 'id' | 'options'>> = {
  dst: networkKey(
    { value: TCA_FLOWER_KEY_ENC_IPV4_DST, mask: TCA_FLOWER_KEY_ENC_IPV4_DST_MASK },
    { value: TCA_FLOWER_KEY_ENC_IPV6_DST, mask: TCA_FLOWER_KEY_ENC_IPV6_DST_MASK },
  ),
  src: networkKey(
    { value: TCA_FLOWER_KEY_ENC_IPV4_SRC, mask: TCA_FLOWER_KEY_ENC_IPV4_SRC_MASK },
    { value: TCA_FLOWER_KEY_ENC_IPV6_SRC, mask: TCA_FLOWER_KEY_ENC_IPV6_SRC_MASK },
  ),
  destinationPort: numberKey(TCA_FLOWER_KEY_ENC_UDP_DST_PORT, TCA_FLOWER_KEY_ENC_UDP_DST_PORT_MASK, '16be', true),
  sourcePort: numberKey(TCA_FLOWER_KEY_ENC_UDP_SRC_PORT, TCA_FLOWER_KEY_ENC_UDP_SRC_PORT_MASK, '16be', true),
  tos: numberKey(TCA_FLOWER_KEY_ENC_IP_TOS, TCA_FLOWER_KEY_ENC_IP_TOS_MASK, 8),
  ttl: numberKey(TCA_FLOWER_KEY_ENC_IP_TTL, TCA_FLOWER_KEY_ENC_IP_TTL_MASK, 8),
};

/** The same options with all bits set. */
function allBits({ geneve, vxlan, erspan }: TunnelOptions): TunnelOptions {
  if (geneve !== undefined)
    return {
      geneve: geneve.map(({ data }): GeneveOption => ({ class: 0xffff, type: 0xff, data: data.map(() => 0xff) })),
    };
  if (vxlan !== undefined) return { vxlan: { groupPolicy: 0xffffffff } };
  // The version says which of the others the kernel looks at.
  const version = erspan?.version ?? 0;
  return { erspan: { version, index: 0xffffffff, direction: 0xff, hardwareId: 0xff } };
}

const ERSPAN_HARDWARE_ID_MASK = 0x3f;
const erspanIsAllBits = ({ version, index, direction = 0, hardwareId = 0 }: ErspanOptions): boolean =>
  version === 1
    ? index === 0xffffffff
    : (direction & 1) === 1 && (hardwareId & ERSPAN_HARDWARE_ID_MASK) === ERSPAN_HARDWARE_ID_MASK;

const isAllBits = ({ geneve = [], vxlan, erspan }: TunnelOptions): boolean =>
  geneve.every(
    (option) => option.class === 0xffff && option.type === 0xff && option.data.every((byte) => byte === 0xff),
  ) &&
  (vxlan === undefined || (vxlan.groupPolicy & VXLAN_GBP_MASK) === VXLAN_GBP_MASK) &&
  (erspan === undefined || erspanIsAllBits(erspan));

/** Keeps options that cannot be said. The kernel insists on the mark of what holds attributes, and tells them without it. */
function keepNested(attribute: AttributeReader, into: { unknown?: readonly UnknownAttribute[] | undefined }): void {
  keepUnknown(attribute, into);
  into.unknown = into.unknown?.map((each) => (each.attribute === attribute.type ? { ...each, nested: true } : each));
}

export const flowerTunnel: FlowerPart<FlowerTunnel> = {
  attributes: new Set([
    TCA_FLOWER_KEY_ENC_KEY_ID,
    TCA_FLOWER_KEY_ENC_OPTS,
    TCA_FLOWER_KEY_ENC_OPTS_MASK,
    ...Object.values(KEYS).flatMap(({ attributes }) => attributes.flatMap(({ value, mask }) => [value, mask])),
  ]),
  check(property, of) {
    checkProperties(of, property, PROPERTIES);
    const { id, src, dst, options } = of as FlowerTunnel;
    checkInteger(`${property}.id`, id, 0, 0xffffffff);
    checkKeys(property, KEYS, of as FlowerTunnel);
    if (src !== undefined && dst !== undefined && src.includes(':') !== dst.includes(':'))
      throw new InvalidOptionError(
        `${property}.dst`,
        `${property}: src ${src} and dst ${dst} must be of the same family`,
      );
    if (options !== undefined) checkTunnelOptions(`${property}.options`, options);
  },
  write(writer, of) {
    const { id, options } = of;
    if (id !== undefined) writer.u32be(TCA_FLOWER_KEY_ENC_KEY_ID, id);
    writeKeys(writer, KEYS, of);
    if (options === undefined) return;
    writeTunnelOptions(writer, TCA_FLOWER_KEY_ENC_OPTS, options);
    writeTunnelOptions(writer, TCA_FLOWER_KEY_ENC_OPTS_MASK, allBits(options));
  },
  take(attribute, into, unknown) {
    switch (attribute.type) {
      case TCA_FLOWER_KEY_ENC_KEY_ID:
        into.id = attribute.u32be();
        break;
      case TCA_FLOWER_KEY_ENC_OPTS: {
        const options = readTunnelOptions(attribute.nested());
        if (options === undefined) keepNested(attribute, unknown);
        else into.options = options;
        break;
      }
      case TCA_FLOWER_KEY_ENC_OPTS_MASK: {
        const mask = readTunnelOptions(attribute.nested());
        if (mask === undefined || into.options === undefined || !isAllBits(mask)) keepNested(attribute, unknown);
        break;
      }
      default:
        takeKeys(attribute, KEYS, into, unknown);
    }
  },
};
