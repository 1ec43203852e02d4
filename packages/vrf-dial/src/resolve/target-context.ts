import { statSync } from 'node:fs';
import { namespaceCookie, openSocket, runInNamespace, socketNamespaceCookie } from 'netns-core';
import { sys } from 'netns-core/sys';
import { openTargetSocket } from '../socket/open-target-socket.js';
import type { ResolvedTarget } from '../target/target.js';
import type { ResolverContext, ResolverSocket } from './context.js';

/**
 * How long a reference is taken to mean the namespace that it did, in milliseconds. Looking costs more than all the
 * rest of a lookup that the cache answers.
 */
const LOOK_AGE_MS = 10;

/** The resolver's view of a target. */
export function targetContext(target: ResolvedTarget): ResolverContext {
  // Two ways into one namespace (another device, another mark) may lead to other servers under the same address.
  const way = JSON.stringify(target.socketOptions);
  let cookie: bigint | undefined;
  let key: string | undefined;
  let looked = Number.NEGATIVE_INFINITY;
  /** The same string again as long as it is the same namespace. */
  const keyOfCookie = (found: bigint): string => {
    if (found !== cookie || key === undefined) {
      cookie = found;
      key = `cookie:${found} ${way}`;
    }
    return key;
  };
  return {
    label: target.label,
    etcName: target.etcName,
    dns: target.dns,
    networkKey: (now) => {
      if (now - looked < LOOK_AGE_MS) return key;
      looked = now;
      try {
        const found = namespaceCookie(target.namespace, target.source);
        if (found !== undefined) return keyOfCookie(found);
        cookie = undefined;
        key = `${runInNamespace(target.namespace, inodeOfThread)} ${way}`;
      } catch {
        // Making a socket there will say what is wrong.
        key = undefined;
      }
      return key;
    },
    openSocket: (family, type) => {
      const fd = openTargetSocket(target, family, type);
      try {
        const found = socketNamespaceCookie(fd);
        if (found !== undefined) return { fd, network: keyOfCookie(found) };
      } catch (error) {
        sys().close(fd);
        throw error;
      }
      sys().close(fd);
      return openAndLook(target, family, type, way);
    },
  };
}

/** For kernels whose sockets do not know their namespace (before 5.14): the thread is asked where the socket is made. */
function openAndLook(
  { namespace, socketOptions }: ResolvedTarget,
  family: 'ipv4' | 'ipv6',
  type: 'stream' | 'dgram',
  way: string,
): ResolverSocket {
  return runInNamespace(namespace, () => {
    const network = `${inodeOfThread()} ${way}`;
    return { fd: openSocket({ ...socketOptions, namespace: '', family, type }), network };
  });
}

/**
 * Tells the namespace that the thread is in. The inode number of a namespace is used again once it is gone; then its
 * inode was made later, which the ctime tells.
 */
function inodeOfThread(): string {
  const { dev, ino, ctimeNs } = statSync('/proc/thread-self/ns/net', { bigint: true });
  return `${dev}:${ino}:${ctimeNs}`;
}
