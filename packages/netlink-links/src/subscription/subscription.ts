import type { NamespaceRef } from 'netns-core';
import { checkBoolean, checkInteger } from 'netns-core/checks';
import { checkProperties, mustBe, propertiesOf } from '../message/checks.js';
import type { MessageBytes } from '../message/message-bytes.js';
import type { Netlink } from '../netlink/netlink.js';
import { type HeldNamespace, holdNamespace } from '../socket/held-namespace.js';
import { type Monitor, type MonitorEvents, openMonitorSocket } from '../socket/monitor-socket.js';

/** What a subscription can be told. */
export interface SubscribeOptions {
  /** Whose changes; by default those of the namespace that the calling thread is in. */
  namespace?: NamespaceRef | undefined;
  /** Ends the subscription; a loop over it ends as if there were no more updates. */
  signal?: AbortSignal | undefined;
  /** Begin with an update of type `existing` for everything that is there. */
  listExisting?: boolean | undefined;
  /** Room for notifications that wait to be read, in bytes, as far as the system allows it; 4 MiB. */
  bufferSize?: number | undefined;
}

/** What the kernel tells of one object. */
export type Update<K extends string, T> = {
  /**
   * - `existing`: it was there when the subscription began;
   * - `new`: it was made, or changed;
   * - `deleted`: it is gone.
   */
  readonly type: 'existing' | 'new' | 'deleted';
  /**
   * What `new` means, where the kernel says it: of links `added` and `changed`, of routes `added`, `replaced` and
   * `appended`.
   */
  readonly change?: 'added' | 'changed' | 'replaced' | 'appended';
} & { readonly [P in K]: T };

/**
 * Notifications were lost, since they came faster than they were read, or something happened that takes objects away
 * without a notification (IPv4 routes go with their link, address or nexthop object). This is everything there is now,
 * complete: a view is to be replaced by it.
 */
export type Resync<L extends string, T> = { readonly type: 'resync' } & { readonly [P in L]: readonly T[] };

/** What is subscribed to: the groups, how a message becomes an update, and how everything is listed. */
export interface Topic<U, T> {
  /** The function that subscribes: `'linkSubscribe'`. */
  readonly name: string;
  readonly groups: readonly number[];
  /** Groups that only newer kernels have. */
  readonly newerGroups?: readonly number[];
  /** The update that a message means; `undefined` for one that is about something else. */
  read(bytes: MessageBytes, start: number, end: number, type: number, flags: number): U | undefined;
  /** Whether a message means that objects may have gone without a notification. */
  takesAway?(bytes: MessageBytes, start: number, end: number, type: number): boolean;
  list(netlink: Netlink): Promise<T[]>;
  existing(object: T): U;
  resync(objects: T[]): U;
}

/** Messages of which no list can be made: what was lost cannot be found again. */
export interface MessageTopic<U> {
  /** The function that subscribes: `'rawSubscribe'`. */
  readonly name: string;
  /** Opens what tells of them, in the namespace that the calling thread is in. */
  open(bufferSize: number, events: Events): Monitor;
  read(bytes: MessageBytes, start: number, end: number, type: number, flags: number, group: number): U | undefined;
  /** What tells the reader that messages were lost. */
  lost(): U;
}

/** As a monitor tells them, with the group that they were sent to where each has a monitor of its own. */
interface Events extends MonitorEvents {
  message(bytes: MessageBytes, start: number, end: number, type: number, flags: number, group?: number): void;
}

const PROPERTIES = propertiesOf<SubscribeOptions>(
  { namespace: 'set', signal: 'set', listExisting: 'set', bufferSize: 'set' },
  { netns: 'namespace', ns: 'namespace', existing: 'listExisting', abort: 'signal' },
);

/** How long further losses are waited for before everything is listed anew. */
const RELIST_DELAY_MS = 20;

const BUFFER_SIZE = 4 * 1024 * 1024;
/** How many updates may wait here before reading stops and they wait in the socket. */
const HIGH_WATER = 1024;
const LOW_WATER = 256;

/**
 * Updates as they come, in order. It begins when it is made, not when the loop begins. Ending the loop, `close` and
 * the signal free its file descriptor; while nothing happens it costs neither a thread nor time.
 */
export class Subscription<U> implements AsyncIterableIterator<U> {
  readonly #topic: Topic<U, unknown> | MessageTopic<U>;
  readonly #bufferSize: number;
  readonly #namespace: HeldNamespace;
  readonly #openNetlink: (namespace: NamespaceRef) => Netlink;
  readonly #signal: AbortSignal | undefined;
  readonly #abort = (): void => this.close();
  #monitor: Monitor | undefined;
  /** Updates that wait for the reader. */
  #ready: U[] = [];
  #taken = 0;
  /** Updates that came while everything is being listed: they follow the list. */
  #later: U[] | undefined;
  #relist: NodeJS.Timeout | undefined;
  #paused = false;
  #closed = false;
  #error: { readonly reason: unknown } | undefined;
  #waiting: { resolve(result: IteratorResult<U, undefined>): void; reject(reason: unknown): void }[] = [];

