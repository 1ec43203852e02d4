import { LITTLE_ENDIAN } from '../codec/endianness.js';
import { named, u16, u16be } from './fields.js';
import { kindOfFields, type Spread } from './kind.js';

/** A VLAN on top of another link, its `parent`. */
export interface VlanAttributes {
  /** 0 to 4094. */
  vlanId: number;
  /** `'802.1Q'`, or `'802.1ad'` for the outer tag of two. */
  protocol?: '802.1Q' | '802.1ad' | number;
  /** Keep the tag's place in the header. */
  reorderHeader?: boolean;
  gvrp?: boolean;
  looseBinding?: boolean;
  mvrp?: boolean;
  bridgeBinding?: boolean;
  /** Priority of the tag to priority of the packet, for what comes in. */
  ingressQos?: Readonly<Record<number, number>>;
  /** Priority of the packet to priority of the tag, for what goes out. */
  egressQos?: Readonly<Record<number, number>>;
}

/** `<linux/if_link.h>`, `IFLA_VLAN_…` */
const FLAGS = 2;
const EGRESS_QOS = 3;
const INGRESS_QOS = 4;
const QOS_MAPPING = 1;

/** `<linux/if_vlan.h>`, `VLAN_FLAG_…`, in the order of their bits. */
const FLAG_NAMES = ['reorderHeader', 'gvrp', 'looseBinding', 'mvrp', 'bridgeBinding'] as const;

/** `struct ifla_vlan_flags`: the flags, and which are meant. */
const flags: Spread<VlanAttributes> = {
  properties: FLAG_NAMES,
  attributes: [FLAGS],
  read(data, into) {
    const bits = data.u32At(0);
    FLAG_NAMES.forEach((name, bit) => {
      into[name] = ((bits >>> bit) & 1) === 1;
    });
  },
  write(writer, link) {
    let bits = 0;
    let mask = 0;
    FLAG_NAMES.forEach((name, bit) => {
      const value = link[name];
      if (value === undefined) return;
      mask |= 1 << bit;
      if (value) bits |= 1 << bit;
    });
    if (mask !== 0)
      writer.struct(FLAGS, 8, (view, at) => {
        view.setUint32(at, bits, LITTLE_ENDIAN);
        view.setUint32(at + 4, mask, LITTLE_ENDIAN);
      });
  },
};

/** A series of `struct ifla_vlan_qos_mapping`: from, to. */
const qos = (attribute: number, key: 'ingressQos' | 'egressQos'): Spread<VlanAttributes> => ({
  properties: [key],
  attributes: [attribute],
  read(data, into) {
    const map: Record<number, number> = {};
    const mappings = data.nested();
    while (mappings.next()) if (mappings.type === QOS_MAPPING) map[mappings.u32At(0)] = mappings.u32At(4);
    into[key] = map;
  },
  write(writer, link) {
    const map = link[key];
    if (map === undefined) return;
    writer.nest(attribute, (nested) => {
      for (const [from, to] of Object.entries(map))
        nested.struct(QOS_MAPPING, 8, (view, at) => {
          view.setUint32(at, Number(from), LITTLE_ENDIAN);
          view.setUint32(at + 4, to, LITTLE_ENDIAN);
        });
    });
  },
});

export const vlan = kindOfFields<VlanAttributes>(
  'vlan',
  {
    protocol: named(u16be(5), { '802.1Q': 0x8100, '802.1ad': 0x88a8 }),
    vlanId: u16(1),
  },
  {
    last: [qos(INGRESS_QOS, 'ingressQos'), qos(EGRESS_QOS, 'egressQos'), flags],
    synonyms: { id: 'vlanId', vid: 'vlanId', vlan: 'vlanId', proto: 'protocol' },
    hasParent: true,
  },
);
