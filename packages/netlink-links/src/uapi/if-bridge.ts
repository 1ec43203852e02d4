/** `<linux/if_bridge.h>`: VLANs of bridge ports, and switches of bridges. */

export const IFLA_BRIDGE_FLAGS = 0;
export const IFLA_BRIDGE_VLAN_INFO = 2;
export const IFLA_BRIDGE_VLAN_TUNNEL_INFO = 3;

/** Inside `IFLA_BRIDGE_VLAN_TUNNEL_INFO`. */
export const IFLA_BRIDGE_VLAN_TUNNEL_ID = 1;
export const IFLA_BRIDGE_VLAN_TUNNEL_VID = 2;
export const IFLA_BRIDGE_VLAN_TUNNEL_FLAGS = 3;

/** `IFLA_BRIDGE_FLAGS`: the bridge that the port belongs to is meant. */
export const BRIDGE_FLAGS_MASTER = 1;
/** The device itself is meant. */
export const BRIDGE_FLAGS_SELF = 2;

/** Size of `struct bridge_vlan_info`: flags, vid (u16 each). */
export const BRIDGE_VLAN_INFO_SIZE = 4;
export const BRIDGE_VLAN_INFO_PVID = 0x02;
export const BRIDGE_VLAN_INFO_UNTAGGED = 0x04;
export const BRIDGE_VLAN_INFO_RANGE_BEGIN = 0x08;
export const BRIDGE_VLAN_INFO_RANGE_END = 0x10;

/** Bits of `struct br_boolopt_multi` (optval, optmask; u32 each). */
export const BR_BOOLOPT_NO_LL_LEARN = 0;
export const BR_BOOLOPT_MCAST_VLAN_SNOOPING = 1;
export const BR_BOOLOPT_MST_ENABLE = 2;
export const BR_BOOLOPT_MDB_OFFLOAD_FAIL_NOTIFICATION = 3;
export const BR_BOOLOPT_FDB_LOCAL_VLAN_0 = 4;
export const BR_BOOLOPT_MULTI_SIZE = 8;
