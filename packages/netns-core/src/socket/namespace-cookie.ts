import type { NamespaceRef } from '../namespace/reference.js';
import { socketSource } from './socket-source.js';

/**
 * The number of a namespace that `socketNamespaceCookie` gives for its sockets.
 *
 * @returns `undefined` on kernels before 5.14
 * @throws as `runInNamespace`, and the errors of the socket source in use
 */
export function namespaceCookie(ref: NamespaceRef): bigint | undefined {
  return socketSource().inspect(ref).cookie;
}
