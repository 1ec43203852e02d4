export type { Address, AddressFlag, Scope } from './addresses/address.js';
export type { AddressSpec } from './addresses/address-spec.js';
export type { BridgeVlan, BridgeVlanSpec } from './bridge-vlans/bridge-vlan.js';
export type { ExtendedAck } from './codec/extended-ack.js';
export { type AddressFamily, parseAddr } from './codec/ip-address.js';
export { LinkNotFoundError, NetlinkError } from './errors.js';
export * from './here.js';
export { addresses, links, neighbours, routes } from './iterate-here.js';
export type * from './link-kinds/index.js';
export type { LinkChanges, LinkChangesOf } from './links/change-link.js';
export type { LinkAttributes, LinkFlag, LinkStatistics, OperState } from './links/link.js';
export type { LinkReference } from './links/link-reference.js';
export type { LinkPeerSpec, LinkSettings, NetnsSpec, NewLinkSettings } from './links/link-spec.js';
export type { Link, LinkKindName, LinkOf, LinkSpec, LinkSpecOf } from './links/link-union.js';
export type { Neighbour, NeighbourFamily, NeighbourFlag, NeighbourState } from './neighbours/neighbour.js';
export type { NeighbourSpec } from './neighbours/neighbour-spec.js';
export { Netlink, type TransportSource } from './netlink.js';
export { NetlinkSync } from './netlink-sync.js';
export { DumpOperation, Operation } from './operation.js';
export type { AddressFilter } from './operations/addr-list.js';
export type { LinkFilter } from './operations/link-list.js';
export type { NeighbourFilter } from './operations/neigh-list.js';
export type { QdiscFilter } from './operations/qdisc-list.js';
export type { RouteQuery } from './operations/route-get.js';
export type { RouteFilter } from './operations/route-list.js';
export type { RuleFilter } from './operations/rule-list.js';
export type * from './qdisc-kinds/index.js';
export type { QdiscAttributes, QdiscStatistics } from './qdiscs/qdisc.js';
export type { QdiscHandle } from './qdiscs/qdisc-handle.js';
export type { QdiscRemoval } from './qdiscs/qdisc-operation.js';
export type { Qdisc, QdiscKindName, QdiscOf, QdiscPlace, QdiscSpec, QdiscSpecOf } from './qdiscs/qdisc-union.js';
export type { Nexthop, Route, RouteEncap } from './routes/route.js';
export type { RouteMetricName, RouteMetrics } from './routes/route-metrics.js';
export type { RouteEncapType, RouteFlag, RoutePreference, RouteProtocol, RouteType } from './routes/route-numbers.js';
export type { NexthopSpec, RouteSpec } from './routes/route-spec.js';
export type { RouteTable, RouteTableName } from './routes/route-table.js';
export type { Rule, RuleAction, RuleFlag } from './rules/rule.js';
export type { RuleSpec } from './rules/rule-spec.js';
export { type AddressUpdate, addrSubscribe } from './subscriptions/addr-subscribe.js';
export { type LinkUpdate, linkSubscribe } from './subscriptions/link-subscribe.js';
export { type NeighbourUpdate, neighSubscribe } from './subscriptions/neigh-subscribe.js';
export { type RouteUpdate, routeSubscribe } from './subscriptions/route-subscribe.js';
export { type Resync, type SubscribeOptions, Subscription, type Update } from './subscriptions/subscription.js';
export { type BatchEntry, type BatchResults, NetlinkBatchError } from './transport/batch.js';
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
export { ProviderError } from './vocabulary/provider-error.js';
