/** `<linux/pkt_sched.h>` and the traffic control part of `<linux/rtnetlink.h>`. */

/** Size of `struct tcmsg`: family (u8), padding, ifindex (i32), handle, parent, info (u32 each). */
export const TCMSG_SIZE = 20;

export const TCA_KIND = 1;
export const TCA_OPTIONS = 2;
export const TCA_STATS = 3;
export const TCA_XSTATS = 4;
export const TCA_RATE = 5;
export const TCA_FCNT = 6;
export const TCA_STATS2 = 7;
export const TCA_STAB = 8;
export const TCA_PAD = 9;
export const TCA_DUMP_INVISIBLE = 10;
export const TCA_CHAIN = 11;
export const TCA_HW_OFFLOAD = 12;
export const TCA_INGRESS_BLOCK = 13;
export const TCA_EGRESS_BLOCK = 14;
export const TCA_DUMP_FLAGS = 15;
export const TCA_EXT_WARN_MSG = 16;

export const TCA_STAB_BASE = 1;
export const TCA_STAB_DATA = 2;
/**
 * Size of `struct tc_sizespec`: cell_log, size_log (u8 each), cell_align (i16), overhead (i32), linklayer, mpu, mtu,
 * tsize (u32 each).
 */
export const TC_SIZESPEC_SIZE = 24;

/** `<linux/gen_stats.h>` */
export const TCA_STATS_BASIC = 1;
export const TCA_STATS_RATE_EST = 2;
export const TCA_STATS_QUEUE = 3;
export const TCA_STATS_APP = 4;
export const TCA_STATS_RATE_EST64 = 5;
export const TCA_STATS_PAD = 6;
export const TCA_STATS_BASIC_HW = 7;
export const TCA_STATS_PKT64 = 8;
/** Size of `struct tc_estimator`: interval (i8), ewma_log (u8). */
export const TC_ESTIMATOR_SIZE = 2;

export const TC_H_UNSPEC = 0;
export const TC_H_ROOT = 0xffffffff;
export const TC_H_INGRESS = 0xfffffff1;
/** The handle of ingress and clsact. */
export const INGRESS_HANDLE = 0xffff0000;

export const TCA_CODEL_TARGET = 1;
export const TCA_CODEL_LIMIT = 2;
export const TCA_CODEL_INTERVAL = 3;
export const TCA_CODEL_ECN = 4;
export const TCA_CODEL_CE_THRESHOLD = 5;

export const TCA_FQ_CODEL_TARGET = 1;
export const TCA_FQ_CODEL_LIMIT = 2;
export const TCA_FQ_CODEL_INTERVAL = 3;
export const TCA_FQ_CODEL_ECN = 4;
export const TCA_FQ_CODEL_FLOWS = 5;
export const TCA_FQ_CODEL_QUANTUM = 6;
export const TCA_FQ_CODEL_CE_THRESHOLD = 7;
export const TCA_FQ_CODEL_DROP_BATCH_SIZE = 8;
export const TCA_FQ_CODEL_MEMORY_LIMIT = 9;
export const TCA_FQ_CODEL_CE_THRESHOLD_SELECTOR = 10;
export const TCA_FQ_CODEL_CE_THRESHOLD_MASK = 11;

export const TCA_FQ_PLIMIT = 1;
export const TCA_FQ_FLOW_PLIMIT = 2;
export const TCA_FQ_QUANTUM = 3;
export const TCA_FQ_INITIAL_QUANTUM = 4;
export const TCA_FQ_RATE_ENABLE = 5;
export const TCA_FQ_FLOW_DEFAULT_RATE = 6;
export const TCA_FQ_FLOW_MAX_RATE = 7;
export const TCA_FQ_BUCKETS_LOG = 8;
export const TCA_FQ_FLOW_REFILL_DELAY = 9;
export const TCA_FQ_ORPHAN_MASK = 10;
export const TCA_FQ_LOW_RATE_THRESHOLD = 11;
export const TCA_FQ_CE_THRESHOLD = 12;
export const TCA_FQ_TIMER_SLACK = 13;
export const TCA_FQ_HORIZON = 14;
export const TCA_FQ_HORIZON_DROP = 15;
export const TCA_FQ_PRIOMAP = 16;
export const TCA_FQ_WEIGHTS = 17;
export const TCA_FQ_OFFLOAD_HORIZON = 18;

