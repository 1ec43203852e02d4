import type { Socket } from 'node:net';
import {
  type InspectedNamespace,
  NamespaceNotFoundError,
  NotANamespaceError,
  openSocket,
  runInNamespace,
  socketNamespaceCookie,
} from 'netns-core';
import { referenceIdentity } from 'netns-core/identity';
import { sys } from 'netns-core/sys';
import { sourceOf } from '../target/source.js';
import type { ResolvedTarget } from '../target/target.js';

/** The network namespace that a socket belongs to, as read from the socket. */
export interface SocketNamespace {
  /** Differs from that of every other namespace, also of one that gets the same inode later (see {@link socketNamespace}). */
  readonly key: string;
  /**
   * `NS(dev:ino)`, which `referenceIdentity` gives for what means this namespace. `undefined` if the reference that the
   * socket was made for means another namespace by now.
   */
  readonly id: string | undefined;
}

/**
 * By cookie. A namespace keeps its inode number for life, and cookies are never reused, so entries are true forever;
 * the bound only keeps a process that sees very many namespaces from remembering all of them.
 */
const known = new Map<bigint, SocketNamespace>();
const MAX_KNOWN = 4096;

/**
 * Reads from a socket which namespace it belongs to: a cookie of the kernel's. Only for a namespace that this process
 * has not met before the reference is entered once more, to learn the device and inode that go with the cookie.
 *
 * @param target what the socket was made for
 * @returns `undefined` on kernels without cookies (before 5.14): see {@link identifySocket}
 * @throws NetnsError
 */
function socketNamespace(fd: number, target: ResolvedTarget): SocketNamespace | undefined {
  const cookie = socketNamespaceCookie(fd);
  if (cookie === undefined) return undefined;
  const found = known.get(cookie);
  if (found !== undefined) return found;
  try {
    learn(sourceOf(target).inspect(target.namespace));
  } catch (error) {
    // The name went after the socket was made.
    if (!(error instanceof NamespaceNotFoundError || error instanceof NotANamespaceError)) throw error;
  }
  return known.get(cookie) ?? { key: `cookie:${cookie}`, id: undefined };
}

/** Notes which inode goes with which cookie. */
function learn({ identity, cookie }: InspectedNamespace): void {
  if (cookie === undefined || identity === undefined) return;
  const [oldest] = known.keys();
  if (known.size >= MAX_KNOWN && oldest !== undefined) known.delete(oldest);
  known.set(cookie, { key: `cookie:${cookie}`, id: identity.id });
}

/**
 * Tells which namespace a new TCP socket of a target is in. Where the kernel has no cookies, another socket takes its
 * place, and device and inode are read in the hop that makes it; they are the namespace's own for as long as it is open.
 *
 * @param fd is closed where another one takes its place, or this throws
 */
export function identifySocket(
  fd: number,
  target: ResolvedTarget,
  family: 'ipv4' | 'ipv6',
): { readonly fd: number; readonly namespace: SocketNamespace } {
  try {
    const namespace = socketNamespace(fd, target);
    if (namespace !== undefined) return { fd, namespace };
  } catch (error) {
    sys().close(fd);
    throw error;
  }
  sys().close(fd);
  return runInNamespace(target.namespace, () => {
    const id = referenceIdentity('')?.id;
    const made = openSocket({ ...target.socketOptions, namespace: '', family, type: 'stream' });
    return { fd: made, namespace: { key: id ?? '', id } };
  });
}

const ofSockets = new WeakMap<Socket, SocketNamespace>();

/** Notes the namespace of a socket of Node's, or of one that speaks TLS over it. */
export function noteSocketNamespace(socket: Socket, namespace: SocketNamespace): void {
  ofSockets.set(socket, namespace);
}

/** The namespace that was noted; `undefined` for sockets of targets that cannot come to mean another namespace. */
export function namespaceOfSocket(socket: Socket): SocketNamespace | undefined {
  return ofSockets.get(socket);
}
