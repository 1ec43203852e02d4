/** `<linux/if_vlan.h>` */

export const VLAN_FLAG_REORDER_HDR = 0x1;
export const VLAN_FLAG_GVRP = 0x2;
export const VLAN_FLAG_LOOSE_BINDING = 0x4;
export const VLAN_FLAG_MVRP = 0x8;
export const VLAN_FLAG_BRIDGE_BINDING = 0x10;

/** `<linux/if_ether.h>` */
export const ETH_P_8021Q = 0x8100;
export const ETH_P_8021AD = 0x88a8;
