import type { RemoteInfo, Socket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { InvalidOptionError, namespaceCookie, socketNamespaceCookie } from 'netns-core';
import { MAX_TIMER_MS, sys } from 'netns-core/sys';
import { interfaceOfZone } from '../address/zone.js';
import { announceListening } from '../cluster-worker.js';
import { callUser, channels, count } from '../diagnostics.js';
import { whenEnded } from '../ended-from-outside.js';
import { type AddressWatch, watchAddresses } from '../socket/address-changes.js';
import { openBoundSocket } from '../socket/bind-socket.js';
import { fdOf } from '../socket/handle-fd.js';
import { isNamespaceMissing } from '../target/namespace-arrival.js';
import { sourceOf } from '../target/source.js';
import { canBeReplaced, type WatchedReference, watchedReference } from '../target/watched-reference.js';
import { adoptUdpSocket } from './create-udp-socket.js';
import { checkUdpOptions, type UdpOptions, type UdpSettings } from './udp-options.js';

/** What a {@link VrfUdpListener} emits. */
export interface VrfUdpListenerEvents {
  /** It is bound, for the first time or again. */
  listening: [AddressInfo];
  /** It has let go of its namespace or interface, which was removed or replaced. */
  down: [];
  message: [Buffer, RemoteInfo];
  error: [Error];
  close: [];
}

/** The address or the interface is not there yet. */
const NOT_THERE_YET: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'ENODEV']);

/** A bound socket, and the namespace that it is in. */
interface Bound {
  readonly socket: Socket;
  /** Of the socket's namespace; `undefined` before Linux 5.14. */
  readonly cookie: bigint | undefined;
  /** What the target's reference meant when it was made. */
  readonly id: string | undefined;
  /** The index of the interface that it is bound to: one of the same name made later is another. */
  readonly ifindex: number | undefined;
}

/**
 * A UDP socket that is bound in a VRF or namespace whenever that is there: {@link listenUdpInVrf} makes it.
 *
 * It waits while the namespace, the address or the interface in it is not there, binds when it is, lets go when the
 * namespace or the interface is removed or replaced, and binds again, to the same port, when it returns.
 */
export class VrfUdpListener extends EventEmitter<VrfUdpListenerEvents> implements AsyncDisposable {
  /** Where it was asked to listen. */
  readonly requested: { readonly host: string; readonly port: number };
  readonly #settings: UdpSettings;
  readonly #reference: WatchedReference | undefined;
  #port: number;
  #bound: Bound | undefined;
  #addresses: AddressWatch | undefined;
  #unwatch: (() => void) | undefined;
  #withdraw: (() => void) | undefined;
  #keepAlive: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  /**
   * @internal `listenUdpInVrf` makes listeners.
   * @throws BindError, NetnsError where waiting would not help
   */
  constructor(settings: UdpSettings) {
    super();
    this.#settings = settings;
    this.#port = settings.port;
    const { target, address, port, signal } = settings;
    this.requested = {
      host: address.zone === undefined ? address.address : `${address.address}%${address.zone}`,
      port,
    };
    this.#reference = canBeReplaced(target.namespace) ? watchedReference(target) : undefined;
    // Watched before it is looked at, so that no change is missed.
    this.#unwatch = this.#reference?.use(() => this.#follow());
    try {
      this.#reconcile();
    } catch (error) {
      this.#stop();
      throw error;
    }
    this.#withdraw = whenEnded(signal, () => void this.close());
  }

  /** `'waiting'` for the namespace, the address or the interface, `'listening'`, or `'closed'`. */
  get state(): 'waiting' | 'listening' | 'closed' {
    if (this.#closing !== undefined) return 'closed';
    return this.#bound === undefined ? 'waiting' : 'listening';
  }

  /** The socket that is bound now, to send by and to set options; null while it waits and once it is closed. */
  get socket(): Socket | null {
    return this.#bound?.socket ?? null;
  }

  /** Where it is bound; null while it waits and once it is closed. */
  address(): AddressInfo | null {
    return this.#bound?.socket.address() ?? null;
  }

  /** Closes the socket and stops following the namespace. May be called twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#stop();
    const socket = this.#bound?.socket;
    this.#bound = undefined;
    if (socket !== undefined) {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    }
    this.#publish('closed');
    callUser(() => this.emit('close'));
  }

  #stop(): void {
    clearInterval(this.#keepAlive);
    this.#unwatch?.();
    this.#withdraw?.();
    this.#addresses?.close();
    this.#addresses = undefined;
  }

  /** Something has changed: an error now has no caller to be thrown to. */
  #follow(): void {
    if (this.#closing !== undefined) return;
    try {
      this.#reconcile();
    } catch (error) {
      this.#publish('waiting', error);
      callUser(() => this.emit('error', error as Error));
    }
  }

  #reconcile(): void {
    if (this.#bound !== undefined) {
      if (this.#isMeant(this.#bound)) return;
      this.#release(this.#bound);
    }
    this.#bind();
  }

  /** Whether the target still means the namespace and the interface that the socket is in. */
  #isMeant(bound: Bound): boolean {
    const { cookie, id, socket, ifindex } = bound;
    const { target } = this.#settings;
    if (ifindex !== undefined && this.#interfaceIndex(fdOf(socket)) !== ifindex) return false;
    try {
      if (cookie !== undefined) return namespaceCookie(target.namespace, target.source) === cookie;
      return this.#reference?.look() === id;
    } catch (error) {
      // What cannot be found out changes nothing.
      return !isNamespaceMissing(error);
    }
  }

  /** The index of the interface that sockets are bound to, as it is now in the namespace of one. */
  #interfaceIndex(fd: number): number | undefined {
    const { target, address } = this.#settings;
    const name = target.socketOptions.interface ?? address.zone;
    if (name === undefined) return undefined;
    try {
      return interfaceOfZone(fd, name, target.label).index;
    } catch {
      return undefined;
    }
  }

