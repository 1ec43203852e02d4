import { EventEmitter } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { checkMilliseconds } from 'netns-core/checks';
import type { ListenSettings } from './listen-options.js';
import { ListenerReports, type VrfListenerEvents } from './listener-reports.js';
import type { CreateServer } from './listener-servers.js';
import { ServerBinding } from './server-binding.js';

/**
 * A server that listens in a VRF or namespace whenever that is there. `listenInVrf` and `listenInVrfWith` make it.
 *
 * It waits while the namespace, or the address in it, is not there, binds when it is, lets go when the namespace is
 * removed and binds again when it returns. Throughout the server stays open, so 'close' is emitted only when it is
 * closed: by `close()` here, or by its own.
 */
export class VrfListener extends EventEmitter<VrfListenerEvents> implements AsyncDisposable {
  /** Where it was asked to listen. */
  readonly requested: { readonly host: string | undefined; readonly port: number };

  readonly #binding: ServerBinding;

  /**
   * @internal `listenInVrf` and `listenInVrfWith` make listeners.
   * @throws NamespaceNotFoundError where a namespace without a name is not there; NetnsError
   */
  constructor(settings: ListenSettings, server: Server | CreateServer) {
    super();
    this.requested = settings.requested;
    this.#binding = new ServerBinding(settings, server, new ListenerReports(this, settings));
  }

  /** `'waiting'` for the namespace or the address, `'listening'`, or `'closed'`. */
  get state(): 'waiting' | 'listening' | 'closed' {
    return this.#binding.state;
  }

  /** Where it listens; null while it waits and once it is closed. */
  address(): AddressInfo | null {
    return this.state === 'listening' ? (this.#binding.serving?.address ?? null) : null;
  }

  /** The server that is in use; with `listenInVrfWith` there is none before the namespace is there. */
  get server(): Server | undefined {
    return this.#binding.serving?.server;
  }

  /**
   * Stops listening, or waiting, and closes the server as its own `close` does: connections that are in use may
   * finish. Calling it twice is harmless.
   *
   * @param options `graceMs`: milliseconds after which connections are destroyed that are still there; never, if
   *   nothing is said
   * @returns when the last connection has ended
   */
  close(options: { graceMs?: number } = {}): Promise<void> {
    const graceMs = checkMilliseconds('graceMs', options.graceMs) ?? Number.POSITIVE_INFINITY;
    const closed = this.#binding.close();
    if (graceMs < Number.POSITIVE_INFINITY) this.#binding.expire(graceMs);
    return closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * @internal Binds, or begins to wait.
   *
   * @throws what makes waiting pointless
   */
  arm(): Promise<void> {
    return this.#binding.arm();
  }
}
