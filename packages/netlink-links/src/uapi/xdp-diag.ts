/** `<linux/xdp_diag.h>`: the XDP sockets of a namespace. */

/** `<linux/socket.h>` */
export const AF_XDP = 44;

/** Size of `struct xdp_diag_msg`: family, type (u8), pad (u16), inode (u32), cookie (two u32). */
export const XDP_DIAG_MSG_SIZE = 16;

export const XDP_SHOW_INFO = 0x01;
export const XDP_SHOW_RING_CFG = 0x02;
export const XDP_SHOW_UMEM = 0x04;
export const XDP_SHOW_MEMINFO = 0x08;
export const XDP_SHOW_STATS = 0x10;

export const XDP_DIAG_INFO = 1;
export const XDP_DIAG_UID = 2;
export const XDP_DIAG_RX_RING = 3;
export const XDP_DIAG_TX_RING = 4;
export const XDP_DIAG_UMEM = 5;
export const XDP_DIAG_UMEM_FILL_RING = 6;
export const XDP_DIAG_UMEM_COMPLETION_RING = 7;
export const XDP_DIAG_MEMINFO = 8;
export const XDP_DIAG_STATS = 9;
