/** Actions of traffic control: the first part of `<linux/pkt_cls.h>`, and `<linux/tc_act/tc_….h>`. */

export const TCA_ACT_KIND = 1;
export const TCA_ACT_OPTIONS = 2;
export const TCA_ACT_INDEX = 3;
export const TCA_ACT_STATS = 4;
export const TCA_ACT_PAD = 5;
export const TCA_ACT_COOKIE = 6;
export const TCA_ACT_USED_HW_STATS = 9;
export const TCA_ACT_IN_HW_COUNT = 10;
export const TCA_ACT_MAX_PRIO = 32;
/** What is in a message about actions; `<linux/rtnetlink.h>`. */
export const TCA_ROOT_TAB = 1;
export const TCA_ROOT_FLAGS = 2;
/** Whether a list goes on beyond 32 actions. */
export const TCA_ACT_FLAG_LARGE_DUMP_ON = 1;
/** Size of `struct tcamsg`: the family (u8), and padding. */
export const TCAMSG_SIZE = 4;
export const TC_COOKIE_MAX_SIZE = 16;

export const TC_ACT_UNSPEC = -1;
export const TC_ACT_OK = 0;
export const TC_ACT_RECLASSIFY = 1;
export const TC_ACT_SHOT = 2;
export const TC_ACT_PIPE = 3;
export const TC_ACT_STOLEN = 4;
export const TC_ACT_TRAP = 8;
/** A value in the lower 28 bits goes with these two. */
export const TC_ACT_JUMP = 0x10000000;
export const TC_ACT_GOTO_CHAIN = 0x20000000;
export const TC_ACT_EXT_VAL_MASK = 0x0fffffff;

/** Size of `tc_gen`, which structures of actions begin with: index, capab, action, refcnt, bindcnt (u32 each). */
export const TC_GEN_SIZE = 20;
/** Size of `struct tcf_t`: install, lastuse, expires, firstuse (u64 each), in hundredths of a second. */
export const TCF_T_SIZE = 32;

export const TCA_GACT_TM = 1;
export const TCA_GACT_PARMS = 2;
export const TCA_GACT_PROB = 3;
export const TCA_GACT_PAD = 4;
/** Size of `struct tc_gact_p`: ptype, pval (u16 each), paction (i32). */
export const TC_GACT_P_SIZE = 8;
export const PGACT_NETRAND = 1;
export const PGACT_DETERM = 2;

export const TCA_MIRRED_TM = 1;
export const TCA_MIRRED_PARMS = 2;
export const TCA_MIRRED_PAD = 3;
export const TCA_EGRESS_REDIR = 1;
export const TCA_EGRESS_MIRROR = 2;
export const TCA_INGRESS_REDIR = 3;
export const TCA_INGRESS_MIRROR = 4;

/**
 * Size of `struct tc_police`: index, action, limit, burst, mtu (u32 each), two `struct tc_ratespec`, refcnt, bindcnt,
 * capab (u32 each).
 */
export const TC_POLICE_SIZE = 56;
export const TCA_POLICE_TBF = 1;
export const TCA_POLICE_RATE = 2;
export const TCA_POLICE_PEAKRATE = 3;
export const TCA_POLICE_AVRATE = 4;
export const TCA_POLICE_RESULT = 5;
export const TCA_POLICE_TM = 6;
export const TCA_POLICE_PAD = 7;
export const TCA_POLICE_RATE64 = 8;
export const TCA_POLICE_PEAKRATE64 = 9;
export const TCA_POLICE_PKTRATE64 = 10;
export const TCA_POLICE_PKTBURST64 = 11;

export const TCA_SKBEDIT_TM = 1;
export const TCA_SKBEDIT_PARMS = 2;
export const TCA_SKBEDIT_PRIORITY = 3;
export const TCA_SKBEDIT_QUEUE_MAPPING = 4;
export const TCA_SKBEDIT_MARK = 5;
export const TCA_SKBEDIT_PAD = 6;
export const TCA_SKBEDIT_PTYPE = 7;
export const TCA_SKBEDIT_MASK = 8;
export const TCA_SKBEDIT_FLAGS = 9;
export const SKBEDIT_F_INHERITDSFIELD = 0x20;

export const TCA_VLAN_TM = 1;
export const TCA_VLAN_PARMS = 2;
export const TCA_VLAN_PUSH_VLAN_ID = 3;
export const TCA_VLAN_PUSH_VLAN_PROTOCOL = 4;
export const TCA_VLAN_PAD = 5;
export const TCA_VLAN_PUSH_VLAN_PRIORITY = 6;
export const TCA_VLAN_PUSH_ETH_DST = 7;
export const TCA_VLAN_PUSH_ETH_SRC = 8;
export const TCA_VLAN_ACT_POP = 1;
export const TCA_VLAN_ACT_PUSH = 2;
export const TCA_VLAN_ACT_MODIFY = 3;
export const TCA_VLAN_ACT_POP_ETH = 4;
export const TCA_VLAN_ACT_PUSH_ETH = 5;

