/** `<linux/if_bonding.h>` */

export const BOND_MODE_ROUNDROBIN = 0;
export const BOND_MODE_ACTIVEBACKUP = 1;
export const BOND_MODE_XOR = 2;
export const BOND_MODE_BROADCAST = 3;
export const BOND_MODE_8023AD = 4;
export const BOND_MODE_TLB = 5;
export const BOND_MODE_ALB = 6;

export const BOND_XMIT_POLICY_LAYER2 = 0;
export const BOND_XMIT_POLICY_LAYER34 = 1;
export const BOND_XMIT_POLICY_LAYER23 = 2;
export const BOND_XMIT_POLICY_ENCAP23 = 3;
export const BOND_XMIT_POLICY_ENCAP34 = 4;
export const BOND_XMIT_POLICY_VLAN_SRCMAC = 5;

export const BOND_ARP_TARGETS_ANY = 0;
export const BOND_ARP_TARGETS_ALL = 1;

export const BOND_PRI_RESELECT_ALWAYS = 0;
export const BOND_PRI_RESELECT_BETTER = 1;
export const BOND_PRI_RESELECT_FAILURE = 2;

export const BOND_FOM_NONE = 0;
export const BOND_FOM_ACTIVE = 1;
export const BOND_FOM_FOLLOW = 2;

// The rest is only in the kernel's own <net/bonding.h> and <net/bond_3ad.h>.

export const BOND_ARP_VALIDATE_NONE = 0;
export const BOND_ARP_VALIDATE_ACTIVE = 1;
export const BOND_ARP_VALIDATE_BACKUP = 2;
export const BOND_ARP_VALIDATE_ALL = 3;
export const BOND_ARP_FILTER = 4;
export const BOND_ARP_FILTER_ACTIVE = 5;
export const BOND_ARP_FILTER_BACKUP = 6;

export const AD_LACP_SLOW = 0;
export const AD_LACP_FAST = 1;

export const BOND_AD_STABLE = 0;
export const BOND_AD_BANDWIDTH = 1;
export const BOND_AD_COUNT = 2;

/** Whether a port is in use. */
export const BOND_STATE_ACTIVE = 0;
export const BOND_STATE_BACKUP = 1;

/** What is known of the link of a port. */
export const BOND_LINK_UP = 0;
export const BOND_LINK_FAIL = 1;
export const BOND_LINK_DOWN = 2;
export const BOND_LINK_BACK = 3;
