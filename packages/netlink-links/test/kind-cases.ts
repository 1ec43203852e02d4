import type { Link, LinkSpec } from 'netlink-links';

/** A link of a kind: what is asked for, and what `ip -j -d` must show of it. */
export interface KindCase {
  /** The link to make; the test names it, and gives it its parent. */
  readonly spec: LinkSpec;
  readonly needsParent?: boolean;
  /** `info_kind` of `ip`. */
  readonly kind: string;
  /** Of `info_data` of `ip`. */
  readonly shown: Readonly<Record<string, unknown>>;
  /** What reading it must give beside what was asked for. */
  readonly told?: Partial<Link>;
  /** What is asked for and not told again. */
  readonly untold?: readonly string[];
  /** A change afterwards, and what `ip` shows then. */
  readonly change?: { readonly to: Record<string, unknown>; readonly shown: Readonly<Record<string, unknown>> };
}

/** Kinds that every kernel of the tests has; those that take more are tested in the virtual machine. */
export const COMMON_KINDS: readonly KindCase[] = [
  {
    spec: { type: 'veth', peer: { name: 'peer0', mtu: 1400 } },
    kind: 'veth',
    shown: {},
    untold: ['peer'],
  },
  {
    spec: {
      type: 'bridge',
      forwardDelay: 1600,
      helloTime: 300,
      maxAge: 2100,
      ageingTime: 0,
      priority: 100,
      groupFwdMask: 8,
      groupAddr: '01:80:c2:00:00:0e',
      multicastRouter: 2,
      multicastSnooping: false,
      multicastHashMax: 1024,
      multicastLastMemberCount: 3,
      multicastStartupQueryCount: 4,
      multicastLastMemberInterval: 90,
      multicastMembershipInterval: 26100,
      multicastQuerierInterval: 25600,
      multicastQueryInterval: 12600,
      multicastQueryResponseInterval: 1100,
      multicastStartupQueryInterval: 3200,
      multicastStatsEnabled: true,
      multicastIgmpVersion: 3,
      multicastMldVersion: 2,
      noLinkLocalLearn: true,
    },
    kind: 'bridge',
    shown: {
      forward_delay: 1600,
      hello_time: 300,
      max_age: 2100,
      ageing_time: 0,
      priority: 100,
      group_fwd_mask: '0x8',
      group_addr: '01:80:c2:00:00:0e',
      mcast_router: 2,
      mcast_snooping: 0,
      mcast_hash_max: 1024,
      mcast_last_member_cnt: 3,
      mcast_startup_query_cnt: 4,
      mcast_last_member_intvl: 90,
      mcast_membership_intvl: 26100,
      mcast_querier_intvl: 25600,
      mcast_query_intvl: 12600,
      mcast_query_response_intvl: 1100,
      mcast_startup_query_intvl: 3200,
      mcast_stats_enabled: 1,
      mcast_igmp_version: 3,
      mcast_mld_version: 2,
      no_linklocal_learn: 1,
    },
    change: { to: { ageingTime: 500, multicastSnooping: true }, shown: { ageing_time: 500, mcast_snooping: 1 } },
  },
  {
    spec: { type: 'macvlan', mode: 'bridge', broadcastQueueLength: 500 },
    needsParent: true,
    kind: 'macvlan',
    shown: { mode: 'bridge', bcqueuelen: 500 },
    change: { to: { mode: 'vepa' }, shown: { mode: 'vepa' } },
  },
  {
    spec: { type: 'macvlan', mode: 'source', sourceAddresses: ['02:00:00:00:00:11', '02:00:00:00:00:12'] },
    needsParent: true,
    kind: 'macvlan',
    shown: { mode: 'source' },
    untold: ['sourceAddresses'],
  },
  { spec: { type: 'macvtap', mode: 'private' }, needsParent: true, kind: 'macvtap', shown: { mode: 'private' } },
  {
    spec: {
      type: 'vxlan',
      vxlanId: 42,
      localAddress: '192.0.2.1',
      groupAddress: '192.0.2.2',
      port: 4789,
      portRange: { low: 1000, high: 2000 },
      ttl: 9,
      tos: 4,
      learning: false,
      ageing: 100,
      limit: 50,
      proxy: true,
      rsc: true,
      l2miss: true,
      l3miss: true,
      udpChecksum: true,
      df: 'set',
    },
    kind: 'vxlan',
    shown: {
      id: 42,
      local: '192.0.2.1',
      remote: '192.0.2.2',
      port: 4789,
      port_range: { low: 1000, high: 2000 },
      ttl: 9,
      tos: '0x4',
      learning: false,
      ageing: 100,
      limit: 50,
      proxy: true,
      rsc: true,
      l2miss: true,
      l3miss: true,
      udp_csum: true,
      df: 'set',
    },
    change: { to: { ageing: 200 }, shown: { ageing: 200 } },
  },
  {
    spec: {
      type: 'vxlan',
      vxlanId: 43,
      localAddress: '2001:db8::1',
      groupAddress: '2001:db8::2',
      port: 4789,
      flowLabel: 7,
      udpZeroChecksum6Rx: true,
    },
    kind: 'vxlan',
    shown: { id: 43, local6: '2001:db8::1', remote6: '2001:db8::2', udp_zero_csum6_rx: true },
  },
  { spec: { type: 'ifb' }, kind: 'ifb', shown: {} },
];
