import { LITTLE_ENDIAN as OF_MACHINE } from 'netns-core/sys';

/**
 * Whether this machine stores the least significant byte first, which is what netlink then does, too. A constant of this
 * package's own: it is read for every attribute of every message.
 */
export const LITTLE_ENDIAN: boolean = OF_MACHINE;
