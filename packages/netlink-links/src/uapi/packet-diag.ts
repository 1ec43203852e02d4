/** `<linux/packet_diag.h>`: the packet sockets of a namespace. */

/** Size of `struct packet_diag_msg`: family, type (u8), protocol (u16), inode (u32), cookie (two u32). */
export const PACKET_DIAG_MSG_SIZE = 16;
/** Size of `struct packet_diag_mclist`: ifindex, count (u32), type, length of the address (u16), address (32 bytes). */
export const PACKET_DIAG_MCLIST_SIZE = 44;

export const PACKET_SHOW_INFO = 0x01;
export const PACKET_SHOW_MCLIST = 0x02;
export const PACKET_SHOW_RING_CFG = 0x04;
export const PACKET_SHOW_FANOUT = 0x08;
export const PACKET_SHOW_MEMINFO = 0x10;
export const PACKET_SHOW_FILTER = 0x20;

export const PACKET_DIAG_INFO = 0;
export const PACKET_DIAG_MCLIST = 1;
export const PACKET_DIAG_RX_RING = 2;
export const PACKET_DIAG_TX_RING = 3;
export const PACKET_DIAG_FANOUT = 4;
export const PACKET_DIAG_UID = 5;
export const PACKET_DIAG_MEMINFO = 6;
export const PACKET_DIAG_FILTER = 7;
