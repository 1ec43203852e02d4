/** `<linux/vm_sockets_diag.h>`: sockets between virtual machines and their hosts. */

/** `<linux/socket.h>` */
export const AF_VSOCK = 40;

/** Size of `struct vsock_diag_msg`: family, type, state, shutdown (u8), both ends (cid and port, u32), inode (u32), cookie (two u32). */
export const VSOCK_DIAG_MSG_SIZE = 32;
