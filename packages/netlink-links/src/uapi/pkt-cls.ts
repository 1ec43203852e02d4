/** Classifiers: `<linux/pkt_cls.h>`, and the numbers of filters in `<linux/rtnetlink.h>` and `<linux/pkt_sched.h>`. */

/** The index that stands for no link: `tcm_parent` is the number of a block then. */
export const TCM_IFINDEX_MAGIC_BLOCK = 0xffffffff;
/** The sides of clsact, `TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)`. */
export const CLSACT_INGRESS = 0xfffffff2;
export const CLSACT_EGRESS = 0xfffffff3;

export const TCA_CLS_FLAGS_SKIP_HW = 1;
export const TCA_CLS_FLAGS_SKIP_SW = 2;
export const TCA_CLS_FLAGS_IN_HW = 4;

export const TCA_U32_CLASSID = 1;
export const TCA_U32_HASH = 2;
export const TCA_U32_LINK = 3;
export const TCA_U32_DIVISOR = 4;
export const TCA_U32_SEL = 5;
export const TCA_U32_POLICE = 6;
export const TCA_U32_ACT = 7;
export const TCA_U32_INDEV = 8;
export const TCA_U32_PCNT = 9;
export const TCA_U32_MARK = 10;
export const TCA_U32_FLAGS = 11;
export const TCA_U32_PAD = 12;
export const TC_U32_TERMINAL = 1;
export const TC_U32_OFFSET = 2;
export const TC_U32_VAROFFSET = 4;
export const TC_U32_EAT = 8;
/**
 * Size of `struct tc_u32_sel` without its keys: flags, offshift, nkeys (u8 each), padding, offmask (be16), off (u16),
 * offoff, hoff (i16 each), hmask (be32).
 */
export const TC_U32_SEL_SIZE = 16;
/** Size of `struct tc_u32_key`: mask, val (be32 each), off, offmask (i32 each). */
export const TC_U32_KEY_SIZE = 16;
/** Size of `struct tc_u32_mark`: val, mask, success (u32 each). */
export const TC_U32_MARK_SIZE = 12;

export const TCA_FW_CLASSID = 1;
export const TCA_FW_INDEV = 3;
export const TCA_FW_ACT = 4;
export const TCA_FW_MASK = 5;

export const TCA_MATCHALL_CLASSID = 1;
export const TCA_MATCHALL_ACT = 2;
export const TCA_MATCHALL_FLAGS = 3;
export const TCA_MATCHALL_PCNT = 4;
export const TCA_MATCHALL_PAD = 5;

export const TCA_BASIC_CLASSID = 1;
export const TCA_BASIC_EMATCHES = 2;
export const TCA_BASIC_ACT = 3;
export const TCA_BASIC_PCNT = 5;
export const TCA_BASIC_PAD = 6;

export const TCA_BPF_ACT = 1;
export const TCA_BPF_CLASSID = 3;
export const TCA_BPF_OPS_LEN = 4;
export const TCA_BPF_OPS = 5;
export const TCA_BPF_FD = 6;
export const TCA_BPF_NAME = 7;
export const TCA_BPF_FLAGS = 8;
export const TCA_BPF_FLAGS_GEN = 9;
export const TCA_BPF_TAG = 10;
export const TCA_BPF_ID = 11;
export const TCA_BPF_FLAG_ACT_DIRECT = 1;

