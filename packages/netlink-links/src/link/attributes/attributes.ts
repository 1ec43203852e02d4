import type { UnknownAttribute } from '../../message/unknown-attribute.js';
import type { LinkPort } from '../ports/index.js';
import type { Vf } from '../vf/vf.js';

/**
 * A flag of a link, as the kernel names it in `<linux/if.h>`, without `IFF_` and in small letters; the bit itself where
 * it has no name here.
 */
export type LinkFlag = (typeof LINK_FLAGS)[number] | number;

/** In the order of their bits, the lowest first. */
export const LINK_FLAGS = [
  'up',
  'broadcast',
  'debug',
  'loopback',
  'pointopoint',
  'notrailers',
  'running',
  'noarp',
  'promisc',
  'allmulti',
  'master',
  'slave',
  'multicast',
  'portsel',
  'automedia',
  'dynamic',
  'lower_up',
  'dormant',
  'echo',
] as const;

/** The state of RFC 2863, in the order of `IF_OPER_…` in `<linux/if.h>`. */
export const OPER_STATES = ['unknown', 'notpresent', 'down', 'lowerlayerdown', 'testing', 'dormant', 'up'] as const;
export type OperState = (typeof OPER_STATES)[number];

/** Whether the kernel alone says that a link is up, in the order of `IF_LINK_MODE_…` in `<linux/if.h>`. */
export const LINK_MODES = ['default', 'dormant', 'testing'] as const;
export type LinkMode = (typeof LINK_MODES)[number];

/** Counters of `struct rtnl_link_stats64` in `<linux/if_link.h>`. */
export interface LinkStatistics {
  readonly rxPackets: bigint;
  readonly txPackets: bigint;
  readonly rxBytes: bigint;
  readonly txBytes: bigint;
  readonly rxErrors: bigint;
  readonly txErrors: bigint;
  readonly rxDropped: bigint;
  readonly txDropped: bigint;
  readonly multicast: bigint;
  readonly collisions: bigint;
  readonly rxLengthErrors: bigint;
  readonly rxOverErrors: bigint;
  readonly rxCrcErrors: bigint;
  readonly rxFrameErrors: bigint;
  readonly rxFifoErrors: bigint;
  readonly rxMissedErrors: bigint;
  readonly txAbortedErrors: bigint;
  readonly txCarrierErrors: bigint;
  readonly txFifoErrors: bigint;
  readonly txHeartbeatErrors: bigint;
  readonly txWindowErrors: bigint;
  readonly rxCompressed: bigint;
  readonly txCompressed: bigint;
  readonly rxNohandler: bigint;
  /** Packets that were for another host, of those in promiscuous mode. Linux 5.19; 0 before. */
  readonly rxOtherhostDropped: bigint;
}

/** In the order of `XDP_ATTACHED_…` in `<linux/if_link.h>`. */
export const XDP_MODES = ['none', 'native', 'generic', 'offload', 'multi'] as const;

/** How an XDP program is attached to a link, `IFLA_XDP_…` of `<linux/if_link.h>`. */
export interface LinkXdp {
  /** Where it runs: in the driver, in the kernel's own code, in the hardware, or in several of them. */
  readonly mode: (typeof XDP_MODES)[number] | number;
  /** Where it is attached in one of them. */
  readonly programId?: number;
  readonly driverProgramId?: number;
  readonly genericProgramId?: number;
  readonly hardwareProgramId?: number;
  /** Attributes that this package does not know. */
  readonly unknown?: readonly UnknownAttribute[];
}

