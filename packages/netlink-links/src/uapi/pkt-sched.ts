/** `<linux/pkt_sched.h>` and the traffic control part of `<linux/rtnetlink.h>`. What a kind has of its own is in its file. */

/** Size of `struct tcmsg`: family (u8), padding, ifindex (i32), handle, parent, info (u32 each). */
export const TCMSG_SIZE = 20;

export const TCA_KIND = 1;
export const TCA_OPTIONS = 2;
export const TCA_STATS2 = 7;

/** `<linux/gen_stats.h>` */
export const TCA_STATS_BASIC = 1;
export const TCA_STATS_QUEUE = 3;
export const TCA_STATS_PKT64 = 8;

export const TC_H_UNSPEC = 0;
export const TC_H_ROOT = 0xffffffff;
export const TC_H_INGRESS = 0xfffffff1;
/** The handle of ingress and clsact. */
export const INGRESS_HANDLE = 0xffff0000;
