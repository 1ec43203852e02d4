/** `<linux/if_link.h>`: the statistics of `RTM_GETSTATS`. */

/** Size of `struct if_stats_msg`: family (u8), padding, ifindex, filter_mask (u32 each). */
export const IF_STATS_MSG_SIZE = 12;
export const IF_STATS_MSG_IFINDEX = 4;
export const IF_STATS_MSG_FILTER_MASK = 8;

export const IFLA_STATS_LINK_64 = 1;
export const IFLA_STATS_LINK_XSTATS = 2;
export const IFLA_STATS_LINK_XSTATS_SLAVE = 3;
export const IFLA_STATS_LINK_OFFLOAD_XSTATS = 4;
export const IFLA_STATS_AF_SPEC = 5;

export const LINK_XSTATS_TYPE_BRIDGE = 1;
export const LINK_XSTATS_TYPE_BOND = 2;

export const IFLA_OFFLOAD_XSTATS_CPU_HIT = 1;
export const IFLA_OFFLOAD_XSTATS_HW_S_INFO = 2;
export const IFLA_OFFLOAD_XSTATS_L3_STATS = 3;

export const IFLA_OFFLOAD_XSTATS_HW_S_INFO_REQUEST = 1;
export const IFLA_OFFLOAD_XSTATS_HW_S_INFO_USED = 2;

/** `<linux/if_bridge.h>` */
export const BRIDGE_XSTATS_VLAN = 1;
export const BRIDGE_XSTATS_MCAST = 2;
export const BRIDGE_XSTATS_PAD = 3;
export const BRIDGE_XSTATS_STP = 4;
/** Offsets of `vid` and `flags` (u16 each) in `struct bridge_vlan_xstats`. */
export const BRIDGE_VLAN_XSTATS_VID = 32;
export const BRIDGE_VLAN_XSTATS_FLAGS = 34;

/** `<linux/if_bonding.h>` */
export const BOND_XSTATS_3AD = 1;

/** `<linux/mpls.h>` */
export const MPLS_STATS_LINK = 1;
