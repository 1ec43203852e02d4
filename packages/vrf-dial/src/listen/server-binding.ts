import type { Server } from 'node:net';
import { setLongTimeout } from 'netns-core/sys';
import { whenEnded } from '../ended-from-outside.js';
import { nameLinkLocalAddresses } from '../socket/link-local-address.js';
import { EnteredNamespace } from './entered-namespace.js';
import { FollowedNamespace } from './followed-namespace.js';
import type { FoundNamespace } from './found-namespace.js';
import type { ListenSettings } from './listen-options.js';
import type { ListenerReports } from './listener-reports.js';
import { type CreateServer, ListenerServers } from './listener-servers.js';
import {
  ABSENT,
  enteredNamespace,
  hasEnded,
  isBoundIn,
  type ListenerState,
  type PublicState,
  publicState,
  releaseState,
} from './listener-state.js';
import type { Serving } from './serving.js';
import { isShortage, ShortageRetry } from './shortage-retry.js';

/**
 * Keeps a server bound in the namespace that a target means: binds when the namespace and its address are there, lets
 * go when they are removed or replaced, and binds again.
 */
export class ServerBinding {
  readonly #settings: ListenSettings;
  readonly #reports: ListenerReports;
  readonly #servers: ListenerServers;
  readonly #namespace: FollowedNamespace;
  readonly #shortage = new ShortageRetry(() => this.#reconcile());
  #state: ListenerState = ABSENT;
  /** Takes its listeners off what ends it from outside. */
  #withdraw: () => void = () => undefined;
  /** With port 0, the one that the kernel chose at the first bind. */
  #port: number;

