/** `<linux/mpls.h>` and `<linux/mpls_iptunnel.h>`. */

/** `PF_MPLS` of <linux/socket.h>. */
export const AF_MPLS = 28;
/** How many bits a label has, as the length of a prefix. */
export const MPLS_LABEL_BITS = 20;

export const MPLS_LABEL_IMPLNULL = 3;
/** Those below have a meaning of their own: no route can be made for them. */
export const MPLS_LABEL_FIRST_UNRESERVED = 16;
export const MPLS_LS_LABEL_SHIFT = 12;
export const MPLS_LS_S_MASK = 0x100;

export const MPLS_IPTUNNEL_DST = 1;
export const MPLS_IPTUNNEL_TTL = 2;
