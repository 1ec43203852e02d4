import { checkBoolean, checkInteger } from 'netns-core/checks';
import { checkProperties, propertiesOf } from '../../message/checks.js';
import {
  TCA_FLOWER_KEY_MPLS_BOS,
  TCA_FLOWER_KEY_MPLS_LABEL,
  TCA_FLOWER_KEY_MPLS_TC,
  TCA_FLOWER_KEY_MPLS_TTL,
} from '../../uapi/pkt-cls.js';
import { checkProtocol, type FlowerPart } from './flower-part.js';

/** The outermost label of an MPLS packet. */
export interface FlowerMpls {
  /** 0 to 1048575. */
  readonly label?: number | undefined;
  /** The traffic class, 0 to 7. */
  readonly tc?: number | undefined;
  /** Whether it is the only one: the bottom of the stack. */
  readonly bos?: boolean | undefined;
  readonly ttl?: number | undefined;
}

const PROPERTIES = propertiesOf<FlowerMpls>({ label: 'set', tc: 'set', bos: 'set', ttl: 'set' });
const MPLS_UNICAST = 0x8847;
const MPLS_MULTICAST = 0x8848;

export const flowerMpls: FlowerPart<FlowerMpls> = {
  attributes: new Set([
    TCA_FLOWER_KEY_MPLS_LABEL,
    TCA_FLOWER_KEY_MPLS_TC,
    TCA_FLOWER_KEY_MPLS_BOS,
    TCA_FLOWER_KEY_MPLS_TTL,
  ]),
  check(property, of, protocol) {
    checkProperties(of, property, PROPERTIES);
    checkProtocol(property, protocol, [MPLS_UNICAST, MPLS_MULTICAST]);
    const { label, tc, bos, ttl } = of as FlowerMpls;
    checkInteger(`${property}.label`, label, 0, 0xfffff);
    checkInteger(`${property}.tc`, tc, 0, 7);
    checkBoolean(`${property}.bos`, bos);
    checkInteger(`${property}.ttl`, ttl, 0, 0xff);
  },
  write(writer, { label, tc, bos, ttl }) {
    if (label !== undefined) writer.u32(TCA_FLOWER_KEY_MPLS_LABEL, label);
    if (tc !== undefined) writer.u8(TCA_FLOWER_KEY_MPLS_TC, tc);
    if (bos !== undefined) writer.u8(TCA_FLOWER_KEY_MPLS_BOS, bos ? 1 : 0);
    if (ttl !== undefined) writer.u8(TCA_FLOWER_KEY_MPLS_TTL, ttl);
  },
  take(attribute, into) {
    switch (attribute.type) {
      case TCA_FLOWER_KEY_MPLS_LABEL:
        into.label = attribute.u32();
        break;
      case TCA_FLOWER_KEY_MPLS_TC:
        into.tc = attribute.u8();
        break;
      case TCA_FLOWER_KEY_MPLS_BOS:
        into.bos = attribute.u8() !== 0;
        break;
      case TCA_FLOWER_KEY_MPLS_TTL:
        into.ttl = attribute.u8();
        break;
    }
  },
};
