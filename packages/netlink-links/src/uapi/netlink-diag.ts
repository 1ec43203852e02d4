/** `<linux/netlink_diag.h>`: the netlink sockets of a namespace. */

/** Size of `struct netlink_diag_msg`: family, type, protocol, state (u8), port, peer's port and group, inode (u32), cookie (two u32). */
export const NETLINK_DIAG_MSG_SIZE = 28;

/** Sockets of all protocols. */
export const NDIAG_PROTO_ALL = 0xff;

export const NDIAG_SHOW_MEMINFO = 0x1;
export const NDIAG_SHOW_GROUPS = 0x2;
export const NDIAG_SHOW_FLAGS = 0x8;

export const NETLINK_DIAG_MEMINFO = 0;
export const NETLINK_DIAG_GROUPS = 1;
export const NETLINK_DIAG_FLAGS = 4;