export const TCA_NAT_PARMS = 1;
export const TCA_NAT_TM = 2;
export const TCA_NAT_PAD = 3;
export const TCA_NAT_FLAG_EGRESS = 1;

export const TCA_CSUM_PARMS = 1;
export const TCA_CSUM_TM = 2;
export const TCA_CSUM_PAD = 3;

export const TCA_CONNMARK_PARMS = 1;
export const TCA_CONNMARK_TM = 2;
export const TCA_CONNMARK_PAD = 3;

export const TCA_SAMPLE_TM = 1;
export const TCA_SAMPLE_PARMS = 2;
export const TCA_SAMPLE_RATE = 3;
export const TCA_SAMPLE_TRUNC_SIZE = 4;
export const TCA_SAMPLE_PSAMPLE_GROUP = 5;
export const TCA_SAMPLE_PAD = 6;

export const TCA_PEDIT_TM = 1;
export const TCA_PEDIT_PARMS = 2;
export const TCA_PEDIT_PAD = 3;
export const TCA_PEDIT_PARMS_EX = 4;
export const TCA_PEDIT_KEYS_EX = 5;
export const TCA_PEDIT_KEY_EX = 6;
export const TCA_PEDIT_KEY_EX_HTYPE = 1;
export const TCA_PEDIT_KEY_EX_CMD = 2;
export const TCA_PEDIT_KEY_EX_HDR_TYPE_NETWORK = 0;
export const TCA_PEDIT_KEY_EX_HDR_TYPE_ETH = 1;
export const TCA_PEDIT_KEY_EX_HDR_TYPE_IP4 = 2;
export const TCA_PEDIT_KEY_EX_HDR_TYPE_IP6 = 3;
export const TCA_PEDIT_KEY_EX_HDR_TYPE_TCP = 4;
export const TCA_PEDIT_KEY_EX_HDR_TYPE_UDP = 5;
export const TCA_PEDIT_KEY_EX_CMD_SET = 0;
export const TCA_PEDIT_KEY_EX_CMD_ADD = 1;
/** Size of `struct tc_pedit_sel` without its keys: `tc_gen`, nkeys, flags (u8 each), padding. */
export const TC_PEDIT_SEL_SIZE = 24;
/** Size of `struct tc_pedit_key`: mask, val, off, at, offmask, shift (u32 each). */
export const TC_PEDIT_KEY_SIZE = 24;

export const TCA_TUNNEL_KEY_TM = 1;
export const TCA_TUNNEL_KEY_PARMS = 2;
export const TCA_TUNNEL_KEY_ENC_IPV4_SRC = 3;
export const TCA_TUNNEL_KEY_ENC_IPV4_DST = 4;
export const TCA_TUNNEL_KEY_ENC_IPV6_SRC = 5;
export const TCA_TUNNEL_KEY_ENC_IPV6_DST = 6;
export const TCA_TUNNEL_KEY_ENC_KEY_ID = 7;
export const TCA_TUNNEL_KEY_PAD = 8;
export const TCA_TUNNEL_KEY_ENC_DST_PORT = 9;
export const TCA_TUNNEL_KEY_NO_CSUM = 10;
export const TCA_TUNNEL_KEY_ENC_OPTS = 11;
export const TCA_TUNNEL_KEY_ENC_TOS = 12;
export const TCA_TUNNEL_KEY_ENC_TTL = 13;
export const TCA_TUNNEL_KEY_ACT_SET = 1;
export const TCA_TUNNEL_KEY_ACT_RELEASE = 2;
/** What is inside `TCA_TUNNEL_KEY_ENC_OPTS`; the numbers of `TCA_FLOWER_KEY_ENC_OPTS` are the same. */
export const TCA_TUNNEL_KEY_ENC_OPTS_GENEVE = 1;
export const TCA_TUNNEL_KEY_ENC_OPTS_VXLAN = 2;
export const TCA_TUNNEL_KEY_ENC_OPTS_ERSPAN = 3;
export const TCA_TUNNEL_KEY_ENC_OPT_GENEVE_CLASS = 1;
export const TCA_TUNNEL_KEY_ENC_OPT_GENEVE_TYPE = 2;
export const TCA_TUNNEL_KEY_ENC_OPT_GENEVE_DATA = 3;
export const TCA_TUNNEL_KEY_ENC_OPT_VXLAN_GBP = 1;
/** The bits of a group policy that the kernel keeps: a number of 16 bits and two flags; `<net/vxlan.h>`. */
export const VXLAN_GBP_MASK = 0x48ffff;
export const TCA_TUNNEL_KEY_ENC_OPT_ERSPAN_VER = 1;
export const TCA_TUNNEL_KEY_ENC_OPT_ERSPAN_INDEX = 2;
export const TCA_TUNNEL_KEY_ENC_OPT_ERSPAN_DIR = 3;
export const TCA_TUNNEL_KEY_ENC_OPT_ERSPAN_HWID = 4;

