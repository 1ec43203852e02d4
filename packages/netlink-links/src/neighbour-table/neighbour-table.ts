import type { AddressFamily } from '../message/ip-address.js';
import type { UnknownAttribute, WithUnknown } from '../message/unknown-attribute.js';

/** The table of a family: that of IPv4 or that of IPv6. */
export type NeighbourTableName = 'arp_cache' | 'ndisc_cache';

/** How neighbours are looked for and kept. Times are milliseconds; the kernel rounds them to its own steps. */
export interface NeighbourParameters {
  /** For about how long a neighbour counts as reachable: half of it to one and a half times. */
  readonly baseReachable?: number | undefined;
  /** Between two requests. */
  readonly retransmit?: number | undefined;
  /** For how long an entry that is not used stays. */
  readonly gcStale?: number | undefined;
  /** How long after the first packet to a stale neighbour it is asked. */
  readonly delayProbe?: number | undefined;
  /** Between two requests to neighbours that are `managed`. Linux 6.1. */
  readonly intervalProbe?: number | undefined;
  /** Bytes of packets that wait for the address of one neighbour. */
  readonly queueBytes?: number | undefined;
  /** Requests that a program is to make, before the kernel does. */
  readonly appProbes?: number | undefined;
  /** Requests to the address that is known. */
  readonly unicastProbes?: number | undefined;
  /** Requests to all. */
  readonly multicastProbes?: number | undefined;
  /** The same after those to the known address. */
  readonly multicastReprobes?: number | undefined;
  /** At most, before a request for an anycast address is answered. */
  readonly anycastDelay?: number | undefined;
  /** At most, before a request is answered for another host. */
  readonly proxyDelay?: number | undefined;
  /** How many requests may wait for that. */
  readonly proxyQueueLength?: number | undefined;
  /** For how long an address stays before another one takes its place. */
  readonly locktime?: number | undefined;
}

/** What a table counts, since the system started. */
export interface NeighbourTableStatistics {
  readonly allocations: bigint;
  readonly destroyed: bigint;
  readonly hashGrows: bigint;
  /** Neighbours that did not answer. */
  readonly resolutionsFailed: bigint;
  readonly lookups: bigint;
  readonly hits: bigint;
  readonly multicastProbesReceived: bigint;
  readonly unicastProbesReceived: bigint;
  readonly periodicGcRuns: bigint;
  readonly forcedGcRuns: bigint;
  /** Entries that were refused, since the table was full. */
  readonly tableFulls: bigint;
}

/**
 * The parameters of a table: of one link, or those that new links get, which come with what all links have in common. What was
 * read can be given to `neighTableSet`.
 */
export interface NeighbourTable extends NeighbourParameters, WithUnknown {
  readonly name: NeighbourTableName | string;
  readonly family: AddressFamily | number;
  /** Index of the link; absent for what new links get. */
  readonly ifindex?: number | undefined;
  /** Entries below which none is removed, above which unused ones are after five seconds, and above which there can be none. */
  readonly gcThresholds?: readonly [number, number, number] | undefined;
  /** Milliseconds between two looks for entries that can go. */
  readonly gcInterval?: number | undefined;
  /** Told: for how long a neighbour counts as reachable at present, in milliseconds. */
  readonly reachable?: number | undefined;
  /** Told: packets that wait for the address of one neighbour. */
  readonly queueLength?: number | undefined;
  /** Told: what uses these parameters. */
  readonly references?: number | undefined;
  /** Told: how many entries there are, in all namespaces. */
  readonly entries?: number | undefined;
  /** Told. */
  readonly statistics?: NeighbourTableStatistics | undefined;
  /** As `unknown`, of what the table has beside its parameters. */
  readonly unknownCommon?: readonly UnknownAttribute[] | undefined;
}