  /** @throws NamespaceNotFoundError where a namespace without a name is not there; NetnsError */
  constructor(settings: ListenSettings, server: Server | CreateServer, reports: ListenerReports) {
    this.#settings = settings;
    this.#reports = reports;
    this.#port = settings.requested.port;
    const ipv6 = settings.addresses[0].family === 6;
    this.#servers = new ListenerServers(server, ipv6, () => void this.close());
    this.#namespace = new FollowedNamespace(settings.target, {
      changed: () => this.#reconcile(),
      unmounted: (error) => reports.unmounted(error),
    });
  }

  get state(): PublicState {
    return publicState(this.#state);
  }

  /** The server that is in use. */
  get serving(): Serving | undefined {
    return this.#servers.current;
  }

  /**
   * Binds, or begins to wait.
   *
   * @throws what makes waiting pointless; the server is as it was then
   */
  async arm(): Promise<void> {
    const { patience, signal } = this.#settings;
    try {
      this.#servers.start();
      this.#withdraw = whenEnded(signal, () => void this.close());
      await this.#bindFirst();
      if (signal?.aborted) {
        await this.close();
        throw signal.reason;
      }
    } catch (error) {
      this.#abandon();
      throw error;
    }
    if (this.#state.kind === 'absent' && patience !== undefined)
      this.#become({ kind: 'absent', patience: setLongTimeout(() => this.#losePatience(patience), patience) });
  }

  /** @returns when the last connection has ended */
  close(): Promise<void> {
    const state = this.#state;
    if (state.kind === 'closed') return Promise.resolve();
    if (state.kind === 'closing') return state.done;
    const done = this.#servers.drained.then(() => this.#finish());
    this.#become({ kind: 'closing', identity: enteredNamespace(state)?.identity, done });
    this.#stopWaiting();
    this.#servers.close();
    this.#reports.closing();
    return done;
  }

  /** Destroys, after a time, the connections accepted so far. */
  expire(graceMs: number): void {
    this.#servers.expire(graceMs);
  }

  async #bindFirst(): Promise<void> {
    const found = this.#namespace.find();
    try {
      if (found !== undefined) await this.#bind(found);
      else if (this.#settings.patience === 0) this.#namespace.mustExist();
    } finally {
      found?.close();
    }
    if (this.state !== 'waiting') return;
    if (found === undefined) this.#reports.missing(`${this.#settings.target.label} is not there (yet)`);
    this.#reports.waiting();
  }

  #become(next: ListenerState): void {
    const before = this.#state;
    this.#state = next;
    releaseState(before, next);
  }

  /** Something may have changed: brings what is bound in line with what is there. */
  #reconcile(): void {
    let found: FoundNamespace | undefined;
    let isSame = false;
    try {
      if (this.#state.kind === 'closed') return;
      // Calls this very function where it means something else than before, so the state is read after it.
      const means = this.#namespace.look();
      const entered = enteredNamespace(this.#state);
      isSame = entered !== undefined && entered.identity === means;
      if (isSame && entered?.watchesInterface && isBoundIn(this.#state, entered)) return;
      found = this.#namespace.find();
      this.#follow(found);
    } catch (error) {
      // Without a file descriptor left it cannot look further, but what it is bound in is still what is meant.
      if (!isSame || !isShortage(error)) this.#release(undefined);
      this.#fail(error);
    } finally {
      found?.close();
    }
  }

  /** @param found the namespace that is there now */
  #follow(found: FoundNamespace | undefined): void {
    const state = this.#state;
    const identity = found?.identity;
    if (state.kind === 'closing') {
      // The namespace of connections that are being drained was removed: they must not keep it alive.
      if (identity !== state.identity) this.#servers.expire(this.#settings.graceMs);
      return;
    }
    const entered = enteredNamespace(state);
    if (found !== undefined && entered !== undefined && entered.identity === identity && isBoundIn(state, entered)) {
      if (!entered.watchesInterface) entered.watch(found);
      return;
    }
    this.#release(identity);
    if (found === undefined) this.#endWithProcess();
    else this.#bind(found).catch((error: unknown) => this.#fail(error));
  }

  /** The number of a process that is gone may become another's: its namespace is not waited for. */
  #endWithProcess(): void {
    if (!this.#namespace.isOfProcess) return;
    void this.close();
    this.#reports.endedWithProcess();
  }

  /**
   * Lets go of what is bound, or waited in, unless that is what is there now.
   *
   * @param next the namespace that is there now
   */
  #release(next: string | undefined): void {
    const state = this.#state;
    const entered = enteredNamespace(state);
    const stays = entered?.identity === next;
    if (!stays) this.#shortage.reset();
    if (entered === undefined) return;
    const waiting: ListenerState = stays ? { kind: 'unbound', entered } : ABSENT;
    if (state.kind !== 'listening') {
      this.#become(waiting);
      return;
    }
    const { graceMs } = this.#settings;
    if (this.state === 'listening') {
      this.#become(waiting);
      this.#servers.release();
      state.serving.accepted.expire(graceMs);
      if (stays) this.#reports.lostInterface(entered.interfaceName);
      else this.#reports.lostNamespace(next === undefined ? 'removed' : 'replaced');
    } else {
      void this.close();
      if (!stays) this.#servers.expire(graceMs);
    }
  }

  /**
   * Binds in the namespace, or begins to wait there for the address. All of it happens before this returns, unless a
   * server has to be made first.
   */
  async #bind(namespace: FoundNamespace): Promise<void> {
    const { current } = this.#servers;
    if (current !== undefined) return this.#bindServer(namespace, current);
    if (this.#state.kind === 'making server') return;
    this.#become({ kind: 'making server' });
    let made: Serving | undefined;
    try {
      made = await this.#servers.make(() => !hasEnded(this.#state));
    } finally {
      if (!hasEnded(this.#state)) this.#become(ABSENT);
    }
    if (made === undefined) return;
    // The caller has closed its handle, and the namespace may be another by now.
    const now = this.#namespace.find();
    if (now === undefined) return this.#endWithProcess();
    try {
      this.#bindServer(now, made);
    } finally {
      now.close();
    }
  }

  #bindServer(namespace: FoundNamespace, serving: Serving): void {
    this.#shortage.stop();
    if (!serving.seat.isOccupied) return;
    const entered = this.#enter(namespace.identity);
    const opened = entered.open(namespace, this.#port);
    if ('missing' in opened) {
      this.#reports.missing(opened.missing);
      return;
    }
    serving.seat.serve(opened.fd, this.#settings.backlog);
    this.#become({ kind: 'listening', entered, serving });
    this.#shortage.reset();
    nameLinkLocalAddresses(serving.server);
    const address = serving.address;
    if (address !== null) this.#port = address.port;
    this.#reports.listening(address);
  }

  /** The namespace, as it has been entered already or newly. */
  #enter(identity: string): EnteredNamespace {
    const known = enteredNamespace(this.#state);
    if (known?.identity === identity) return known;
    this.#release(identity);
    const entered = new EnteredNamespace(identity, this.#settings, !this.#namespace.isHome, () => this.#reconcile());
    this.#become({ kind: 'unbound', entered });
    return entered;
  }

  /** A bind has failed for a reason that waiting does not mend, or not soon. */
  #fail(error: unknown): void {
    if (hasEnded(this.#state)) return;
    if (isShortage(error) && !this.#shortage.schedule(error)) return;
    this.#reports.failed(error as Error);
  }

  #losePatience(patience: number): void {
    void this.close();
    this.#reports.lostPatience(patience);
  }

  /** The namespace has been followed up to here: its removal ends connections that are being drained. */
  #finish(): void {
    this.#namespace.close();
    this.#become({ kind: 'closed' });
    this.#reports.closed();
  }

  /** Lets go of everything after a failed start. */
  #abandon(): void {
    this.#become({ kind: 'closed' });
    this.#stopWaiting();
    this.#servers.withdraw();
    this.#namespace.close();
  }

  #stopWaiting(): void {
    this.#shortage.stop();
    this.#withdraw();
  }
}
