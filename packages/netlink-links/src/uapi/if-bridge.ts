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
/** The VLAN is neither made nor changed, only what belongs to it. */
export const BRIDGE_VLAN_INFO_ONLY_OPTS = 0x40;

/** Size of `struct br_vlan_msg`: family (u8), padding, ifindex (u32). */
export const BR_VLAN_MSG_SIZE = 8;
export const BRIDGE_VLANDB_ENTRY = 1;
export const BRIDGE_VLANDB_ENTRY_INFO = 1;
export const BRIDGE_VLANDB_ENTRY_RANGE = 2;
export const BRIDGE_VLANDB_ENTRY_STATE = 3;
export const BRIDGE_VLANDB_ENTRY_TUNNEL_INFO = 4;
export const BRIDGE_VLANDB_ENTRY_MCAST_ROUTER = 6;
export const BRIDGE_VLANDB_ENTRY_NEIGH_SUPPRESS = 9;
/** Inside `BRIDGE_VLANDB_ENTRY_TUNNEL_INFO`. */
export const BRIDGE_VLANDB_TINFO_ID = 1;

/** Bits of `struct br_boolopt_multi` (optval, optmask; u32 each). */
export const BR_BOOLOPT_NO_LL_LEARN = 0;
export const BR_BOOLOPT_MCAST_VLAN_SNOOPING = 1;
export const BR_BOOLOPT_MST_ENABLE = 2;
export const BR_BOOLOPT_MDB_OFFLOAD_FAIL_NOTIFICATION = 3;
export const BR_BOOLOPT_FDB_LOCAL_VLAN_0 = 4;
export const BR_BOOLOPT_MULTI_SIZE = 8;

/** The state of a port, or of one of its VLANs. */
export const BR_STATE_DISABLED = 0;
export const BR_STATE_LISTENING = 1;
export const BR_STATE_LEARNING = 2;
export const BR_STATE_FORWARDING = 3;
export const BR_STATE_BLOCKING = 4;

/** Size of `struct br_port_msg`: family (u8) with padding, ifindex (u32). */
export const BR_PORT_MSG_SIZE = 8;
/** Size of `struct br_mdb_entry`: ifindex (u32), state, flags (u8 each), vid (u16), address (16 bytes), proto (u16be). */
export const BR_MDB_ENTRY_SIZE = 28;
export const MDB_TEMPORARY = 0;
export const MDB_PERMANENT = 1;
export const MCAST_EXCLUDE = 0;
export const MCAST_INCLUDE = 1;

export const MDBA_MDB = 1;
export const MDBA_MDB_ENTRY = 1;
export const MDBA_MDB_ENTRY_INFO = 1;
/** Behind `struct br_mdb_entry`, as the kernel tells them. */
export const MDBA_MDB_EATTR_TIMER = 1;
export const MDBA_MDB_EATTR_SRC_LIST = 2;
export const MDBA_MDB_EATTR_GROUP_MODE = 3;
export const MDBA_MDB_EATTR_SOURCE = 4;
export const MDBA_MDB_EATTR_RTPROT = 5;
export const MDBA_MDB_EATTR_DST = 6;
export const MDBA_MDB_EATTR_DST_PORT = 7;
export const MDBA_MDB_EATTR_VNI = 8;
export const MDBA_MDB_EATTR_IFINDEX = 9;
export const MDBA_MDB_EATTR_SRC_VNI = 10;
export const MDBA_MDB_SRCLIST_ENTRY = 1;
export const MDBA_MDB_SRCATTR_ADDRESS = 1;
export const MDBA_MDB_SRCATTR_TIMER = 2;

export const MDBA_SET_ENTRY = 1;
export const MDBA_SET_ENTRY_ATTRS = 2;
/** Inside `MDBA_SET_ENTRY_ATTRS`. */
export const MDBE_ATTR_SOURCE = 1;
export const MDBE_ATTR_SRC_LIST = 2;
export const MDBE_ATTR_GROUP_MODE = 3;
export const MDBE_ATTR_RTPROT = 4;
export const MDBE_ATTR_DST = 5;
export const MDBE_ATTR_DST_PORT = 6;
export const MDBE_ATTR_VNI = 7;
export const MDBE_ATTR_IFINDEX = 8;
export const MDBE_ATTR_SRC_VNI = 9;
export const MDBE_SRC_LIST_ENTRY = 1;
export const MDBE_SRCATTR_ADDRESS = 1;
