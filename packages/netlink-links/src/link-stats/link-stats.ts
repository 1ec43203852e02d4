import type { LinkStatistics } from '../link/attributes/attributes.js';
import type { WithUnknown } from '../message/unknown-attribute.js';

/** Received and sent. */
export interface RxTx {
  readonly rx: bigint;
  readonly tx: bigint;
}

/** What a bridge, or one of its ports, has counted of a VLAN. */
export interface BridgeVlanCounters {
  readonly vid: number;
  /** `BRIDGE_VLAN_INFO_…` of `<linux/if_bridge.h>`: 2 for that of untagged packets, 4 where they go out untagged, 32 where it is the bridge's own. */
  readonly flags: number;
  readonly rxBytes: bigint;
  readonly rxPackets: bigint;
  readonly txBytes: bigint;
  readonly txPackets: bigint;
}

/** What a bridge with `multicastStatsEnabled`, or one of its ports, has counted of multicast. */
export interface BridgeMulticastCounters {
  readonly igmpV1Queries: RxTx;
  readonly igmpV2Queries: RxTx;
  readonly igmpV3Queries: RxTx;
  readonly igmpLeaves: RxTx;
  readonly igmpV1Reports: RxTx;
  readonly igmpV2Reports: RxTx;
  readonly igmpV3Reports: RxTx;
  readonly igmpParseErrors: bigint;
  readonly mldV1Queries: RxTx;
  readonly mldV2Queries: RxTx;
  readonly mldLeaves: RxTx;
  readonly mldV1Reports: RxTx;
  readonly mldV2Reports: RxTx;
  readonly mldParseErrors: bigint;
  readonly bytes: RxTx;
  readonly packets: RxTx;
}

/** What a port of a bridge has counted of the spanning tree protocol. */
export interface BridgeStpCounters {
  readonly transitionsToBlocking: bigint;
  readonly transitionsToForwarding: bigint;
  readonly rxBpdu: bigint;
  readonly txBpdu: bigint;
  readonly rxTcn: bigint;
  readonly txTcn: bigint;
}

/** What a bridge, or one of its ports, counts. */
export interface BridgeCounters extends WithUnknown {
  /** Of a bridge with `vlanStatsEnabled`; of its ports also with `vlanStatsPerPort`, those of the bridge otherwise. */
  readonly vlans: readonly BridgeVlanCounters[];
  readonly multicast?: BridgeMulticastCounters;
  /** Of ports alone. */
  readonly stp?: BridgeStpCounters;
}

/** What a bond of the mode 802.3ad, or one of its ports, counts. */
export interface BondCounters extends WithUnknown {
  readonly lacpduRx: bigint;
  readonly lacpduTx: bigint;
  readonly lacpduUnknownRx: bigint;
  readonly lacpduIllegalRx: bigint;
  readonly markerRx: bigint;
  readonly markerTx: bigint;
  readonly markerResponseRx: bigint;
  readonly markerResponseTx: bigint;
  readonly markerUnknownRx: bigint;
}

/** Packets that hardware has forwarded. */
export type HardwareCounters = Pick<
  LinkStatistics,
  'rxPackets' | 'txPackets' | 'rxBytes' | 'txBytes' | 'rxErrors' | 'txErrors' | 'rxDropped' | 'txDropped' | 'multicast'
>;

/** What hardware that forwards for the kernel has counted. */
export interface OffloadCounters extends WithUnknown {
  /** What the processor has forwarded nevertheless. */
  readonly cpuHit?: LinkStatistics;
  /** Counters of layer 3: whether they were asked for, whether the hardware has some, and what it has counted. */
  readonly l3?: { readonly requested: boolean; readonly used: boolean; readonly statistics?: HardwareCounters };
}

/** What a link has counted of MPLS. */
export interface MplsCounters extends Omit<HardwareCounters, 'multicast'> {
  /** Packets with a label that there is no route for. */
  readonly rxNoRoute: bigint;
}

/** What a link counts. What it has nothing of is absent. */
export interface LinkStats extends WithUnknown {
  /** Index of the link. */
  readonly ifindex: number;
  readonly link?: LinkStatistics;
  readonly bridge?: BridgeCounters;
  /** As a port of a bridge. */
  readonly bridgePort?: BridgeCounters;
  readonly bond?: BondCounters;
  /** As a port of a bond. */
  readonly bondPort?: BondCounters;
  readonly offload?: OffloadCounters;
  readonly mpls?: MplsCounters;
}