export const TCA_HTB_PARMS = 1;
export const TCA_HTB_INIT = 2;
export const TCA_HTB_CTAB = 3;
export const TCA_HTB_RTAB = 4;
export const TCA_HTB_DIRECT_QLEN = 5;
export const TCA_HTB_RATE64 = 6;
export const TCA_HTB_CEIL64 = 7;
export const TCA_HTB_PAD = 8;
export const TCA_HTB_OFFLOAD = 9;

/** Size of `struct tc_htb_opt`: two `struct tc_ratespec`, buffer, cbuffer, quantum, level, prio (u32 each). */
export const TC_HTB_OPT_SIZE = 44;
export const TC_HTB_NUMPRIO = 8;

export const TCA_HFSC_RSC = 1;
export const TCA_HFSC_FSC = 2;
export const TCA_HFSC_USC = 3;
/** Size of `struct tc_service_curve`: m1, d, m2 (u32 each). */
export const TC_SERVICE_CURVE_SIZE = 12;

export const TCA_DRR_QUANTUM = 1;

export const TCA_QFQ_WEIGHT = 1;
export const TCA_QFQ_LMAX = 2;
/** The kernel's limits of them, in `net/sched/sch_qfq.c`. */
export const QFQ_MAX_WEIGHT = 1024;
export const QFQ_MIN_LMAX = 512;
export const QFQ_MAX_LMAX = 1 << 16;

export const TCA_NETEM_CORR = 1;
export const TCA_NETEM_DELAY_DIST = 2;
export const TCA_NETEM_REORDER = 3;
export const TCA_NETEM_CORRUPT = 4;
export const TCA_NETEM_LOSS = 5;
export const TCA_NETEM_RATE = 6;
export const TCA_NETEM_ECN = 7;
export const TCA_NETEM_RATE64 = 8;
export const TCA_NETEM_PAD = 9;
export const TCA_NETEM_LATENCY64 = 10;
export const TCA_NETEM_JITTER64 = 11;
export const TCA_NETEM_SLOT = 12;
export const TCA_NETEM_SLOT_DIST = 13;
export const TCA_NETEM_PRNG_SEED = 14;

export const NETEM_LOSS_GI = 1;
export const NETEM_LOSS_GE = 2;

export const TCA_TBF_PARMS = 1;
export const TCA_TBF_RTAB = 2;
export const TCA_TBF_PTAB = 3;
export const TCA_TBF_RATE64 = 4;
export const TCA_TBF_PRATE64 = 5;
export const TCA_TBF_BURST = 6;
export const TCA_TBF_PBURST = 7;
export const TCA_TBF_PAD = 8;

export const TCA_RED_PARMS = 1;
export const TCA_RED_STAB = 2;
export const TCA_RED_MAX_P = 3;
export const TCA_RED_FLAGS = 4;
export const TCA_RED_EARLY_DROP_BLOCK = 5;
export const TCA_RED_MARK_BLOCK = 6;

export const TCA_PIE_TARGET = 1;
export const TCA_PIE_LIMIT = 2;
export const TCA_PIE_TUPDATE = 3;
export const TCA_PIE_ALPHA = 4;
export const TCA_PIE_BETA = 5;
export const TCA_PIE_ECN = 6;
export const TCA_PIE_BYTEMODE = 7;
export const TCA_PIE_DQ_RATE_ESTIMATOR = 8;

export const TCA_FQ_PIE_LIMIT = 1;
export const TCA_FQ_PIE_FLOWS = 2;
export const TCA_FQ_PIE_TARGET = 3;
export const TCA_FQ_PIE_TUPDATE = 4;
export const TCA_FQ_PIE_ALPHA = 5;
export const TCA_FQ_PIE_BETA = 6;
export const TCA_FQ_PIE_QUANTUM = 7;
export const TCA_FQ_PIE_MEMORY_LIMIT = 8;
export const TCA_FQ_PIE_ECN_PROB = 9;
export const TCA_FQ_PIE_ECN = 10;
export const TCA_FQ_PIE_BYTEMODE = 11;
export const TCA_FQ_PIE_DQ_RATE_ESTIMATOR = 12;

