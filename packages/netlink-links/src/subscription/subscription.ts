import type { NamespaceRef, SocketSource, SourceWatch } from 'netns-core';
import { checkBoolean, checkInteger, checkSocketSource } from 'netns-core/checks';
import { checkProperties, mustBe, propertiesOf } from '../message/checks.js';
import type { MessageBytes } from '../message/message-bytes.js';
import { type Netlink, openNetlinkIn } from '../netlink/netlink.js';
import { type HeldNamespace, holdNamespace } from '../socket/held-namespace.js';
import { type Monitor, type MonitorEvents, openMonitorSocket } from '../socket/monitor-socket.js';
import type { MakeSocket } from '../socket/socket.js';
import { NETLINK_ROUTE } from '../uapi/netlink.js';

/** What a subscription can be told. */
export interface SubscribeOptions {
  /** Whose changes; by default those of the namespace that the calling thread is in. */
  namespace?: NamespaceRef | undefined;
  /**
   * What makes its sockets: `hopSource`, or what `connectBroker` of netns-core returned.
   *
   * @default the source of the process, see `useSocketSource`; for a handle `hopSource`
   */
  source?: SocketSource | undefined;
  /** Ends the subscription; a loop over it ends as if there were no more updates. */
  signal?: AbortSignal | undefined;
  /** Begin with an update of type `existing` for everything that is there. */
  listExisting?: boolean | undefined;
  /**
   * Also hear of the namespaces that have an identifier in this one (`nsidSet`): their updates have it as `nsid`. `existing`
   * and `resync` are of this one only. It takes `CAP_NET_BROADCAST` in the namespace, and in the others.
   *
   * @default false
   */
  allNamespaces?: boolean | undefined;
  /** Room for notifications that wait to be read, in bytes, as far as the system allows it; 4 MiB. */
  bufferSize?: number | undefined;
}

/** Whose update it is. */
export interface FromNamespace {
  /** The identifier of the namespace that it comes from, with `allNamespaces`; absent where it is that of the subscription. */
  readonly nsid?: number;
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
   * What `new` means, where the kernel says it: of links and filters `added` and `changed`, of routes `added`, `replaced`
   * and `appended`, of nexthop objects and routes of MPLS `added` and `replaced`, of queueing disciplines `replaced`, of
   * chains `added`.
   */
  readonly change?: 'added' | 'changed' | 'replaced' | 'appended';
  /** The type (`RTM_…`) and the flags (`NLM_F_…`) of the kernel's message; absent for `existing`. */
  readonly message?: { readonly type: number; readonly flags: number };
} & FromNamespace & { readonly [P in K]: T };

/**
 * Notifications were lost, since they came faster than they were read, or something happened that makes, changes or takes
 * away objects without a notification (IPv4 routes go with their link, address or nexthop object, classes with their
 * queueing discipline). This is everything there is now, complete: a view is to be replaced by it.
 */
export type Resync<L extends string, T> = { readonly type: 'resync' } & { readonly [P in L]: readonly T[] };

/** What is subscribed to: the groups, how a message becomes an update, and how everything is listed. */
export interface Topic<U, T> {
  /** The function that subscribes: `'linkSubscribe'`. */
  readonly name: string;
  readonly groups: readonly number[];
  /** Groups that only newer kernels have. */
  readonly newerGroups?: readonly number[];
  /** The update that a message means, or several; `undefined` for one that is about something else. */
  read(bytes: MessageBytes, start: number, end: number, type: number, flags: number): U | readonly U[] | undefined;
  /** Whether a message means that objects may have come, changed or gone without a notification. Called before `read`. */
  hasSilentEffects?(bytes: MessageBytes, start: number, end: number, type: number, flags: number): boolean;
  /** Whether a list is still needed for what `hasSilentEffects` told of: messages that came afterwards may have said it. */
  isListNeeded?(): boolean;
  /** Takes note of a list. Messages that came while it was made follow. */
  listed?(objects: readonly T[]): void;
  list(netlink: Netlink): Promise<T[]>;
  existing(object: T): U;
  resync(objects: T[]): U;
}

/** Messages of which no list can be made: what was lost cannot be found again. */
export interface MessageTopic<U> {
  /** The function that subscribes: `'rawSubscribe'`. */
  readonly name: string;
  /** Opens what tells of them, on sockets of the namespace. */
  open(makeSocket: MakeSocket, bufferSize: number, events: Events, allNamespaces: boolean): Monitor;
  read(bytes: MessageBytes, start: number, end: number, type: number, flags: number, group: number): U | undefined;
  /** What tells the reader that messages were lost. */
  lost(): U;
}

/** As a monitor tells them, with the group that they were sent to where each has a monitor of its own. */
interface Events extends MonitorEvents {
  message(
    bytes: MessageBytes,
    start: number,
    end: number,
    type: number,
    flags: number,
    nsid: number | undefined,
    group?: number,
  ): void;
}

const OF_ONE_NAMESPACE = {
  namespace: 'set',
  source: 'set',
  signal: 'set',
  listExisting: 'set',
  bufferSize: 'set',
} as const;
const SYNONYMS = {
  netns: 'namespace',
  ns: 'namespace',
  broker: 'source',
  existing: 'listExisting',
  abort: 'signal',
};

/** What a subscription to something that only the namespace itself has can be told. */
export const PROPERTIES_OF_ONE_NAMESPACE = propertiesOf<Omit<SubscribeOptions, 'allNamespaces'>>(
  OF_ONE_NAMESPACE,
  SYNONYMS,
);

