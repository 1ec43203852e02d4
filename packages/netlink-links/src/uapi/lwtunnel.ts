/** `<linux/lwtunnel.h>`: types of encapsulation. */

export const LWTUNNEL_ENCAP_MPLS = 1;
export const LWTUNNEL_ENCAP_IP = 2;
export const LWTUNNEL_ENCAP_ILA = 3;
export const LWTUNNEL_ENCAP_IP6 = 4;
export const LWTUNNEL_ENCAP_SEG6 = 5;
export const LWTUNNEL_ENCAP_BPF = 6;
export const LWTUNNEL_ENCAP_SEG6_LOCAL = 7;
export const LWTUNNEL_ENCAP_RPL = 8;
export const LWTUNNEL_ENCAP_IOAM6 = 9;
export const LWTUNNEL_ENCAP_XFRM = 10;

/** The attributes of `ip` and `ip6`, whose numbers are the same. */
export const LWTUNNEL_IP_ID = 1;
export const LWTUNNEL_IP_DST = 2;
export const LWTUNNEL_IP_SRC = 3;
export const LWTUNNEL_IP_TTL = 4;
export const LWTUNNEL_IP_TOS = 5;
export const LWTUNNEL_IP_FLAGS = 6;
export const LWTUNNEL_IP_OPTS = 8;
export const LWTUNNEL_IP6_HOPLIMIT = 4;
export const LWTUNNEL_IP6_TC = 5;

export const LWT_XFRM_IF_ID = 1;
export const LWT_XFRM_LINK = 2;

export const LWT_BPF_IN = 1;
export const LWT_BPF_OUT = 2;
export const LWT_BPF_XMIT = 3;
export const LWT_BPF_XMIT_HEADROOM = 4;
export const LWT_BPF_PROG_FD = 1;
export const LWT_BPF_PROG_NAME = 2;
/** `LWT_BPF_MAX_HEADROOM` */
export const LWT_BPF_MAX_HEADROOM = 256;
