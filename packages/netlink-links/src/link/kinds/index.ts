import { type AmtAttributes, amt } from './amt.js';
import { type BareudpAttributes, bareudp } from './bareudp.js';
import { type BatadvAttributes, batadv } from './batadv.js';
import { type BondAttributes, bond } from './bond.js';
import { type BridgeAttributes, bridge } from './bridge.js';
import { type CanAttributes, can } from './can.js';
import { type DeviceAttributes, device } from './device.js';
import { type DsaAttributes, dsa } from './dsa.js';
import { type DummyAttributes, dummy } from './dummy.js';
import { type ErspanAttributes, erspan } from './erspan.js';
import { type GenericAttributes, generic } from './generic.js';
import { type GeneveAttributes, geneve } from './geneve.js';
import { type GreAttributes, gre } from './gre.js';
import { type GretapAttributes, gretap } from './gretap.js';
import { type GtpAttributes, gtp } from './gtp.js';
import { type HsrAttributes, hsr } from './hsr.js';
import { type IfbAttributes, ifb } from './ifb.js';
import { type Ip6erspanAttributes, ip6erspan } from './ip6erspan.js';
import { type Ip6greAttributes, ip6gre } from './ip6gre.js';
import { type Ip6gretapAttributes, ip6gretap } from './ip6gretap.js';
import { type Ip6tnlAttributes, ip6tnl } from './ip6tnl.js';
import { type IpipAttributes, ipip } from './ipip.js';
import { type IpoibAttributes, ipoib } from './ipoib.js';
import { type IpvlanAttributes, ipvlan } from './ipvlan.js';
import { type IpvtapAttributes, ipvtap } from './ipvtap.js';
import type { LinkKind } from './kind.js';
import { type MacsecAttributes, macsec } from './macsec.js';
import { type MacvlanAttributes, macvlan } from './macvlan.js';
import { type MacvtapAttributes, macvtap } from './macvtap.js';
import { type NetdevsimAttributes, netdevsim } from './netdevsim.js';
import { type NetkitAttributes, netkit } from './netkit.js';
import { type NlmonAttributes, nlmon } from './nlmon.js';
import { type RmnetAttributes, rmnet } from './rmnet.js';
import { type SitAttributes, sit } from './sit.js';
import { type TeamAttributes, team } from './team.js';
import { type TuntapAttributes, tuntap } from './tuntap.js';
import { type VcanAttributes, vcan } from './vcan.js';
import { type VethAttributes, veth } from './veth.js';
import { type VlanAttributes, vlan } from './vlan.js';
import { type VrfAttributes, vrf } from './vrf.js';
import { type VtiAttributes, vti } from './vti.js';
import { type Vti6Attributes, vti6 } from './vti6.js';
import { type VxcanAttributes, vxcan } from './vxcan.js';
import { type VxlanAttributes, vxlan } from './vxlan.js';
import { type WireguardAttributes, wireguard } from './wireguard.js';
import { type XfrmAttributes, xfrm } from './xfrm.js';

/** What each kind of link adds to the attributes that all links have. */
export interface LinkKindAttributes {
  amt: AmtAttributes;
  bareudp: BareudpAttributes;
  batadv: BatadvAttributes;
  bond: BondAttributes;
  bridge: BridgeAttributes;
  can: CanAttributes;
  device: DeviceAttributes;
  dsa: DsaAttributes;
  dummy: DummyAttributes;
  erspan: ErspanAttributes;
  generic: GenericAttributes;
  geneve: GeneveAttributes;
  gre: GreAttributes;
  gretap: GretapAttributes;
  gtp: GtpAttributes;
  hsr: HsrAttributes;
  ifb: IfbAttributes;
  ip6erspan: Ip6erspanAttributes;
  ip6gre: Ip6greAttributes;
  ip6gretap: Ip6gretapAttributes;
  ip6tnl: Ip6tnlAttributes;
  ipip: IpipAttributes;
  ipoib: IpoibAttributes;
  ipvlan: IpvlanAttributes;
  ipvtap: IpvtapAttributes;
  macsec: MacsecAttributes;
  macvlan: MacvlanAttributes;
  macvtap: MacvtapAttributes;
  netdevsim: NetdevsimAttributes;
  netkit: NetkitAttributes;
  nlmon: NlmonAttributes;
  rmnet: RmnetAttributes;
  sit: SitAttributes;
  team: TeamAttributes;
  tuntap: TuntapAttributes;
  vcan: VcanAttributes;
  veth: VethAttributes;
  vlan: VlanAttributes;
  vrf: VrfAttributes;
  vti: VtiAttributes;
  vti6: Vti6Attributes;
  vxcan: VxcanAttributes;
  vxlan: VxlanAttributes;
  wireguard: WireguardAttributes;
  xfrm: XfrmAttributes;
}

/** All kinds of links that have a name here: one file each, one line above and one here. */
export const LINK_KINDS: { readonly [K in keyof LinkKindAttributes]: LinkKind<LinkKindAttributes[K]> } = {
  amt,
  bareudp,
  batadv,
  bond,
  bridge,
  can,
  device,
  dsa,
  dummy,
  erspan,
  generic,
  geneve,
  gre,
  gretap,
  gtp,
  hsr,
  ifb,
  ip6erspan,
  ip6gre,
  ip6gretap,
  ip6tnl,
  ipip,
  ipoib,
  ipvlan,
  ipvtap,
  macsec,
  macvlan,
  macvtap,
  netdevsim,
  netkit,
  nlmon,
  rmnet,
  sit,
  team,
  tuntap,
  vcan,
  veth,
  vlan,
  vrf,
  vti,
  vti6,
  vxcan,
  vxlan,
  wireguard,
  xfrm,
};

export type {
  AmtAttributes,
  BareudpAttributes,
  BatadvAttributes,
  BondAttributes,
  BridgeAttributes,
  CanAttributes,
  DeviceAttributes,
  DsaAttributes,
  DummyAttributes,
  ErspanAttributes,
  GenericAttributes,
  GeneveAttributes,
  GreAttributes,
  GretapAttributes,
  GtpAttributes,
  HsrAttributes,
  IfbAttributes,
  Ip6erspanAttributes,
  Ip6greAttributes,
  Ip6gretapAttributes,
  Ip6tnlAttributes,
  IpipAttributes,
  IpoibAttributes,
  IpvlanAttributes,
  IpvtapAttributes,
  MacsecAttributes,
  MacvlanAttributes,
  MacvtapAttributes,
  NetdevsimAttributes,
  NetkitAttributes,
  NlmonAttributes,
  RmnetAttributes,
  SitAttributes,
  TeamAttributes,
  TuntapAttributes,
  VcanAttributes,
  VethAttributes,
  VlanAttributes,
  VrfAttributes,
  Vti6Attributes,
  VtiAttributes,
  VxcanAttributes,
  VxlanAttributes,
  WireguardAttributes,
  XfrmAttributes,
};
