/**
 * @internal The system calls and constants that the sibling packages need. This subpath is no public interface: it
 * may change in any version. No other package of the family talks to libc.
 * @module
 */
export * from './constants.js';
export { type ControlMessage, controlMessages } from './control-messages.js';
export { replaceSyscalls, sys } from './current.js';
export { Errno, errnoName, errnoNumber } from './errno.js';
export { type MessageBuffers, messageBuffers } from './message-header.js';
export { OWN_THREAD, ownThreadOptions } from './own-thread.js';
export { openReadable } from './readable.js';
export { requireFrom } from './require-from.js';
export type { FileIdentity, Syscalls } from './syscalls.js';
export { type OwnedFd, ownFd } from './thread-owned.js';
export { type ReadableWatch, watchReadable } from './watch-readable.js';
