import { checkInteger } from 'netns-core/checks';
import { mustBe } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { named, type Spread, u16, u16be } from '../../message/fields.js';
import {
  IFLA_VLAN_EGRESS_QOS,
  IFLA_VLAN_FLAGS,
  IFLA_VLAN_ID,
  IFLA_VLAN_INGRESS_QOS,
  IFLA_VLAN_PROTOCOL,
  IFLA_VLAN_QOS_MAPPING,
} from '../../uapi/if-link-kinds.js';
import {
  ETH_P_8021AD,
  ETH_P_8021Q,
  VLAN_FLAG_BRIDGE_BINDING,
  VLAN_FLAG_GVRP,
  VLAN_FLAG_LOOSE_BINDING,
  VLAN_FLAG_MVRP,
  VLAN_FLAG_REORDER_HDR,
} from '../../uapi/if-vlan.js';
import { kindOfFields } from './kind.js';
import { switches } from './switches.js';

/** A VLAN on top of another link, its `parent`. */
export interface VlanAttributes {
  /** 0 to 4094. */
  readonly vlanId: number;
  /** `'802.1Q'`, or `'802.1ad'` for the outer tag of two. */
  readonly protocol?: '802.1Q' | '802.1ad' | number;
  /** Keep the tag's place in the header. */
  readonly reorderHeader?: boolean;
  readonly gvrp?: boolean;
  readonly looseBinding?: boolean;
  readonly mvrp?: boolean;
  readonly bridgeBinding?: boolean;
  /** Priority of the tag to priority of the packet, for what comes in. */
  readonly ingressQos?: Readonly<Record<number, number>>;
  /** Priority of the packet to priority of the tag, for what goes out. */
  readonly egressQos?: Readonly<Record<number, number>>;
}

/** `struct ifla_vlan_flags` */
const flags = switches<VlanAttributes>(IFLA_VLAN_FLAGS, [
  ['reorderHeader', VLAN_FLAG_REORDER_HDR],
  ['gvrp', VLAN_FLAG_GVRP],
  ['looseBinding', VLAN_FLAG_LOOSE_BINDING],
  ['mvrp', VLAN_FLAG_MVRP],
  ['bridgeBinding', VLAN_FLAG_BRIDGE_BINDING],
]);

/** A series of `struct ifla_vlan_qos_mapping`: from, to. */
const qos = (attribute: number, key: 'ingressQos' | 'egressQos'): Spread<VlanAttributes> => ({
  properties: [key],
  attributes: [attribute],
  read(data, into) {
    const map: Record<number, number> = {};
    const mappings = data.nested();
    while (mappings.next()) if (mappings.type === IFLA_VLAN_QOS_MAPPING) map[mappings.u32At(0)] = mappings.u32At(4);
    into[key] = map;
  },
  check(link) {
    const map: unknown = link[key];
    if (map === undefined) return;
    if (typeof map !== 'object' || map === null || Array.isArray(map))
      throw mustBe(key, 'an object of priorities', map);
    for (const [from, to] of Object.entries(map)) {
      checkInteger(`the priority on the left in ${key}`, Number(from), 0, 0xffffffff);
      if (to === undefined) throw mustBe(`${key}[${from}]`, 'a priority', to);
      checkInteger(`${key}[${from}]`, to, 0, 0xffffffff);
    }
  },
  write(writer, link) {
    const map = link[key];
    if (map === undefined) return;
    writer.nest(attribute, (nested) => {
      for (const [from, to] of Object.entries(map))
        nested.struct(IFLA_VLAN_QOS_MAPPING, 8, (view, at) => {
          view.setUint32(at, Number(from), LITTLE_ENDIAN);
          view.setUint32(at + 4, to, LITTLE_ENDIAN);
        });
    });
  },
});

export const vlan = kindOfFields<VlanAttributes>(
  'vlan',
  {
    protocol: named(u16be(IFLA_VLAN_PROTOCOL), { '802.1Q': ETH_P_8021Q, '802.1ad': ETH_P_8021AD }),
    vlanId: u16(IFLA_VLAN_ID),
  },
  {
    last: [qos(IFLA_VLAN_INGRESS_QOS, 'ingressQos'), qos(IFLA_VLAN_EGRESS_QOS, 'egressQos'), flags],
    synonyms: { id: 'vlanId', vid: 'vlanId', vlan: 'vlanId', proto: 'protocol' },
    hasParent: true,
  },
);
