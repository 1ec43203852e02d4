/** `<linux/if.h>`: flags of links. */

export const IFF_UP = 0x1;
export const IFF_BROADCAST = 0x2;
export const IFF_DEBUG = 0x4;
export const IFF_LOOPBACK = 0x8;
export const IFF_POINTOPOINT = 0x10;
export const IFF_NOTRAILERS = 0x20;
export const IFF_RUNNING = 0x40;
export const IFF_NOARP = 0x80;
export const IFF_PROMISC = 0x100;
export const IFF_ALLMULTI = 0x200;
export const IFF_MASTER = 0x400;
export const IFF_SLAVE = 0x800;
export const IFF_MULTICAST = 0x1000;
export const IFF_PORTSEL = 0x2000;
export const IFF_AUTOMEDIA = 0x4000;
export const IFF_DYNAMIC = 0x8000;
export const IFF_LOWER_UP = 0x10000;
export const IFF_DORMANT = 0x20000;
export const IFF_ECHO = 0x40000;

/** Those that `__dev_change_flags` sets, and that are told by no setting of links here. */
export const IFF_OTHER_SETTINGS = IFF_DEBUG | IFF_PORTSEL | IFF_AUTOMEDIA;
/** All that have a name. */
export const IFF_KNOWN = 0x7ffff;

/** Longest alternative name, its NUL included. */
export const ALTIFNAMSIZ = 128;
/** Longest alias, its NUL included. */
export const IFALIASZ = 256;