export const TCA_HHF_BACKLOG_LIMIT = 1;
export const TCA_HHF_QUANTUM = 2;
export const TCA_HHF_HH_FLOWS_LIMIT = 3;
export const TCA_HHF_RESET_TIMEOUT = 4;
export const TCA_HHF_ADMIT_BYTES = 5;
export const TCA_HHF_EVICT_TIMEOUT = 6;
export const TCA_HHF_NON_HH_WEIGHT = 7;

export const TCA_ETS_NBANDS = 1;
export const TCA_ETS_NSTRICT = 2;
export const TCA_ETS_QUANTA = 3;
export const TCA_ETS_QUANTA_BAND = 4;
export const TCA_ETS_PRIOMAP = 5;
export const TCA_ETS_PRIOMAP_BAND = 6;

export const TCA_CAKE_PAD = 1;
export const TCA_CAKE_BASE_RATE64 = 2;
export const TCA_CAKE_DIFFSERV_MODE = 3;
export const TCA_CAKE_ATM = 4;
export const TCA_CAKE_FLOW_MODE = 5;
export const TCA_CAKE_OVERHEAD = 6;
export const TCA_CAKE_RTT = 7;
export const TCA_CAKE_TARGET = 8;
export const TCA_CAKE_AUTORATE = 9;
export const TCA_CAKE_MEMORY = 10;
export const TCA_CAKE_NAT = 11;
export const TCA_CAKE_RAW = 12;
export const TCA_CAKE_WASH = 13;
export const TCA_CAKE_MPU = 14;
export const TCA_CAKE_INGRESS = 15;
export const TCA_CAKE_ACK_FILTER = 16;
export const TCA_CAKE_SPLIT_GSO = 17;
export const TCA_CAKE_FWMARK = 18;

export const TCA_CAKE_STATS_PAD = 1;
export const TCA_CAKE_STATS_CAPACITY_ESTIMATE64 = 2;
export const TCA_CAKE_STATS_MEMORY_LIMIT = 3;
export const TCA_CAKE_STATS_MEMORY_USED = 4;
export const TCA_CAKE_STATS_AVG_NETOFF = 5;
export const TCA_CAKE_STATS_MIN_NETLEN = 6;
export const TCA_CAKE_STATS_MAX_NETLEN = 7;
export const TCA_CAKE_STATS_MIN_ADJLEN = 8;
export const TCA_CAKE_STATS_MAX_ADJLEN = 9;
export const TCA_CAKE_STATS_TIN_STATS = 10;
export const TCA_CAKE_STATS_DEFICIT = 11;
export const TCA_CAKE_STATS_COBALT_COUNT = 12;
export const TCA_CAKE_STATS_DROPPING = 13;
export const TCA_CAKE_STATS_DROP_NEXT_US = 14;
export const TCA_CAKE_STATS_P_DROP = 15;
export const TCA_CAKE_STATS_BLUE_TIMER_US = 16;

export const TCA_CAKE_TIN_STATS_PAD = 1;
export const TCA_CAKE_TIN_STATS_SENT_PACKETS = 2;
export const TCA_CAKE_TIN_STATS_SENT_BYTES64 = 3;
export const TCA_CAKE_TIN_STATS_DROPPED_PACKETS = 4;
export const TCA_CAKE_TIN_STATS_DROPPED_BYTES64 = 5;
export const TCA_CAKE_TIN_STATS_ACKS_DROPPED_PACKETS = 6;
export const TCA_CAKE_TIN_STATS_ACKS_DROPPED_BYTES64 = 7;
export const TCA_CAKE_TIN_STATS_ECN_MARKED_PACKETS = 8;
export const TCA_CAKE_TIN_STATS_ECN_MARKED_BYTES64 = 9;
export const TCA_CAKE_TIN_STATS_BACKLOG_PACKETS = 10;
export const TCA_CAKE_TIN_STATS_BACKLOG_BYTES = 11;
export const TCA_CAKE_TIN_STATS_THRESHOLD_RATE64 = 12;
export const TCA_CAKE_TIN_STATS_TARGET_US = 13;
export const TCA_CAKE_TIN_STATS_INTERVAL_US = 14;
export const TCA_CAKE_TIN_STATS_WAY_INDIRECT_HITS = 15;
export const TCA_CAKE_TIN_STATS_WAY_MISSES = 16;
export const TCA_CAKE_TIN_STATS_WAY_COLLISIONS = 17;
export const TCA_CAKE_TIN_STATS_PEAK_DELAY_US = 18;
export const TCA_CAKE_TIN_STATS_AVG_DELAY_US = 19;
export const TCA_CAKE_TIN_STATS_BASE_DELAY_US = 20;
export const TCA_CAKE_TIN_STATS_SPARSE_FLOWS = 21;
export const TCA_CAKE_TIN_STATS_BULK_FLOWS = 22;
export const TCA_CAKE_TIN_STATS_UNRESPONSIVE_FLOWS = 23;
export const TCA_CAKE_TIN_STATS_MAX_SKBLEN = 24;
export const TCA_CAKE_TIN_STATS_FLOW_QUANTUM = 25;

