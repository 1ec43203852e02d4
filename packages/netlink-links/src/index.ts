export type {
  Action,
  ActionAttributes,
  ActionKindName,
  ActionOf,
  ActionSpec,
  ActionSpecOf,
  ActionStatistics,
} from './action/action.js';
export type { ActionControl } from './action/kinds/control.js';
export type * from './action/kinds/index.js';
export type { ActionFilter } from './action/list.js';
export type { ActionPlace } from './action/operations.js';
export type { Address, AddressFlag } from './address/address.js';
export type { AddressFilter } from './address/list.js';
export type { AddressSpec } from './address/spec.js';
export type { BpfAttachment, BpfInstruction } from './bpf/attachment.js';
export type { BpfProgram } from './bpf/program.js';
export type { BridgeVlan } from './bridge-vlan/bridge-vlan.js';
export type { BridgeVlanSettings, BridgeVlanSpec, BridgeVlanTunnelSpec } from './bridge-vlan/spec.js';
export type { BridgeVni } from './bridge-vni/bridge-vni.js';
export type { BridgeVniFilter } from './bridge-vni/list.js';
export type { BridgeVniSpec } from './bridge-vni/spec.js';
export type { Chain, ChainPlace, ChainSpec, ChainTemplate } from './chain/chain.js';
export type { ChainFilter } from './chain/list.js';
export type * from './class/kinds/index.js';
export type { TrafficClassFilter } from './class/list.js';
export type {
  TrafficClassPlace,
  TrafficClassRemoval,
  TrafficClassSettings,
  TrafficClassSpec,
  TrafficClassSpecOf,
} from './class/spec.js';
export type {
  TrafficClass,
  TrafficClassAttributes,
  TrafficClassKindName,
  TrafficClassOf,
} from './class/traffic-class.js';
export type { DevlinkDevice } from './devlink/devices.js';
export type { DevlinkEswitch, DevlinkEswitchSettings } from './devlink/eswitch.js';
export type { DevlinkInfo } from './devlink/info.js';
export type { DevlinkPort, DevlinkPortFunction } from './devlink/ports.js';
export type { DevlinkReference } from './devlink/reference.js';
export type { BpfEncap, BpfEncapProgram } from './encap/bpf.js';
export type { OpaqueEncap, RouteEncap } from './encap/encap.js';
export type { RouteEncapType } from './encap/encap-type.js';
export type { IpEncap } from './encap/ip.js';
export type { MplsEncap } from './encap/mpls.js';
export type { Seg6Encap, Seg6Mode } from './encap/seg6.js';
export type { Seg6Flavor, Seg6LocalAction, Seg6LocalCounters, Seg6LocalEncap } from './encap/seg6local.js';
export type { XfrmEncap } from './encap/xfrm.js';
export type { EthtoolChannels } from './ethtool/channels.js';
export type { EthtoolCoalesce } from './ethtool/coalesce.js';
export type { EthtoolDriver } from './ethtool/driver.js';
export type { EthtoolFeature } from './ethtool/features.js';
export type { EthtoolLink, EthtoolLinkSettings } from './ethtool/link.js';
export type { EthtoolPause } from './ethtool/pause.js';
export type { EthtoolRings } from './ethtool/rings.js';
export type { EthtoolHistogramBucket, EthtoolStats, EthtoolStatsGroup } from './ethtool/stats.js';
export type { EthtoolStringSet } from './ethtool/strings.js';
export type { EthtoolTimestamping } from './ethtool/timestamping.js';
export type {
  Filter,
  FilterAttributes,
  FilterKindName,
  FilterOf,
  FilterPlace,
  FilterRemoval,
  FilterSettings,
  FilterSpec,
  FilterSpecOf,
} from './filter/filter.js';
export type * from './filter/kinds/index.js';
export type { FilterProtocol } from './filter/kinds/protocol.js';
export type { FilterFilter } from './filter/list.js';
export { type U32MatchSpec, u32Match } from './filter/u32-match.js';
export type { GenericFamily, GenericOperation, GenericOperationFlag } from './generic/family.js';
export type { GenericMessage } from './generic/message.js';
export type { GenericRequest } from './generic/request.js';
export type { LinkAttributes, LinkFlag, LinkMode, LinkStatistics, OperState } from './link/attributes/attributes.js';
export type { LinkPeerSpec, LinkSettings, NetnsSpec, NewLinkSettings } from './link/attributes/settings.js';
export type { LinkChanges, LinkChangesOf } from './link/change.js';
export type { LinkQuery } from './link/find.js';
export type * from './link/kinds/index.js';
export type { Link, LinkKindName, LinkOf, LinkSpec, LinkSpecOf } from './link/link.js';
export type { LinkFilter } from './link/list.js';
export type * from './link/ports/index.js';
export type { Vf, VfSettings, VfStatistics, VfVlan } from './link/vf/vf.js';
export type { XdpMode, XdpSettings } from './link/xdp.js';
export type {
  BondCounters,
  BridgeCounters,
  BridgeMulticastCounters,
  BridgeStpCounters,
  BridgeVlanCounters,
  HardwareCounters,
  LinkStats,
  MplsCounters,
  OffloadCounters,
  RxTx,
} from './link-stats/link-stats.js';
export type { LinkStatsFilter, LinkStatsGroup } from './link-stats/list.js';
export type { MdbFilter } from './mdb/list.js';
export type { MdbEntry, MdbFlag } from './mdb/mdb-entry.js';
export type { MdbSpec } from './mdb/spec.js';
export type { ExtendedAck } from './message/extended-ack.js';
export { type AddressFamily, parseAddr } from './message/ip-address.js';
export type { Scope } from './message/scope.js';
export type { UnknownAttribute } from './message/unknown-attribute.js';
export type { MplsNexthop, MplsRoute, MplsWay } from './mpls-route/mpls-route.js';
export type { MplsNexthopSpec, MplsRouteSpec, MplsWaySpec } from './mpls-route/spec.js';
export type { NeighbourFlush } from './neighbour/flush.js';
export type { NeighbourFilter } from './neighbour/list.js';
export type { Neighbour, NeighbourFamily, NeighbourFlag, NeighbourState } from './neighbour/neighbour.js';
export type { NeighbourSpec } from './neighbour/spec.js';
export type {
  NeighbourParameters,
  NeighbourTable,
  NeighbourTableName,
  NeighbourTableStatistics,
} from './neighbour-table/neighbour-table.js';
export type { NeighbourTableSettings } from './neighbour-table/spec.js';
export type { NetconfFilter } from './netconf/list.js';
export type { Netconf, NetconfFamily } from './netconf/netconf.js';
export * from './netlink/here.js';
export { addresses, links, neighbours, routes, sockets } from './netlink/iterate-here.js';
export { Netlink, type NetlinkOpenOptions, type TransportSource } from './netlink/netlink.js';
export { NetlinkSync } from './netlink/netlink-sync.js';
export type { NexthopBucketFilter } from './nexthop/buckets.js';
export type { NexthopFilter } from './nexthop/list.js';
export type {
  BlackholeNexthop,
  NexthopBucket,
  NexthopGroup,
  NexthopMember,
  NexthopObject,
  ResilientGroup,
  UnicastNexthop,
} from './nexthop/nexthop.js';
export type { NexthopMemberSpec, NexthopObjectSpec, ResilientGroupSpec } from './nexthop/spec.js';
export { LinkNotFoundError, NetlinkError } from './operation/errors.js';
export type { LinkReference } from './operation/link-reference.js';
export { DumpOperation, Operation } from './operation/operation.js';
export type { NetlinkProtocol } from './operation/protocol.js';
export type { QdiscHandle } from './qdisc/handle.js';
export type * from './qdisc/kinds/index.js';
export type { QdiscFilter } from './qdisc/list.js';
export type { Qdisc, QdiscAttributes, QdiscKindName, QdiscOf, QdiscStatistics } from './qdisc/qdisc.js';
export type { QdiscRateEstimator } from './qdisc/rate-estimator.js';
export type { QdiscSizeTable } from './qdisc/size-table.js';
export type { QdiscPlace, QdiscRemoval, QdiscSettings, QdiscSpec, QdiscSpecOf } from './qdisc/spec.js';
export { RawMessage } from './raw/message.js';
export type { RawRequest } from './raw/request.js';
export type { RouteQuery } from './route/get.js';
export type { RouteFilter } from './route/list.js';
export type { RouteMetricName, RouteMetrics } from './route/metrics.js';
export type { RouteFlag, RoutePreference, RouteProtocol, RouteType } from './route/numbers.js';
export type { Nexthop, Route } from './route/route.js';
export type { NexthopSpec, RouteSpec } from './route/spec.js';
export type { RouteTable, RouteTableName } from './route/table.js';
export type { RuleFilter } from './rule/list.js';
export type { Rule, RuleAction, RuleFlag } from './rule/rule.js';
export type { RuleSpec } from './rule/spec.js';
export { type BatchEntry, type BatchResults, NetlinkBatchError } from './socket/batch.js';
export type * from './sockets/families/index.js';
export type { InternetSocketFilter, SocketEndpointFilter, SocketFilter } from './sockets/filter.js';
export type { SocketFamily, SocketInfo } from './sockets/socket-info.js';
export type { InternetSocketSpec, LocalSocketSpec, SocketSpec } from './sockets/spec.js';
export { type AddressUpdate, addrSubscribe } from './subscription/addr-subscribe.js';
export { type BridgeVlanUpdate, bridgeVlanSubscribe } from './subscription/bridge-vlan-subscribe.js';
export { type ChainUpdate, chainSubscribe } from './subscription/chain-subscribe.js';
export { classSubscribe, type TrafficClassUpdate } from './subscription/class-subscribe.js';
export {
  type EthtoolSubscribeOptions,
  type EthtoolUpdate,
  ethtoolSubscribe,
} from './subscription/ethtool-subscribe.js';
export { type FilterUpdate, filterSubscribe } from './subscription/filter-subscribe.js';
export {
  type GenericSubscribeOptions,
  type GenericUpdate,
  genericSubscribe,
} from './subscription/generic-subscribe.js';
export { type LinkChange, type LinkPortUpdate, type LinkUpdate, linkSubscribe } from './subscription/link-subscribe.js';
export { type MdbUpdate, mdbSubscribe } from './subscription/mdb-subscribe.js';
export { type MplsRouteUpdate, mplsRouteSubscribe } from './subscription/mpls-route-subscribe.js';
export { type NeighbourUpdate, neighSubscribe } from './subscription/neigh-subscribe.js';
export { type NetconfUpdate, netconfSubscribe } from './subscription/netconf-subscribe.js';
export { type NexthopUpdate, nexthopSubscribe } from './subscription/nexthop-subscribe.js';
export { type NsidSubscribeOptions, type NsidUpdate, nsidSubscribe } from './subscription/nsid-subscribe.js';
export { type QdiscUpdate, qdiscSubscribe } from './subscription/qdisc-subscribe.js';
export { type RawSubscribeOptions, type RawUpdate, rawSubscribe } from './subscription/raw-subscribe.js';
export { type RouteUpdate, routeSubscribe } from './subscription/route-subscribe.js';
export { type RuleUpdate, ruleSubscribe } from './subscription/rule-subscribe.js';
export {
  type FromNamespace,
  type Resync,
  type SubscribeOptions,
  Subscription,
  type Update,
} from './subscription/subscription.js';
export type { LinkAction, WithProvider } from './vocabulary/link-action.js';
export * from './vocabulary/link-actions.js';
export {
  isLinkProvider,
  type LinkContext,
  type LinkProvider,
  linkOf,
  provideLink,
} from './vocabulary/link-provider.js';
export * from './vocabulary/link-providers.js';
export { describeMisplaced, noLinkProvider } from './vocabulary/misplaced.js';
export { ProviderError } from './vocabulary/provider-error.js';
export * from './vocabulary/traffic-actions.js';
export type { WireguardDevice, WireguardPeer } from './wireguard/device.js';
export { generateWireguardKey, generateWireguardPresharedKey, wireguardPublicKey } from './wireguard/keys.js';
export type { WireguardPeerSpec, WireguardSettings } from './wireguard/settings.js';
