import type { EventEmitter } from 'node:events';
import type { AddressInfo } from 'node:net';
import { NamespaceNotFoundError } from 'netns-core';
import { announceListening } from '../cluster-worker.js';
import { callUser, channels, count, log } from '../diagnostics.js';
import type { ListenSettings } from './listen-options.js';
import type { PublicState } from './listener-state.js';

/** What a `VrfListener` emits. */
export interface VrfListenerEvents {
  /** It is bound: the first time, and again after each return of its namespace. */
  listening: [];
  /** Its namespace is gone, or its interface; it waits for the next. */
  down: [];
  /** A bind failed for another reason than a namespace or address that is not there. It goes on waiting for a change. */
  error: [error: Error];
  /** It is closed, and its server drained. */
  close: [];
}

/** The listener that reports are about. */
export interface ReportedListener extends EventEmitter<VrfListenerEvents> {
  readonly state: PublicState;
  address(): AddressInfo | null;
}

/**
 * Reports what a listener does: to its logger, on `vrf-dial:listen`, to the primary of a cluster, and by its events.
 * Nothing that these throw reaches the caller.
 */
export class ListenerReports {
  readonly #listener: ReportedListener;
  readonly #settings: ListenSettings;
  /** What was logged last about waiting: events that change nothing are not logged. */
  #waitingFor: string | undefined;

  constructor(listener: ReportedListener, settings: ListenSettings) {
    this.#listener = listener;
    this.#settings = settings;
  }

  /** It is bound. */
  listening(address: AddressInfo | null): void {
    this.#waitingFor = undefined;
    count.bound += 1;
    this.#log('info', `listening in ${this.#settings.target.label}`, address);
    this.#publish('listening');
    if (address !== null) announceListening(address, 'tcp', this.#settings.requested.host);
    this.#emitLater('listening');
  }

  /** It is no longer bound, since its namespace has gone; it waits. */
  lostNamespace(how: 'removed' | 'replaced'): void {
    this.#stopped(`${this.#settings.target.label} was ${how}`);
  }

  /** The same for its interface. */
  lostInterface(name: string | undefined): void {
    this.#stopped(`the interface ${name} of ${this.#settings.target.label} was removed`);
  }

  /** It has begun to wait without having been bound. */
  waiting(): void {
    this.#publish('waiting');
  }

  /** What it waits for. */
  missing(what: string): void {
    if (what === this.#waitingFor) return;
    this.#waitingFor = what;
    this.#log('info', `waiting: ${what}`);
  }

  /** A file of the namespace's name has been there for some time without a namespace. */
  unmounted(error: Error): void {
    if (this.#listener.state === 'waiting')
      this.#log('warn', `still waiting for ${this.#settings.target.label}: ${error.message}`, error);
  }

  /** A bind failed; it waits for a change. */
  failed(error: Error): void {
    this.#log('warn', error.message, error);
    this.#publish(this.#listener.state, error);
    setImmediate(() => this.#listener.emit('error', error));
  }

  /** Its namespace did not appear in time, and it has been closed. */
  lostPatience(patienceMs: number): void {
    const { label } = this.#settings.target;
    const text = `cannot listen in ${label}: it did not appear within ${patienceMs} ms (waitForNamespace)`;
    callUser(() => this.#listener.emit('error', new NamespaceNotFoundError(text, { code: 'ENOENT' })));
  }

  /** The process is gone whose namespace it listened in, and it has been closed. */
  endedWithProcess(): void {
    this.#log('warn', `${this.#settings.target.label} is gone with the process: the listener is closed`);
  }

  /** It has been told to stop. */
  closing(): void {
    this.#publish('closed');
  }

  /** Its last connection has ended. */
  closed(): void {
    callUser(() => this.#listener.emit('close'));
  }

  #stopped(what: string): void {
    this.#waitingFor = undefined;
    this.#log('info', `stopped listening: ${what}`);
    this.#publish('waiting');
    this.#emitLater('down');
  }

  /** Not before the code that awaits `listenInVrf` has had a chance to listen for it. */
  #emitLater(event: 'listening' | 'down'): void {
    setImmediate(() => {
      if (this.#listener.state !== 'closed') this.#listener.emit(event);
    });
  }

  #log(level: 'info' | 'warn', message: string, details?: unknown): void {
    log(this.#settings.logger, level, message, details);
  }

  #publish(state: PublicState, error?: Error): void {
    if (!channels.listen.hasSubscribers) return;
    const { target, requested } = this.#settings;
    const about = { target: target.label, state, requested, address: this.#listener.address() };
    channels.listen.publish(error === undefined ? about : { ...about, error });
  }
}
