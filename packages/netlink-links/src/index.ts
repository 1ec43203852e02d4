export type { Address, AddressFlag } from './address/address.js';
export type { AddressFilter } from './address/list.js';
export type { AddressSpec } from './address/spec.js';
export type { BridgeVlan } from './bridge-vlan/bridge-vlan.js';
export type { BridgeVlanSpec } from './bridge-vlan/spec.js';
export type { GenericFamily, GenericOperation, GenericOperationFlag } from './generic/family.js';
export type { GenericMessage } from './generic/message.js';
export type { GenericRequest } from './generic/request.js';
export type { LinkAttributes, LinkFlag, LinkMode, LinkStatistics, OperState } from './link/attributes/attributes.js';
export type { LinkPeerSpec, LinkSettings, NetnsSpec, NewLinkSettings } from './link/attributes/settings.js';
export type { LinkChanges, LinkChangesOf } from './link/change.js';
export type * from './link/kinds/index.js';
export type { Link, LinkKindName, LinkOf, LinkSpec, LinkSpecOf } from './link/link.js';
export type { LinkFilter } from './link/list.js';
export type { ExtendedAck } from './message/extended-ack.js';
export { type AddressFamily, parseAddr } from './message/ip-address.js';
export type { Scope } from './message/scope.js';
export type { UnknownAttribute } from './message/unknown-attribute.js';
export type { NeighbourFilter } from './neighbour/list.js';
export type { Neighbour, NeighbourFamily, NeighbourFlag, NeighbourState } from './neighbour/neighbour.js';
export type { NeighbourSpec } from './neighbour/spec.js';
export * from './netlink/here.js';
export { addresses, links, neighbours, routes, sockets } from './netlink/iterate-here.js';
export { Netlink, type NetlinkOpenOptions, type TransportSource } from './netlink/netlink.js';
export { NetlinkSync } from './netlink/netlink-sync.js';
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
export type { RouteEncapType, RouteFlag, RoutePreference, RouteProtocol, RouteType } from './route/numbers.js';
export type { Nexthop, Route, RouteEncap } from './route/route.js';
export type { NexthopSpec, RouteSpec } from './route/spec.js';
export type { RouteTable, RouteTableName } from './route/table.js';
export type { RuleFilter } from './rule/list.js';
export type { Rule, RuleAction, RuleFlag } from './rule/rule.js';
export type { RuleSpec } from './rule/spec.js';
export { type BatchEntry, type BatchResults, NetlinkBatchError } from './socket/batch.js';
export type { SocketEndpointFilter, SocketFilter } from './sockets/filter.js';
export type {
  SocketDetail,
  SocketEndpoint,
  SocketFamily,
  SocketInfo,
  SocketMemory,
  SocketProtocol,
  SocketState,
} from './sockets/socket-info.js';
export type { SocketSpec } from './sockets/spec.js';
export type { TcpInfo } from './sockets/tcp-info.js';
export { type AddressUpdate, addrSubscribe } from './subscription/addr-subscribe.js';
export {
  type GenericSubscribeOptions,
  type GenericUpdate,
  genericSubscribe,
} from './subscription/generic-subscribe.js';
export { type LinkUpdate, linkSubscribe } from './subscription/link-subscribe.js';
export { type NeighbourUpdate, neighSubscribe } from './subscription/neigh-subscribe.js';
export { type RawSubscribeOptions, type RawUpdate, rawSubscribe } from './subscription/raw-subscribe.js';
export { type RouteUpdate, routeSubscribe } from './subscription/route-subscribe.js';
export { type Resync, type SubscribeOptions, Subscription, type Update } from './subscription/subscription.js';
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
export type { WireguardDevice, WireguardPeer } from './wireguard/device.js';
export { generateWireguardKey, generateWireguardPresharedKey, wireguardPublicKey } from './wireguard/keys.js';
export type { WireguardPeerSpec, WireguardSettings } from './wireguard/settings.js';
