/** `<linux/sock_diag.h>`, `<linux/inet_diag.h>`: the sockets of a namespace. */

export const SOCK_DIAG_BY_FAMILY = 20;
export const SOCK_DESTROY = 21;

/** Size of `struct inet_diag_req_v2`: family, protocol, ext, pad (u8), states (u32), `struct inet_diag_sockid`. */
export const INET_DIAG_REQ_SIZE = 56;
/** Offset of `struct inet_diag_sockid` in the request: ports (be16), addresses (16 bytes), ifindex (u32), cookie (u64). */
export const INET_DIAG_REQ_ID = 8;
/** Size of `struct inet_diag_msg`: family, state, timer, retrans (u8), `struct inet_diag_sockid`, five u32. */
export const INET_DIAG_MSG_SIZE = 72;
export const INET_DIAG_MSG_ID = 4;

// Offsets in `struct inet_diag_sockid`.
export const SOCKID_SPORT = 0;
export const SOCKID_DPORT = 2;
export const SOCKID_SRC = 4;
export const SOCKID_DST = 20;
export const SOCKID_IF = 36;
export const SOCKID_COOKIE = 40;
/** Each half of a cookie that is not known. */
export const INET_DIAG_NOCOOKIE = 0xffffffff;

export const INET_DIAG_REQ_BYTECODE = 1;
export const INET_DIAG_REQ_PROTOCOL = 3;

export const INET_DIAG_BC_S_GE = 2;
export const INET_DIAG_BC_S_LE = 3;
export const INET_DIAG_BC_D_GE = 4;
export const INET_DIAG_BC_D_LE = 5;
export const INET_DIAG_BC_S_COND = 7;
export const INET_DIAG_BC_D_COND = 8;
export const INET_DIAG_BC_DEV_COND = 9;
export const INET_DIAG_BC_MARK_COND = 10;

export const INET_DIAG_MEMINFO = 1;
export const INET_DIAG_INFO = 2;
export const INET_DIAG_CONG = 4;
export const INET_DIAG_TOS = 5;
export const INET_DIAG_TCLASS = 6;
export const INET_DIAG_SKMEMINFO = 7;
export const INET_DIAG_SHUTDOWN = 8;
export const INET_DIAG_SKV6ONLY = 11;
export const INET_DIAG_PAD = 14;
export const INET_DIAG_MARK = 15;
export const INET_DIAG_CLASS_ID = 17;
export const INET_DIAG_MD5SIG = 18;
export const INET_DIAG_ULP_INFO = 19;
export const INET_DIAG_CGROUP_ID = 21;
export const INET_DIAG_SOCKOPT = 22;

export const INET_ULP_INFO_NAME = 1;

export const IPPROTO_ICMP = 1;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const IPPROTO_SCTP = 132;
export const IPPROTO_UDPLITE = 136;
export const IPPROTO_RAW = 255;
export const IPPROTO_MPTCP = 262;