  #release({ socket }: Bound): void {
    this.#bound = undefined;
    this.#addresses?.close();
    this.#addresses = undefined;
    socket.removeAllListeners('message');
    socket.close();
    this.#wait();
    callUser(() => this.emit('down'));
  }

  #bind(): void {
    const { target, address } = this.#settings;
    const id = this.#reference?.look();
    // The look calls this listener where it finds a change, such as the mount on a file that was there already.
    if (this.#bound !== undefined || this.#closing !== undefined) return;
    let fd: number;
    try {
      fd = openBoundSocket({ target, namespace: target.namespace, type: 'dgram', address, port: this.#port });
    } catch (error) {
      this.#waitFor(error);
      return;
    }
    let cookie: bigint | undefined;
    try {
      cookie = socketNamespaceCookie(fd);
    } catch (error) {
      sys().close(fd);
      throw error;
    }
    const ifindex = this.#interfaceIndex(fd);
    const socket = adoptUdpSocket(fd, { ...this.#settings, signal: undefined });
    const bound: Bound = { socket, cookie, id, ifindex };
    this.#bound = bound;
    if (ifindex !== undefined) this.#watchAddresses();
    else {
      this.#addresses?.close();
      this.#addresses = undefined;
    }
    socket.on('message', (data, from) => this.emit('message', data, from));
    socket.on('error', (error) => callUser(() => this.emit('error', error)));
    // By its user.
    socket.on('close', () => {
      if (this.#bound !== bound) return;
      this.#bound = undefined;
      void this.close();
    });
    clearInterval(this.#keepAlive);
    count.bound += 1;
    const where = socket.address();
    this.#port = where.port;
    this.#publish('listening');
    announceListening(where, 'udp', this.requested.host);
    // The name may have come to mean another namespace while the socket was made.
    if (!this.#isMeant(bound)) setImmediate(() => this.#follow());
    process.nextTick(() => {
      if (this.#bound === bound) callUser(() => this.emit('listening', where));
    });
  }

  /** @throws the error, if waiting would not help */
  #waitFor(error: unknown): void {
    const { namespace } = this.#settings.target;
    if (isNamespaceMissing(error) && this.#reference !== undefined) {
      // The watch is a socket of a namespace that is gone, and would hold it.
      this.#addresses?.close();
      this.#addresses = undefined;
      this.#wait();
      this.#reference.foundMissing(() => this.#follow());
      return;
    }
    if (namespace === '' || !NOT_THERE_YET.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    this.#wait();
    // It may have come before it was watched.
    if (this.#watchAddresses()) this.#bind();
  }

  /** @returns whether that is new */
  #watchAddresses(): boolean {
    if (this.#addresses !== undefined) return false;
    const lost = (): void => {
      this.#addresses = undefined;
      if (this.#bound?.ifindex !== undefined) this.#watchAddresses();
      this.#follow();
    };
    const { target } = this.#settings;
    this.#addresses = watchAddresses(target.namespace, () => this.#follow(), lost, sourceOf(target));
    return true;
  }

  #wait(): void {
    clearInterval(this.#keepAlive);
    // The watches do not keep the event loop alive.
    this.#keepAlive = setInterval(() => undefined, MAX_TIMER_MS);
    this.#publish('waiting');
  }

  #publish(state: 'waiting' | 'listening' | 'closed', error?: unknown): void {
    if (!channels.listen.hasSubscribers) return;
    const { label } = this.#settings.target;
    const about = { target: label, state, requested: this.requested, address: this.address() };
    channels.listen.publish(error === undefined ? about : { ...about, error });
  }
}

/**
 * Makes a UDP socket in a VRF or namespace that waits for it, lets go when it is removed, and binds again when it
 * returns, as {@link listenInVrf} does for servers. Resolves when it is armed, whether or not the namespace is there.
 *
 * @throws InvalidOptionError, InvalidNameError for bad options; BindError where waiting would not help, such as
 *   `EADDRINUSE`; NetnsError; the signal's reason
 */
export async function listenUdpInVrf(options: Omit<UdpOptions, 'waitForNamespace'>): Promise<VrfUdpListener> {
  const settings = checkUdpOptions(options);
  if (settings.target.waitForNamespace !== 0)
    throw new InvalidOptionError(
      'waitForNamespace',
      'waitForNamespace is not for listenUdpInVrf, which waits for its namespace for as long as it is open',
    );
  settings.signal?.throwIfAborted();
  return new VrfUdpListener(settings);
}
