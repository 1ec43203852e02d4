/** `<linux/if_tun.h>` */

export const IFF_TUN = 0x0001;
export const IFF_TAP = 0x0002;
export const IFF_MULTI_QUEUE = 0x0100;
/** No four bytes of flags and protocol before each packet. */
export const IFF_NO_PI = 0x1000;
export const IFF_VNET_HDR = 0x4000;
export const IFF_TUN_EXCL = 0x8000;

/** `_IOW('T', number, int)` of `<asm/ioctl.h>`; the direction has another place on this architecture. */
const write = (number: number): number =>
  ((process.arch === 'ppc64' ? 0x8000_0000 : 0x4000_0000) | (4 << 16) | (0x54 << 8) | number) >>> 0;

export const TUNSETIFF = write(202);
export const TUNSETPERSIST = write(203);
export const TUNSETOWNER = write(204);
export const TUNSETGROUP = write(206);
export const TUNSETIFINDEX = write(218);
