/** `<linux/if_link.h>`: virtual functions of a device (SR-IOV), inside `IFLA_VFINFO_LIST`. */

export const IFLA_VF_INFO = 1;

export const IFLA_VF_MAC = 1;
export const IFLA_VF_VLAN = 2;
export const IFLA_VF_TX_RATE = 3;
export const IFLA_VF_SPOOFCHK = 4;
export const IFLA_VF_LINK_STATE = 5;
export const IFLA_VF_RATE = 6;
export const IFLA_VF_RSS_QUERY_EN = 7;
export const IFLA_VF_STATS = 8;
export const IFLA_VF_TRUST = 9;
export const IFLA_VF_IB_NODE_GUID = 10;
export const IFLA_VF_IB_PORT_GUID = 11;
export const IFLA_VF_VLAN_LIST = 12;
export const IFLA_VF_BROADCAST = 13;

export const IFLA_VF_VLAN_INFO = 1;

/** Size of `struct ifla_vf_mac`: vf (u32), 32 bytes; of `struct ifla_vf_vlan`: vf, vlan, qos (u32 each). */
export const IFLA_VF_MAC_SIZE = 36;
export const IFLA_VF_VLAN_SIZE = 12;
/** Size of `struct ifla_vf_vlan_info`: the same, vlan_proto (be16), padding. */
export const IFLA_VF_VLAN_INFO_SIZE = 16;
/** Size of `struct ifla_vf_rate`: vf, min_tx_rate, max_tx_rate (u32 each). */
export const IFLA_VF_RATE_SIZE = 12;
/** Size of `struct ifla_vf_spoofchk` and others: vf, setting (u32 each). */
export const IFLA_VF_SETTING_SIZE = 8;
/** Size of `struct ifla_vf_guid`: vf (u32), padding, guid (u64). */
export const IFLA_VF_GUID_SIZE = 16;

export const IFLA_VF_LINK_STATE_AUTO = 0;
export const IFLA_VF_LINK_STATE_ENABLE = 1;
export const IFLA_VF_LINK_STATE_DISABLE = 2;

export const IFLA_VF_STATS_RX_PACKETS = 0;
export const IFLA_VF_STATS_TX_PACKETS = 1;
export const IFLA_VF_STATS_RX_BYTES = 2;
export const IFLA_VF_STATS_TX_BYTES = 3;
export const IFLA_VF_STATS_BROADCAST = 4;
export const IFLA_VF_STATS_MULTICAST = 5;
export const IFLA_VF_STATS_RX_DROPPED = 7;
export const IFLA_VF_STATS_TX_DROPPED = 8;
