import type { NamespaceRef } from '../namespace/reference.js';
import { socketSource } from './socket-source.js';
import type { SocketSource } from './source-types.js';

/**
 * The number of a namespace that `socketNamespaceCookie` gives for its sockets.
 *
 * @param source what is asked; by default that of the process
 * @returns `undefined` on kernels before 5.14
 * @throws as `runInNamespace`, and the errors of the socket source in use
 */
export function namespaceCookie(ref: NamespaceRef, source: SocketSource = socketSource()): bigint | undefined {
  return source.inspect(ref).cookie;
}