export const TCA_FLOWER_CLASSID = 1;
export const TCA_FLOWER_INDEV = 2;
export const TCA_FLOWER_ACT = 3;
export const TCA_FLOWER_KEY_ETH_DST = 4;
export const TCA_FLOWER_KEY_ETH_DST_MASK = 5;
export const TCA_FLOWER_KEY_ETH_SRC = 6;
export const TCA_FLOWER_KEY_ETH_SRC_MASK = 7;
export const TCA_FLOWER_KEY_ETH_TYPE = 8;
export const TCA_FLOWER_KEY_IP_PROTO = 9;
export const TCA_FLOWER_KEY_IPV4_SRC = 10;
export const TCA_FLOWER_KEY_IPV4_SRC_MASK = 11;
export const TCA_FLOWER_KEY_IPV4_DST = 12;
export const TCA_FLOWER_KEY_IPV4_DST_MASK = 13;
export const TCA_FLOWER_KEY_IPV6_SRC = 14;
export const TCA_FLOWER_KEY_IPV6_SRC_MASK = 15;
export const TCA_FLOWER_KEY_IPV6_DST = 16;
export const TCA_FLOWER_KEY_IPV6_DST_MASK = 17;
export const TCA_FLOWER_KEY_TCP_SRC = 18;
export const TCA_FLOWER_KEY_TCP_DST = 19;
export const TCA_FLOWER_KEY_UDP_SRC = 20;
export const TCA_FLOWER_KEY_UDP_DST = 21;
export const TCA_FLOWER_FLAGS = 22;
export const TCA_FLOWER_KEY_VLAN_ID = 23;
export const TCA_FLOWER_KEY_VLAN_PRIO = 24;
export const TCA_FLOWER_KEY_VLAN_ETH_TYPE = 25;
export const TCA_FLOWER_KEY_ENC_KEY_ID = 26;
export const TCA_FLOWER_KEY_ENC_IPV4_SRC = 27;
export const TCA_FLOWER_KEY_ENC_IPV4_SRC_MASK = 28;
export const TCA_FLOWER_KEY_ENC_IPV4_DST = 29;
export const TCA_FLOWER_KEY_ENC_IPV4_DST_MASK = 30;
export const TCA_FLOWER_KEY_ENC_IPV6_SRC = 31;
export const TCA_FLOWER_KEY_ENC_IPV6_SRC_MASK = 32;
export const TCA_FLOWER_KEY_ENC_IPV6_DST = 33;
export const TCA_FLOWER_KEY_ENC_IPV6_DST_MASK = 34;
export const TCA_FLOWER_KEY_TCP_SRC_MASK = 35;
export const TCA_FLOWER_KEY_TCP_DST_MASK = 36;
export const TCA_FLOWER_KEY_UDP_SRC_MASK = 37;
export const TCA_FLOWER_KEY_UDP_DST_MASK = 38;
export const TCA_FLOWER_KEY_SCTP_SRC_MASK = 39;
export const TCA_FLOWER_KEY_SCTP_DST_MASK = 40;
export const TCA_FLOWER_KEY_SCTP_SRC = 41;
export const TCA_FLOWER_KEY_SCTP_DST = 42;
export const TCA_FLOWER_KEY_ENC_UDP_SRC_PORT = 43;
export const TCA_FLOWER_KEY_ENC_UDP_SRC_PORT_MASK = 44;
export const TCA_FLOWER_KEY_ENC_UDP_DST_PORT = 45;
export const TCA_FLOWER_KEY_ENC_UDP_DST_PORT_MASK = 46;
export const TCA_FLOWER_KEY_FLAGS = 47;
export const TCA_FLOWER_KEY_FLAGS_MASK = 48;
export const TCA_FLOWER_KEY_ICMPV4_CODE = 49;
export const TCA_FLOWER_KEY_ICMPV4_CODE_MASK = 50;
export const TCA_FLOWER_KEY_ICMPV4_TYPE = 51;
export const TCA_FLOWER_KEY_ICMPV4_TYPE_MASK = 52;
export const TCA_FLOWER_KEY_ICMPV6_CODE = 53;
export const TCA_FLOWER_KEY_ICMPV6_CODE_MASK = 54;
export const TCA_FLOWER_KEY_ICMPV6_TYPE = 55;
export const TCA_FLOWER_KEY_ICMPV6_TYPE_MASK = 56;
export const TCA_FLOWER_KEY_ARP_SIP = 57;
export const TCA_FLOWER_KEY_ARP_SIP_MASK = 58;
export const TCA_FLOWER_KEY_ARP_TIP = 59;
export const TCA_FLOWER_KEY_ARP_TIP_MASK = 60;
export const TCA_FLOWER_KEY_ARP_OP = 61;
export const TCA_FLOWER_KEY_ARP_OP_MASK = 62;
export const TCA_FLOWER_KEY_ARP_SHA = 63;
export const TCA_FLOWER_KEY_ARP_SHA_MASK = 64;
export const TCA_FLOWER_KEY_ARP_THA = 65;
export const TCA_FLOWER_KEY_ARP_THA_MASK = 66;
export const TCA_FLOWER_KEY_MPLS_TTL = 67;
export const TCA_FLOWER_KEY_MPLS_BOS = 68;
export const TCA_FLOWER_KEY_MPLS_TC = 69;
export const TCA_FLOWER_KEY_MPLS_LABEL = 70;
export const TCA_FLOWER_KEY_TCP_FLAGS = 71;
export const TCA_FLOWER_KEY_TCP_FLAGS_MASK = 72;
export const TCA_FLOWER_KEY_IP_TOS = 73;
export const TCA_FLOWER_KEY_IP_TOS_MASK = 74;
export const TCA_FLOWER_KEY_IP_TTL = 75;
export const TCA_FLOWER_KEY_IP_TTL_MASK = 76;
export const TCA_FLOWER_KEY_CVLAN_ID = 77;
export const TCA_FLOWER_KEY_CVLAN_PRIO = 78;
export const TCA_FLOWER_KEY_CVLAN_ETH_TYPE = 79;
export const TCA_FLOWER_KEY_ENC_IP_TOS = 80;
export const TCA_FLOWER_KEY_ENC_IP_TOS_MASK = 81;
export const TCA_FLOWER_KEY_ENC_IP_TTL = 82;
export const TCA_FLOWER_KEY_ENC_IP_TTL_MASK = 83;
export const TCA_FLOWER_KEY_ENC_OPTS = 84;
export const TCA_FLOWER_KEY_ENC_OPTS_MASK = 85;
export const TCA_FLOWER_IN_HW_COUNT = 86;
export const TCA_FLOWER_KEY_PORT_SRC_MIN = 87;
export const TCA_FLOWER_KEY_PORT_SRC_MAX = 88;
export const TCA_FLOWER_KEY_PORT_DST_MIN = 89;
export const TCA_FLOWER_KEY_PORT_DST_MAX = 90;
export const TCA_FLOWER_KEY_CT_STATE = 91;
export const TCA_FLOWER_KEY_CT_STATE_MASK = 92;
export const TCA_FLOWER_KEY_CT_ZONE = 93;
export const TCA_FLOWER_KEY_CT_ZONE_MASK = 94;
export const TCA_FLOWER_KEY_CT_MARK = 95;
export const TCA_FLOWER_KEY_CT_MARK_MASK = 96;
export const TCA_FLOWER_KEY_CT_LABELS = 97;
export const TCA_FLOWER_KEY_CT_LABELS_MASK = 98;
export const TCA_FLOWER_KEY_CT_FLAGS_NEW = 1;
export const TCA_FLOWER_KEY_CT_FLAGS_ESTABLISHED = 2;
export const TCA_FLOWER_KEY_CT_FLAGS_RELATED = 4;
export const TCA_FLOWER_KEY_CT_FLAGS_TRACKED = 8;
export const TCA_FLOWER_KEY_CT_FLAGS_INVALID = 16;
export const TCA_FLOWER_KEY_CT_FLAGS_REPLY = 32;
export const TCA_FLOWER_KEY_FLAGS_IS_FRAGMENT = 1;
export const TCA_FLOWER_KEY_FLAGS_FRAG_IS_FIRST = 2;
