import { IFNAMSIZ as NAME_SIZE, SIZEOF_IFREQ } from 'netns-core/sys';

/** Size of `struct ifreq` of `<linux/if.h>` in bytes, on 64-bit systems. */
export const SizeOfIfReq: number = SIZEOF_IFREQ;
/** Bytes for an interface's name in it, its NUL included. */
export const IFNAMSIZ: number = NAME_SIZE;