export const TCA_ACT_BPF_TM = 1;
export const TCA_ACT_BPF_PARMS = 2;
export const TCA_ACT_BPF_OPS_LEN = 3;
export const TCA_ACT_BPF_OPS = 4;
export const TCA_ACT_BPF_FD = 5;
export const TCA_ACT_BPF_NAME = 6;
export const TCA_ACT_BPF_PAD = 7;
export const TCA_ACT_BPF_TAG = 8;
export const TCA_ACT_BPF_ID = 9;

export const TCA_MPLS_TM = 1;
export const TCA_MPLS_PARMS = 2;
export const TCA_MPLS_PAD = 3;
export const TCA_MPLS_PROTO = 4;
export const TCA_MPLS_LABEL = 5;
export const TCA_MPLS_TC = 6;
export const TCA_MPLS_TTL = 7;
export const TCA_MPLS_BOS = 8;
export const TCA_MPLS_ACT_POP = 1;
export const TCA_MPLS_ACT_PUSH = 2;
export const TCA_MPLS_ACT_MODIFY = 3;
export const TCA_MPLS_ACT_DEC_TTL = 4;
export const TCA_MPLS_ACT_MAC_PUSH = 5;

export const TCA_SKBMOD_TM = 1;
export const TCA_SKBMOD_PARMS = 2;
export const TCA_SKBMOD_DMAC = 3;
export const TCA_SKBMOD_SMAC = 4;
export const TCA_SKBMOD_ETYPE = 5;
export const TCA_SKBMOD_PAD = 6;
export const SKBMOD_F_DMAC = 1;
export const SKBMOD_F_SMAC = 2;
export const SKBMOD_F_ETYPE = 4;
export const SKBMOD_F_SWAPMAC = 8;
export const SKBMOD_F_ECN = 16;

export const TCA_DEF_TM = 1;
export const TCA_DEF_PARMS = 2;
export const TCA_DEF_DATA = 3;
export const TCA_DEF_PAD = 4;

export const TCA_CT_PARMS = 1;
export const TCA_CT_TM = 2;
export const TCA_CT_ACTION = 3;
export const TCA_CT_ZONE = 4;
export const TCA_CT_MARK = 5;
export const TCA_CT_MARK_MASK = 6;
export const TCA_CT_LABELS = 7;
export const TCA_CT_LABELS_MASK = 8;
export const TCA_CT_NAT_IPV4_MIN = 9;
export const TCA_CT_NAT_IPV4_MAX = 10;
export const TCA_CT_NAT_IPV6_MIN = 11;
export const TCA_CT_NAT_IPV6_MAX = 12;
export const TCA_CT_NAT_PORT_MIN = 13;
export const TCA_CT_NAT_PORT_MAX = 14;
export const TCA_CT_PAD = 15;
export const TCA_CT_ACT_COMMIT = 1;
export const TCA_CT_ACT_FORCE = 2;
export const TCA_CT_ACT_CLEAR = 4;
export const TCA_CT_ACT_NAT = 8;
export const TCA_CT_ACT_NAT_SRC = 16;
export const TCA_CT_ACT_NAT_DST = 32;

export const TCA_CTINFO_PAD = 1;
export const TCA_CTINFO_TM = 2;
export const TCA_CTINFO_ACT = 3;
export const TCA_CTINFO_ZONE = 4;
export const TCA_CTINFO_PARMS_DSCP_MASK = 5;
export const TCA_CTINFO_PARMS_DSCP_STATEMASK = 6;
export const TCA_CTINFO_PARMS_CPMARK_MASK = 7;
export const TCA_CTINFO_STATS_DSCP_SET = 8;
export const TCA_CTINFO_STATS_DSCP_ERROR = 9;
export const TCA_CTINFO_STATS_CPMARK_SET = 10;

export const TCA_GATE_TM = 1;
export const TCA_GATE_PARMS = 2;
export const TCA_GATE_PAD = 3;
export const TCA_GATE_PRIORITY = 4;
export const TCA_GATE_ENTRY_LIST = 5;
export const TCA_GATE_BASE_TIME = 6;
export const TCA_GATE_CYCLE_TIME = 7;
export const TCA_GATE_CYCLE_TIME_EXT = 8;
export const TCA_GATE_FLAGS = 9;
export const TCA_GATE_CLOCKID = 10;
export const TCA_GATE_ONE_ENTRY = 1;
export const TCA_GATE_ENTRY_INDEX = 1;
export const TCA_GATE_ENTRY_GATE = 2;
export const TCA_GATE_ENTRY_INTERVAL = 3;
export const TCA_GATE_ENTRY_IPV = 4;
export const TCA_GATE_ENTRY_MAX_OCTETS = 5;