/** Size of `struct tc_fifo_qopt`: limit (u32). */
export const TC_FIFO_QOPT_SIZE = 4;
/** Size of `struct tc_htb_glob`: version, rate2quantum, defcls, debug, direct_pkts (u32 each). */
export const TC_HTB_GLOB_SIZE = 20;
export const TC_HTB_PROTOVER = 3;
/** Size of `struct tc_hfsc_qopt`: defcls (u16). */
export const TC_HFSC_QOPT_SIZE = 2;
/** Size of `struct tc_red_qopt`: limit, qth_min, qth_max (u32 each), Wlog, Plog, Scell_log, flags (u8 each). */
export const TC_RED_QOPT_SIZE = 16;
/** Size of `struct tc_multiq_qopt`: bands, max_bands (u16 each). */
export const TC_MULTIQ_QOPT_SIZE = 4;
/** Size of `struct tc_prio_qopt`: bands (u32), a band (u8) for each priority. */
export const TC_PRIO_QOPT_SIZE = 20;
/** Priorities of packets, `TC_PRIO_MAX + 1`. */
export const TC_PRIORITIES = 16;
/** Size of `struct tc_sfq_qopt`: quantum, perturb_period (u32, i32), limit, divisor, flows (u32 each). */
export const TC_SFQ_QOPT_SIZE = 20;
/**
 * Size of `struct tc_sfq_qopt_v1`: a tc_sfq_qopt, depth, headdrop, limit, qth_min, qth_max (u32 each), Wlog, Plog,
 * Scell_log, flags (u8 each), max_P (u32), six counters (u32 each).
 */
export const TC_SFQ_QOPT_V1_SIZE = 72;
/** Size of `struct tc_netem_qopt`: latency, limit, loss, gap, duplicate, jitter (u32 each). Attributes follow it. */
export const TC_NETEM_QOPT_SIZE = 24;
/** Size of `struct tc_netem_slot`: min_delay, max_delay (i64), max_packets, max_bytes (i32), dist_delay, dist_jitter (i64). */
export const TC_NETEM_SLOT_SIZE = 40;
/** Size of `struct tc_netem_gimodel`: p13, p31, p32, p14, p23 (u32 each). */
export const TC_NETEM_GIMODEL_SIZE = 20;
/** Size of `struct tc_netem_gemodel`: p, r, h, k1 (u32 each). */
export const TC_NETEM_GEMODEL_SIZE = 16;
/** Size of `struct tc_tbf_qopt`: two `struct tc_ratespec`, limit, buffer, mtu (u32 each). */
export const TC_TBF_QOPT_SIZE = 36;
/** Size of `struct tc_ratespec`: cell_log, linklayer (u8), overhead (u16), cell_align (i16), mpu (u16), rate (u32). */
export const TC_RATESPEC_SIZE = 12;
export const TC_LINKLAYER_MASK = 0x0f;
export const TC_LINKLAYER_UNAWARE = 0;
export const TC_LINKLAYER_ETHERNET = 1;
export const TC_LINKLAYER_ATM = 2;
/** Bytes of a cell of ATM, and what it carries; `tc_core.h` of iproute2. */
export const ATM_CELL_SIZE = 53;
export const ATM_CELL_PAYLOAD = 48;

