import { endianness } from 'node:os';

/** Whether this machine stores the least significant byte of a number first. */
export const LITTLE_ENDIAN: boolean = endianness() === 'LE';