/** What links of every kind have. */
export interface LinkAttributes {
  readonly name: string;
  /** The link's index in its namespace; it may change when it moves to another. */
  readonly index: number;
  /** `ARPHRD_…` of `<linux/if_arp.h>`: 1 is Ethernet, 772 the loopback. */
  readonly hardwareType: number;
  /** Bytes of payload. */
  readonly mtu: number;
  readonly flags: readonly LinkFlag[];
  /** The flags as the kernel has them, `IFF_…`. */
  readonly rawFlags: number;
  /** `'02:00:00:00:00:01'`; an IP address where a tunnel has one; '' for a link without an address. */
  readonly hardwareAddr: string;
  /** The address of broadcasts, or a tunnel's other end. */
  readonly broadcast: string;
  readonly permanentHardwareAddr?: string;
  /** Index of the bridge, bond or VRF that the link belongs to. */
  readonly masterIndex?: number;
  /** Index of the link below (of a VLAN, say), or of the other end of a veth pair. */
  readonly parentIndex?: number;
  /** Identifier of the namespace in which `parentIndex` counts, where it is another. */
  readonly linkNetnsId?: number;
  readonly operState: OperState;
  readonly linkMode: LinkMode;
  /** Whether there is a signal. */
  readonly carrier: boolean;
  readonly carrierChanges: number;
  readonly alias?: string;
  readonly altNames: readonly string[];
  /** Length of the queue for sending, in packets. */
  readonly txQLen: number;
  /** Name of the queueing discipline at the root. */
  readonly qdisc: string;
  /** The group of links; 0 is the default one. */
  readonly group: number;
  /** How many have asked for promiscuous mode. */
  readonly promiscuity: number;
  readonly allMulticast: number;
  readonly numTxQueues: number;
  readonly numRxQueues: number;
  readonly gsoMaxSize: number;
  readonly gsoMaxSegs: number;
  readonly groMaxSize: number;
  /** As `gsoMaxSize`, for IPv4; Linux 6.3 and later. */
  readonly gsoIpv4MaxSize?: number;
  /** As `groMaxSize`, for IPv4; Linux 6.3 and later. */
  readonly groIpv4MaxSize?: number;
  readonly tsoMaxSize: number;
  readonly tsoMaxSegs: number;
  readonly minMtu: number;
  /** 0 where there is no limit. */
  readonly maxMtu: number;
  /** A protocol holds the link down (`IFLA_PROTO_DOWN`). */
  readonly protoDown: boolean;
  /** For what reasons, a bit for each. */
  readonly protoDownReason?: number;
  /** How IPv6 link-local addresses are made; absent without IPv6. */
  readonly ipv6AddrGenMode?: 'eui64' | 'none' | 'stable_secret' | 'random';
  /** The end of the IPv6 addresses that are made from router advertisements, `'::7'` (`ip token`). */
  readonly ipv6Token?: string;
  readonly physPortName?: string;
  readonly physPortId?: string;
  readonly physSwitchId?: string;
  readonly parentDeviceName?: string;
  readonly parentDeviceBus?: string;
  /** The XDP program, where one is attached. It cannot be given back: `linkAdd` refuses a link that has one. */
  readonly xdp?: LinkXdp;
  /** What the link is to its master: `'bridge'`, `'bond'`, `'vrf'`, … */
  readonly slaveKind?: string;
  /** What it is as a port of its master; absent where it has none. */
  readonly masterPort?: LinkPort;
  /** Absent when the kernel was told to leave it out. */
  readonly statistics?: LinkStatistics;
  /** The virtual functions of a device (SR-IOV), where they were asked for: `linkList({ vfs: true })`. */
  readonly vfs?: readonly Vf[];
  /** Settings of its kind that this package does not know, those of newer kernels. They are written as they were read. */
  readonly unknown?: readonly UnknownAttribute[] | undefined;
  /**
   * The same of what links of every kind have. `linkAdd` writes them as they were read, and leaves out those of which
   * the kernel says that it only tells them. Of `IFLA_AF_SPEC` (26), `IFLA_LINKINFO` (18), `IFLA_PROP_LIST` (52) and
   * `IFLA_PROTO_DOWN_REASON` (55) it has what is not known inside them.
   */
  readonly unknownCommon?: readonly UnknownAttribute[] | undefined;
}