export const TC_RED_ECN = 1;
export const TC_RED_HARDDROP = 2;
export const TC_RED_ADAPTATIVE = 4;
export const TC_RED_NODROP = 8;

export const TCA_CHOKE_PARMS = 1;
export const TCA_CHOKE_STAB = 2;
export const TCA_CHOKE_MAX_P = 3;

export const TCA_SFB_PARMS = 1;
/**
 * Size of `struct tc_sfb_qopt`: rehash_interval, warmup_time, max, bin_size, increment, decrement, limit, penalty_rate,
 * penalty_burst (u32 each).
 */
export const TC_SFB_QOPT_SIZE = 36;
export const SFB_MAX_PROB = 0xffff;

/** Size of `struct tc_plug_qopt`: action (i32), limit (u32). */
export const TC_PLUG_QOPT_SIZE = 8;
export const TCQ_PLUG_BUFFER = 0;
export const TCQ_PLUG_RELEASE_ONE = 1;
export const TCQ_PLUG_RELEASE_INDEFINITE = 2;
export const TCQ_PLUG_LIMIT = 3;

export const TCA_ETF_PARMS = 1;
/** Size of `struct tc_etf_qopt`: delta, clockid (i32 each), flags (u32). */
export const TC_ETF_QOPT_SIZE = 12;
export const TC_ETF_DEADLINE_MODE_ON = 1;
export const TC_ETF_OFFLOAD_ON = 2;
export const TC_ETF_SKIP_SOCK_CHECK = 4;

export const TCA_CBS_PARMS = 1;
/** Size of `struct tc_cbs_qopt`: offload (u8), padding, hicredit, locredit, idleslope, sendslope (i32 each). */
export const TC_CBS_QOPT_SIZE = 20;

export const TC_QOPT_MAX_QUEUE = 16;
/** Size of `struct tc_mqprio_qopt`. */
export const TC_MQPRIO_QOPT_SIZE = 82;
export const TCA_MQPRIO_MODE = 1;
export const TCA_MQPRIO_SHAPER = 2;
export const TCA_MQPRIO_MIN_RATE64 = 3;
export const TCA_MQPRIO_MAX_RATE64 = 4;
export const TC_MQPRIO_MODE_DCB = 0;
export const TC_MQPRIO_MODE_CHANNEL = 1;
export const TC_MQPRIO_SHAPER_DCB = 0;
export const TC_MQPRIO_SHAPER_BW_RATE = 1;

export const TCA_TAPRIO_ATTR_PRIOMAP = 1;
export const TCA_TAPRIO_ATTR_SCHED_ENTRY_LIST = 2;
export const TCA_TAPRIO_ATTR_SCHED_BASE_TIME = 3;
export const TCA_TAPRIO_ATTR_SCHED_CLOCKID = 5;
export const TCA_TAPRIO_PAD = 6;
export const TCA_TAPRIO_ATTR_ADMIN_SCHED = 7;
export const TCA_TAPRIO_ATTR_SCHED_CYCLE_TIME = 8;
export const TCA_TAPRIO_ATTR_SCHED_CYCLE_TIME_EXTENSION = 9;
export const TCA_TAPRIO_ATTR_FLAGS = 10;
export const TCA_TAPRIO_ATTR_TXTIME_DELAY = 11;
export const TCA_TAPRIO_ATTR_TC_ENTRY = 12;
export const TCA_TAPRIO_SCHED_ENTRY = 1;
export const TCA_TAPRIO_SCHED_ENTRY_INDEX = 1;
export const TCA_TAPRIO_SCHED_ENTRY_CMD = 2;
export const TCA_TAPRIO_SCHED_ENTRY_GATE_MASK = 3;
export const TCA_TAPRIO_SCHED_ENTRY_INTERVAL = 4;
export const TC_TAPRIO_CMD_SET_GATES = 0;
export const TC_TAPRIO_CMD_SET_AND_HOLD = 1;
export const TC_TAPRIO_CMD_SET_AND_RELEASE = 2;
export const TCA_TAPRIO_TC_ENTRY_INDEX = 1;
export const TCA_TAPRIO_TC_ENTRY_MAX_SDU = 2;