  /** @internal use `linkSubscribe` and its siblings */
  constructor(
    topic: Topic<U, unknown> | MessageTopic<U>,
    options: SubscribeOptions,
    openNetlink: (namespace: NamespaceRef) => Netlink,
  ) {
    checkProperties(options, topic.name, PROPERTIES);
    checkBoolean('listExisting', options.listExisting);
    if (options.signal !== undefined && typeof options.signal?.addEventListener !== 'function')
      throw mustBe('signal', 'an AbortSignal', options.signal);
    checkInteger('bufferSize', options.bufferSize, 1, 0x7fffffff);
    this.#topic = topic;
    this.#bufferSize = options.bufferSize ?? BUFFER_SIZE;
    this.#openNetlink = openNetlink;
    this.#signal = options.signal;
    this.#namespace = holdNamespace(options.namespace ?? '');
    try {
      if (this.#signal?.aborted) this.close();
      else {
        this.#subscribe();
        this.#signal?.addEventListener('abort', this.#abort, { once: true });
        if (options.listExisting === true && 'list' in topic)
          void this.#list(topic, (objects) => objects.map((object) => topic.existing(object)));
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #subscribe(): void {
    const topic = this.#topic;
    const events: Events = {
      message: (bytes, start, end, type, flags, group = 0) => {
        if ('takesAway' in topic && topic.takesAway?.(bytes, start, end, type) === true) this.#listSoon(topic);
        const update = topic.read(bytes, start, end, type, flags, group);
        // One damaged message says nothing about the others; but what it said is lost.
        if (bytes.takeError() !== undefined) this.#resync();
        else if (update !== undefined) this.#add(update);
      },
      lost: () => this.#resync(),
    };
    this.#monitor = this.#namespace.inside(() =>
      'open' in topic
        ? topic.open(this.#bufferSize, events)
        : openMonitorSocket(topic.groups, topic.newerGroups ?? [], this.#bufferSize, events),
    );
    if (this.#paused) this.#monitor.pause();
  }

  #add(update: U): void {
    if (this.#later !== undefined) {
      this.#later.push(update);
      return;
    }
    const reader = this.#waiting.shift();
    if (reader !== undefined) {
      reader.resolve({ done: false, value: update });
      return;
    }
    this.#ready.push(update);
    if (!this.#paused && this.#ready.length - this.#taken >= HIGH_WATER) {
      this.#paused = true;
      this.#monitor?.pause();
    }
  }

  /** Lists everything anew, once for all that happens within a short time. */
  #listSoon(topic: Topic<U, unknown>): void {
    this.#relist ??= setTimeout(() => {
      this.#relist = undefined;
      if (this.#closed) return;
      if (this.#later !== undefined) this.#listSoon(topic);
      else void this.#list(topic, (objects) => [topic.resync(objects)]);
    }, RELIST_DELAY_MS);
  }

  /** Starts anew: first the subscription, then the list, so that nothing falls between the two. */
  #resync(): void {
    if (this.#closed) return;
    this.#monitor?.close();
    this.#paused = false;
    this.#later = undefined;
    try {
      this.#subscribe();
    } catch (error) {
      this.#fail(error);
      return;
    }
    const topic = this.#topic;
    if ('list' in topic) void this.#list(topic, (objects) => [topic.resync(objects)]);
    else this.#add(topic.lost());
  }

  async #list(topic: Topic<U, unknown>, updatesOf: (objects: unknown[]) => U[]): Promise<void> {
    const later: U[] = [];
    this.#later = later;
    try {
      const netlink = this.#openNetlink(this.#namespace.reference);
      let objects: unknown[];
      try {
        objects = await topic.list(netlink);
      } finally {
        netlink.close();
      }
      // Another resync has begun meanwhile: its list is the one that counts.
      if (this.#closed || this.#later !== later) return;
      this.#later = undefined;
      for (const update of updatesOf(objects)) this.#add(update);
      for (const update of later) this.#add(update);
    } catch (error) {
      if (this.#later === later) this.#fail(error);
    }
  }

  #fail(reason: unknown): void {
    if (this.#closed) return;
    const reader = this.#waiting.shift();
    if (reader !== undefined) reader.reject(reason);
    else this.#error = { reason };
    this.close();
  }

  next(): Promise<IteratorResult<U, undefined>> {
    if (this.#taken < this.#ready.length) {
      const value = this.#ready[this.#taken] as U;
      this.#taken += 1;
      if (this.#taken === this.#ready.length || this.#taken >= HIGH_WATER) {
        this.#ready = this.#ready.slice(this.#taken);
        this.#taken = 0;
      }
      if (this.#paused && this.#ready.length - this.#taken <= LOW_WATER && !this.#closed) {
        this.#paused = false;
        this.#monitor?.resume();
      }
      return Promise.resolve({ done: false, value });
    }
    if (this.#error !== undefined) {
      const { reason } = this.#error;
      this.#error = undefined;
      return Promise.reject(reason);
    }
    if (this.#closed) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<U, undefined>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Ends the subscription. Updates that have not been read are dropped. May be called twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#relist);
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#monitor?.close();
    this.#namespace.close();
    this.#ready = [];
    this.#taken = 0;
    for (const { resolve } of this.#waiting.splice(0)) resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}
