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
export const TCA_STATS_RATE_EST64 = 5;
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

/** Size of `struct tc_fifo_qopt`: limit (u32). */
export const TC_FIFO_QOPT_SIZE = 4;
/** Size of `struct tc_htb_glob`: version, rate2quantum, defcls, debug, direct_pkts (u32 each). */
export const TC_HTB_GLOB_SIZE = 20;
export const TC_HTB_PROTOVER = 3;
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
