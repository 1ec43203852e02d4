/**
 * @internal The system calls and constants that the sibling packages need. This subpath is not a public interface: it
 * may change in any version. No other package of the family talks to libc.
 * @module
 */

// The global `performance` is loaded with its first use otherwise, which may be within a hop: a script that V8 ends while
// Node loads a module leaves half of it to the whole process.
import 'node:perf_hooks';

export * from './constants.js';
export { type ControlMessage, controlMessages, encodeDescriptors, receivedDescriptors } from './control-messages.js';
export { replaceSyscalls, sys } from './current.js';
export { LITTLE_ENDIAN } from './endianness.js';
export { Errno, errnoName, errnoNumber } from './errno.js';
export { getIntOption, setIntOption } from './int-option.js';
export { encodeInterfaceRequest, interfaceIndex, interfaceName, SIZEOF_IFREQ } from './interface-request.js';
export { formatIPv4, formatIPv6, parseIPv4, parseIPv6 } from './ip-address.js';
export { type LongTimeout, MAX_TIMER_MS, setLongTimeout } from './long-timeout.js';
export { type MessageBuffers, messageBuffers } from './message-header.js';
export { OWN_THREAD, ownThreadOptions } from './own-thread.js';
export { openReadable } from './readable.js';
export { requireFrom } from './require-from.js';
export {
  encodeInternetAddress,
  encodeNetlinkAddress,
  encodeUnixAddress,
  type InternetAddress,
  isLinkLocalAddress,
  readInternetAddress,
  SOCKADDR_IN6_SIZE,
  UNIX_PATH_MAX,
} from './socket-address.js';
export type { FileIdentity, Syscalls } from './syscalls.js';
export { type OwnedFd, ownFd } from './thread-owned.js';
export { type ReadableWatch, watchReadable } from './watch-readable.js';