const PROPERTIES = propertiesOf<SubscribeOptions>(
  { ...OF_ONE_NAMESPACE, allNamespaces: 'set' },
  { ...SYNONYMS, 'all-nsid': 'allNamespaces' },
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
  readonly #makeTopic: (nsid?: number) => Topic<U, unknown> | MessageTopic<U>;
  /** What is known of the objects of other namespaces, by their identifiers. */
  readonly #others = new Map<number, Topic<U, unknown>>();
  readonly #bufferSize: number;
  readonly #allNamespaces: boolean;
  readonly #namespace: HeldNamespace;
  readonly #signal: AbortSignal | undefined;
  readonly #abort = (): void => this.close();
  #monitor: Monitor | undefined;
  /** Tells that the namespace can be listed no more. */
  #watch: SourceWatch | undefined;
  /** Updates that wait for the reader. */
  #ready: U[] = [];
  #taken = 0;
  /** Messages that came while everything is being listed: they are read after the list. */
  #later: (() => void)[] | undefined;
  #relist: NodeJS.Timeout | undefined;
  #paused = false;
  #closed = false;
  #error: { readonly reason: unknown } | undefined;
  #waiting: { resolve(result: IteratorResult<U, undefined>): void; reject(reason: unknown): void }[] = [];

  /**
   * @internal use `linkSubscribe` and its siblings
   * @param makeTopic is called once for each namespace, with the identifier of one that is not that of the subscription
   */
  constructor(makeTopic: (nsid?: number) => Topic<U, unknown> | MessageTopic<U>, options: SubscribeOptions) {
    const topic = makeTopic();
    checkProperties(options, topic.name, PROPERTIES);
    if (options.source !== undefined) checkSocketSource('source', options.source);
    checkBoolean('listExisting', options.listExisting);
    checkBoolean('allNamespaces', options.allNamespaces);
    if (options.signal !== undefined && typeof options.signal?.addEventListener !== 'function')
      throw mustBe('signal', 'an AbortSignal', options.signal);
    checkInteger('bufferSize', options.bufferSize, 1, 0x7fffffff);
    this.#topic = topic;
    this.#makeTopic = makeTopic;
    this.#allNamespaces = options.allNamespaces ?? false;
    this.#bufferSize = options.bufferSize ?? BUFFER_SIZE;
    this.#signal = options.signal;
    this.#namespace = holdNamespace(options.namespace ?? '', options.source);
    try {
      if (this.#signal?.aborted) this.close();
      else {
        this.#subscribe();
        this.#watch = this.#namespace.watch((error) => this.#fail(error));
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
      message: (...message) => {
        if (this.#later === undefined) this.#read(...message);
        else this.#later.push(() => this.#read(...message));
      },
      lost: () => this.#resync(),
    };
    const { makeSocket } = this.#namespace;
    const bufferSize = this.#bufferSize;
    const allNamespaces = this.#allNamespaces;
    this.#monitor =
      'open' in topic
        ? topic.open(makeSocket, bufferSize, events, allNamespaces)
        : openMonitorSocket(
            makeSocket(NETLINK_ROUTE),
            { groups: topic.groups, newerGroups: topic.newerGroups, bufferSize, allNamespaces },
            events,
          );
    if (this.#paused) this.#monitor.pause();
  }

  #read(
    bytes: MessageBytes,
    start: number,
    end: number,
    type: number,
    flags: number,
    nsid: number | undefined,
    group = 0,
  ): void {
    const topic = this.#topicOf(nsid);
    let read: U | readonly U[] | undefined;
    if ('list' in topic) {
      const hasSilentEffects = topic.hasSilentEffects?.(bytes, start, end, type, flags) === true;
      // Other namespaces cannot be listed.
      if (hasSilentEffects && nsid === undefined) this.#listSoon(topic);
      read = topic.read(bytes, start, end, type, flags);
    } else read = topic.read(bytes, start, end, type, flags, group);
    // One damaged message says nothing about the others; but what it said is lost.
    if (bytes.takeError() !== undefined) this.#resync();
    else if (read !== undefined)
      for (const update of Array.isArray(read) ? (read as readonly U[]) : [read as U])
        this.#add(nsid === undefined ? update : { ...update, nsid });
  }

  #topicOf(nsid: number | undefined): Topic<U, unknown> | MessageTopic<U> {
    if (nsid === undefined || 'open' in this.#topic) return this.#topic;
    const known = this.#others.get(nsid);
    if (known !== undefined) return known;
    const made = this.#makeTopic(nsid) as Topic<U, unknown>;
    this.#others.set(nsid, made);
    return made;
  }

  #add(update: U): void {
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
      if (this.#closed || topic.isListNeeded?.() === false) return;
      if (this.#later !== undefined) this.#listSoon(topic);
      else void this.#list(topic, (objects) => [topic.resync(objects)]);
    }, RELIST_DELAY_MS);
  }

  /** Starts anew: first the subscription, then the list, so that nothing falls between the two. */
  #resync(): void {
    if (this.#closed) return;
    this.#monitor?.close();
    this.#others.clear();
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
    const later: (() => void)[] = [];
    this.#later = later;
    try {
      const netlink = openNetlinkIn(this.#namespace);
      let objects: unknown[];
      try {
        objects = await topic.list(netlink);
      } finally {
        netlink.close();
      }
      // Another resync has begun meanwhile: its list is the one that counts.
      if (this.#closed || this.#later !== later) return;
      this.#later = undefined;
      topic.listed?.(objects);
      for (const update of updatesOf(objects)) this.#add(update);
      for (const read of later) {
        // One of them was damaged: another list is being made.
        if (this.#later !== undefined || this.#closed) break;
        read();
      }
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
    this.#watch?.close();
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
