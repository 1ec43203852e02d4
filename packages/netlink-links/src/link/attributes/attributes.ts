/** A flag of a link, as the kernel names it in `<linux/if.h>`, without `IFF_` and in small letters. */
export type LinkFlag = (typeof LINK_FLAGS)[number];

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

/** Counters of `struct rtnl_link_stats64` in `<linux/if_link.h>`. */
export interface LinkStatistics {
  rxPackets: bigint;
  txPackets: bigint;
  rxBytes: bigint;
  txBytes: bigint;
  rxErrors: bigint;
  txErrors: bigint;
  rxDropped: bigint;
  txDropped: bigint;
  multicast: bigint;
  collisions: bigint;
  rxLengthErrors: bigint;
  rxOverErrors: bigint;
  rxCrcErrors: bigint;
  rxFrameErrors: bigint;
  rxFifoErrors: bigint;
  rxMissedErrors: bigint;
  txAbortedErrors: bigint;
  txCarrierErrors: bigint;
  txFifoErrors: bigint;
  txHeartbeatErrors: bigint;
  txWindowErrors: bigint;
  rxCompressed: bigint;
  txCompressed: bigint;
  rxNohandler: bigint;
}

/** What links of every kind have. */
export interface LinkAttributes {
  name: string;
  /** The link's index in its namespace; it may change when it moves to another. */
  index: number;
  /** `ARPHRD_…` of `<linux/if_arp.h>`: 1 is Ethernet, 772 the loopback. */
  hardwareType: number;
  /** Bytes of payload. */
  mtu: number;
  flags: readonly LinkFlag[];
  /** The flags as the kernel has them, `IFF_…`. */
  rawFlags: number;
  /** `'02:00:00:00:00:01'`; an IP address where a tunnel has one; '' for a link without an address. */
  hardwareAddr: string;
  /** The address of broadcasts, or a tunnel's other end. */
  broadcast: string;
  permanentHardwareAddr?: string;
  /** Index of the bridge, bond or VRF that the link belongs to. */
  masterIndex?: number;
  /** Index of the link below (of a VLAN, say), or of the other end of a veth pair. */
  parentIndex?: number;
  /** Identifier of the namespace in which `parentIndex` counts, where it is another. */
  linkNetnsId?: number;
  operState: OperState;
  linkMode: 'default' | 'dormant';
  /** Whether there is a signal. */
  carrier: boolean;
  carrierChanges: number;
  alias?: string;
  altNames: readonly string[];
  /** Length of the queue for sending, in packets. */
  txQLen: number;
  /** Name of the queueing discipline at the root. */
  qdisc: string;
  /** The group of links; 0 is the default one. */
  group: number;
  /** How many have asked for promiscuous mode. */
  promiscuity: number;
  allMulticast: number;
  numTxQueues: number;
  numRxQueues: number;
  gsoMaxSize: number;
  gsoMaxSegs: number;
  groMaxSize: number;
  tsoMaxSize: number;
  tsoMaxSegs: number;
  minMtu: number;
  /** 0 where there is no limit. */
  maxMtu: number;
  /** A protocol holds the link down (`IFLA_PROTO_DOWN`). */
  protoDown: boolean;
  /** How IPv6 link-local addresses are made; absent without IPv6. */
  ipv6AddrGenMode?: 'eui64' | 'none' | 'stable_secret' | 'random';
  physPortName?: string;
  physPortId?: string;
  physSwitchId?: string;
  parentDeviceName?: string;
  parentDeviceBus?: string;
  /** Number and id of the XDP program, where one is attached. */
  xdp?: { attached: number; programId?: number };
  /** What the link is to its master: `'bridge'`, `'bond'`, `'vrf'`, … */
  slaveKind?: string;
  /** Absent when the kernel was told to leave it out. */
  statistics?: LinkStatistics;
}
