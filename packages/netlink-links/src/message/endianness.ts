import { endianness } from 'node:os';

/** Whether this machine stores the least significant byte first, which is what netlink then does, too. */
export const LITTLE_ENDIAN: boolean = endianness() === 'LE';
