import { type BondAttributes, bond } from './bond.js';
import { type BridgeAttributes, bridge } from './bridge.js';
import { type DeviceAttributes, device } from './device.js';
import { type DummyAttributes, dummy } from './dummy.js';
import { type GenericAttributes, generic } from './generic.js';
import { type GeneveAttributes, geneve } from './geneve.js';
import { type GreAttributes, gre } from './gre.js';
import { type GretapAttributes, gretap } from './gretap.js';
import { type IfbAttributes, ifb } from './ifb.js';
import { type Ip6gretapAttributes, ip6gretap } from './ip6gretap.js';
import { type IpipAttributes, ipip } from './ipip.js';
import { type IpvlanAttributes, ipvlan } from './ipvlan.js';
import type { LinkKind } from './kind.js';
import { type MacvlanAttributes, macvlan } from './macvlan.js';
import { type MacvtapAttributes, macvtap } from './macvtap.js';
import { type NetkitAttributes, netkit } from './netkit.js';
import { type SitAttributes, sit } from './sit.js';
import { type TuntapAttributes, tuntap } from './tuntap.js';
import { type VethAttributes, veth } from './veth.js';
import { type VlanAttributes, vlan } from './vlan.js';
import { type VrfAttributes, vrf } from './vrf.js';
import { type VxlanAttributes, vxlan } from './vxlan.js';
import { type WireguardAttributes, wireguard } from './wireguard.js';
import { type XfrmAttributes, xfrm } from './xfrm.js';

/** What each kind of link adds to the attributes that all links have. */
export interface LinkKindAttributes {
  bond: BondAttributes;
  bridge: BridgeAttributes;
  device: DeviceAttributes;
  dummy: DummyAttributes;
  generic: GenericAttributes;
  geneve: GeneveAttributes;
  gre: GreAttributes;
  gretap: GretapAttributes;
  ifb: IfbAttributes;
  ip6gretap: Ip6gretapAttributes;
  ipip: IpipAttributes;
  ipvlan: IpvlanAttributes;
  macvlan: MacvlanAttributes;
  macvtap: MacvtapAttributes;
  netkit: NetkitAttributes;
  sit: SitAttributes;
  tuntap: TuntapAttributes;
  veth: VethAttributes;
  vlan: VlanAttributes;
  vrf: VrfAttributes;
  vxlan: VxlanAttributes;
  wireguard: WireguardAttributes;
  xfrm: XfrmAttributes;
}

/** All kinds of links that have a name here: one file each, one line above and one here. */
export const LINK_KINDS: { readonly [K in keyof LinkKindAttributes]: LinkKind<LinkKindAttributes[K]> } = {
  bond,
  bridge,
  device,
  dummy,
  generic,
  geneve,
  gre,
  gretap,
  ifb,
  ip6gretap,
  ipip,
  ipvlan,
  macvlan,
  macvtap,
  netkit,
  sit,
  tuntap,
  veth,
  vlan,
  vrf,
  vxlan,
  wireguard,
  xfrm,
};

export type {
  BondAttributes,
  BridgeAttributes,
  DeviceAttributes,
  DummyAttributes,
  GenericAttributes,
  GeneveAttributes,
  GreAttributes,
  GretapAttributes,
  IfbAttributes,
  Ip6gretapAttributes,
  IpipAttributes,
  IpvlanAttributes,
  MacvlanAttributes,
  MacvtapAttributes,
  NetkitAttributes,
  SitAttributes,
  TuntapAttributes,
  VethAttributes,
  VlanAttributes,
  VrfAttributes,
  VxlanAttributes,
  WireguardAttributes,
  XfrmAttributes,
};
