import { type Field, type Fields, readOnly, u32, u64Number } from '../message/fields.js';
import {
  NDTPA_ANYCAST_DELAY,
  NDTPA_APP_PROBES,
  NDTPA_BASE_REACHABLE_TIME,
  NDTPA_DELAY_PROBE_TIME,
  NDTPA_GC_STALETIME,
  NDTPA_IFINDEX,
  NDTPA_INTERVAL_PROBE_TIME_MS,
  NDTPA_LOCKTIME,
  NDTPA_MCAST_PROBES,
  NDTPA_MCAST_REPROBES,
  NDTPA_PROXY_DELAY,
  NDTPA_PROXY_QLEN,
  NDTPA_QUEUE_LEN,
  NDTPA_QUEUE_LENBYTES,
  NDTPA_REACHABLE_TIME,
  NDTPA_REFCNT,
  NDTPA_RETRANS_TIME,
  NDTPA_UCAST_PROBES,
} from '../uapi/neighbour.js';
import type { NeighbourParameters, NeighbourTable } from './neighbour-table.js';

/** The attribute has 64 bits, of which the kernel looks at 32. */
const milliseconds = (attribute: number): Field<number> => u64Number(attribute, 0xffffffff);
/** The kernel keeps it in an `int`. */
const count = (attribute: number): Field<number> => u32(attribute, 0, 0x7fffffff);

/** What can be set of a link, and as the default of new ones. */
export const PARAMETERS: Fields<NeighbourParameters> = {
  queueBytes: count(NDTPA_QUEUE_LENBYTES),
  proxyQueueLength: count(NDTPA_PROXY_QLEN),
  appProbes: count(NDTPA_APP_PROBES),
  unicastProbes: count(NDTPA_UCAST_PROBES),
  multicastProbes: count(NDTPA_MCAST_PROBES),
  multicastReprobes: count(NDTPA_MCAST_REPROBES),
  baseReachable: milliseconds(NDTPA_BASE_REACHABLE_TIME),
  gcStale: milliseconds(NDTPA_GC_STALETIME),
  delayProbe: milliseconds(NDTPA_DELAY_PROBE_TIME),
  intervalProbe: milliseconds(NDTPA_INTERVAL_PROBE_TIME_MS),
  retransmit: milliseconds(NDTPA_RETRANS_TIME),
  anycastDelay: milliseconds(NDTPA_ANYCAST_DELAY),
  proxyDelay: milliseconds(NDTPA_PROXY_DELAY),
  locktime: milliseconds(NDTPA_LOCKTIME),
};

/** All that the kernel tells of them. */
export const TOLD: Fields<NeighbourTable> = {
  ifindex: readOnly(u32(NDTPA_IFINDEX)),
  references: readOnly(u32(NDTPA_REFCNT)),
  reachable: readOnly(milliseconds(NDTPA_REACHABLE_TIME)),
  queueLength: readOnly(u32(NDTPA_QUEUE_LEN)),
  ...PARAMETERS,
};
