import { NamespaceNotFoundError, NetnsError, NotANamespaceError, socketNamespaceCookie } from 'netns-core';
import { sys } from 'netns-core/sys';
import type { Address } from '../address/address.js';
import { interfaceOfZone } from '../address/zone.js';
import { type AddressWatch, watchAddresses } from '../socket/address-changes.js';
import { openBoundSocket } from '../socket/bind-socket.js';
import { sourceOf } from '../target/source.js';
import { codeOf } from './error-code.js';
import type { FoundNamespace } from './found-namespace.js';
import type { ListenSettings } from './listen-options.js';

/** The address or the interface is not there yet. */
const NOT_THERE_YET: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'ENODEV']);
/** The kernel lacks IPv6, or has it disabled. */
const NO_IPV6: ReadonlySet<string> = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL']);

/** A listening socket, or why there is none yet. */
export type OpenResult = { readonly fd: number } | { readonly missing: string };

/**
 * A namespace that a listener is bound in, or waits in for an address or an interface: opens its sockets and watches
 * its addresses while that matters.
 */
export class EnteredNamespace {
  /** `NS(dev:ino)`. The inode is not reused while a socket of the namespace is held, the watch's or the listener's. */
  readonly identity: string;
  readonly #settings: ListenSettings;
  readonly #waits: boolean;
  readonly #changed: () => void;
  readonly #interface: string | undefined;
  #ifindex: number | undefined;
  #watch: AddressWatch | undefined;

  /**
   * @param waits whether a missing address is waited for
   * @param changed called when addresses or interfaces may have changed
   */
  constructor(identity: string, settings: ListenSettings, waits: boolean, changed: () => void) {
    this.identity = identity;
    this.#settings = settings;
    this.#waits = waits;
    this.#changed = changed;
    this.#interface = settings.target.socketOptions.interface ?? settings.addresses[0].zone;
  }

  /** The interface that sockets are bound to, by name. */
  get interfaceName(): string | undefined {
    return this.#interface;
  }

  /**
   * Opens a listening socket. Where the address or the interface is not there, its appearance is watched for.
   *
   * @param namespace this namespace, which stays the caller's
   * @throws BindError, NetnsError where waiting for an address does not help
   */
  open(namespace: FoundNamespace, port: number): OpenResult {
    try {
      return { fd: this.#openFirst(namespace, port) };
    } catch (error) {
      // Through a broker it can go after it was found: there is no handle that keeps it.
      if (
        codeOf(error) === 'ERR_NAMESPACE_REPLACED' ||
        error instanceof NamespaceNotFoundError ||
        error instanceof NotANamespaceError
      ) {
        setImmediate(this.#changed);
        return { missing: (error as Error).message };
      }
      if (!this.#waits || !NOT_THERE_YET.has(codeOf(error))) throw this.#named(error);
      // It may have come before it was watched for.
      return this.watch(namespace) ? this.open(namespace, port) : { missing: (error as Error).message };
    }
  }

  /** Whether a socket is still bound to the interface of the name that was asked for. */
  hasInterface(fd: number): boolean {
    if (this.#interface === undefined) return true;
    if (fd < 0) return false;
    try {
      return interfaceOfZone(fd, this.#interface, this.#settings.target.label).index === this.#ifindex;
    } catch {
      return false;
    }
  }

  /** Whether a change of the interface would be noticed. */
  get watchesInterface(): boolean {
    return this.#interface === undefined || this.#watch !== undefined;
  }

  /**
   * Watches the addresses and interfaces.
   *
   * @returns whether that is new
   * @throws NetnsError where no socket can be made for it
   */
  watch(namespace: FoundNamespace): boolean {
    if (this.#watch !== undefined) return false;
    const lost = (): void => {
      this.#watch = undefined;
      this.#changed();
    };
    this.#watch = watchAddresses(namespace.reference, this.#changed, lost, sourceOf(this.#settings.target));
    return true;
  }

  /** Ends the watch, whose socket would keep the namespace alive. */
  close(): void {
    this.#watch?.close();
    this.#watch = undefined;
  }

  #openFirst(namespace: FoundNamespace, port: number): number {
    const [first, second] = this.#settings.addresses;
    try {
      return this.#openAt(namespace, first, port);
    } catch (error) {
      if (second === undefined || !NO_IPV6.has(codeOf(error))) throw error;
      return this.#openAt(namespace, second, port);
    }
  }

  #openAt(namespace: FoundNamespace, address: Address, port: number): number {
    const { target, backlog } = this.#settings;
    const fd = openBoundSocket({ target, namespace: namespace.reference, type: 'stream', address, port, backlog });
    try {
      if (namespace.cookie !== undefined && socketNamespaceCookie(fd) !== namespace.cookie)
        throw new NetnsError(`${target.label} was replaced while a socket was made in it`, {
          code: 'ERR_NAMESPACE_REPLACED',
        });
      this.#follow(fd, namespace);
      return fd;
    } catch (error) {
      sys().close(fd);
      throw error;
    }
  }

  /** Remembers the interface that a socket is bound to, so as to notice when another gets its name. */
  #follow(fd: number, namespace: FoundNamespace): void {
    if (this.#interface === undefined) {
      this.close();
      return;
    }
    this.#ifindex = interfaceOfZone(fd, this.#interface, this.#settings.target.label).index;
    this.watch(namespace);
  }

  /** An error of the handle that the namespace was entered by does not say which one it is. */
  #named(error: unknown): unknown {
    const { label } = this.#settings.target;
    if (!(error instanceof NetnsError) || error.message.includes(label)) return error;
    const { code, errno, syscall } = error;
    return new NetnsError(`cannot listen in ${label}: ${error.message}`, { code, errno, syscall, cause: error });
  }
}
