import { InvalidOptionError } from 'netns-core';
import { onAbort, shown } from 'netns-core/checks';
import { errnoName, MAX_TIMER_MS } from 'netns-core/sys';
import { type Address, readAddress } from '../address/address.js';
import { Cancellation } from '../cancellation.js';
import { lookupIn, whenThere } from '../resolve/index.js';
import { type EchoError, type EchoReply, EchoSocket } from './echo-socket.js';
import { describeIcmpError } from './icmp.js';
import { PingError } from './ping-error.js';
import { checkPingOptions, type PingOptions, type PingSettings } from './ping-options.js';

/** What came of one request. */
export type PingReply = {
  /** Counts from 1. */
  readonly sequence: number;
  /** The address that replied, or the one that was asked. */
  readonly address: string;
} & (
  | {
      /** Milliseconds from the request to the reply. */
      readonly time: number;
      /** TTL or hop limit of the reply. */
      readonly ttl: number;
      /** Bytes of the reply, its ICMP header included. */
      readonly size: number;
      readonly error?: undefined;
    }
  | {
      readonly time?: undefined;
      readonly ttl?: undefined;
      readonly size?: undefined;
      /** Why there is no reply. */
      readonly error: PingError;
    }
);

/** What came of all requests. */
export interface PingResult {
  /** As it was given. */
  readonly host: string;
  readonly address: string;
  readonly sent: number;
  readonly received: number;
  readonly lost: number;
  /** Shortest, mean and longest time of the replies, in milliseconds; not there without a reply. */
  readonly min?: number;
  readonly avg?: number;
  readonly max?: number;
  /** In the order of the requests; the last 65,536 of them, if there were more. */
  readonly replies: readonly PingReply[];
}

/** A ping under way: a promise of its result, and its replies as they come. */
export type Ping = Promise<PingResult> & AsyncIterable<PingReply>;

/** For how many requests it is remembered what came of them. */
const MAX_REPLIES = 65_536;

/**
 * Sends ICMP echo requests from a VRF, a namespace or an interface, as `ping(8)` does: by a datagram socket where
 * `net.ipv4.ping_group_range` of the namespace allows it, otherwise by a raw one, which takes CAP_NET_RAW.
 *
 * The result is a promise, and can be iterated over while the replies come in. That there is no reply, or that a router
 * reports the host as unreachable, is a result with an `error`, not a rejection. Leaving the iteration, or the signal,
 * ends the ping and closes its socket.
 *
 * @throws (by the promise or the iteration) InvalidOptionError, InvalidNameError for bad options; NameResolutionError;
 *   NamespaceNotFoundError; NetnsError, for example `EPERM`; the signal's reason
 */
export function ping(options: PingOptions): Ping {
  const run = new PingRun();
  const result = run.start(options);
  return Object.assign(result, {
    [Symbol.asyncIterator]: (): AsyncIterator<PingReply> => {
      // The iteration tells of the failure.
      result.catch(() => undefined);
      return run.iterate();
    },
  });
}

/** Why a ping ends whose iteration is left. */
const LEFT = Symbol('left');

/** A request that has neither been answered nor failed yet. */
interface Pending {
  readonly sequence: number;
  readonly sentAt: number;
  readonly timer: NodeJS.Timeout;
}

class PingRun {
  readonly #replies: PingReply[] = [];
  /** How many of the first replies are no longer kept. */
  #forgotten = 0;
  readonly #pending = new Map<number, Pending>();
  readonly #readers = new Set<() => void>();
  readonly #cancellation = new Cancellation();
  #withdraw: () => void = () => undefined;
  #socket: EchoSocket | undefined;
  #settings: PingSettings | undefined;
  #address = '';
  #sent = 0;
  #received = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;
  #nextTimer: NodeJS.Timeout | undefined;
  #finish: () => void = () => undefined;
  #fail: (reason: unknown) => void = () => undefined;
  #ended = false;
  #failure: { readonly reason: unknown } | undefined;

  async start(options: PingOptions): Promise<PingResult> {
    let withdraw: (() => void) | undefined;
    try {
      const settings = checkPingOptions(options);
      this.#settings = settings;
      const { signal, host } = settings;
      signal?.throwIfAborted();
      if (signal !== undefined) withdraw = onAbort(signal, () => this.#cancellation.cancel(signal.reason));
      await this.#run(settings);
      return this.#result(host);
    } catch (error) {
      if (error === LEFT) return this.#result(options.host);
      this.#failure = { reason: error };
      throw error;
    } finally {
      withdraw?.();
      this.#ended = true;
      this.#close();
      this.#wakeReaders();
    }
  }

  /** The replies from the first one on, as they come. */
  iterate(): AsyncIterator<PingReply> {
    let next = 0;
    let told = false;
    return {
      next: async () => {
        for (;;) {
          next = Math.max(next, this.#forgotten);
          const value = this.#replies[next - this.#forgotten];
          if (value !== undefined) {
            next += 1;
            return { value, done: false };
          }
          if (this.#failure !== undefined && !told) {
            told = true;
            throw this.#failure.reason;
          }
          if (this.#ended) return { value: undefined, done: true };
          await new Promise<void>((resolve) => this.#readers.add(resolve));
        }
      },
      return: async () => {
        this.#cancellation.cancel(LEFT);
        return { value: undefined, done: true };
      },
    };
  }

  async #run(settings: PingSettings): Promise<void> {
    const cancellation = this.#cancellation;
    const to = await this.#addressOf(settings);
    cancellation.throwIfCancelled();
    this.#address = to.zone === undefined ? to.address : `${to.address}%${to.zone}`;
    const socket = await whenThere(settings.target, cancellation, async () => {
      cancellation.throwIfCancelled();
      return new EchoSocket(settings.target, to, {
        size: settings.size,
        ttl: settings.ttl,
        onReply: (reply) => this.#onReply(reply),
        onError: (error) => this.#onError(error),
      });
    });
    this.#socket = socket;
    await new Promise<void>((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
      this.#withdraw = cancellation.onCancel(reject);
      if (cancellation.cancelled) reject(cancellation.reason);
      else socket.ready.then(() => this.#sendNext(), reject);
    });
  }

  async #addressOf({ target, host, family }: PingSettings): Promise<Address> {
    const literal = readAddress(host);
    if (literal !== undefined) {
      if (family === 0 || literal.family === family) return literal;
      throw new InvalidOptionError(
        'family',
        `family is ${family}, and host ${shown(host)} is an IPv${literal.family} address`,
      );
    }
    const stop = new AbortController();
    const withdraw = this.#cancellation.onCancel((reason) => stop.abort(reason));
    try {
      return await new Promise((resolve, reject) => {
        lookupIn(target)(host, { family, signal: stop.signal }, (error, found) => {
          const address = typeof found === 'string' ? readAddress(found) : undefined;
          if (error !== null || address === undefined) reject(error);
          else resolve(address);
        });
      });
    } finally {
      withdraw();
    }
  }

  #result(host: string): PingResult {
    const replies = [...this.#replies].sort((one, other) => one.sequence - other.sequence);
    const times = this.#received === 0 ? {} : { min: this.#min, avg: this.#sum / this.#received, max: this.#max };
    const lost = this.#forgotten + replies.length - this.#received;
    return { host, address: this.#address, sent: this.#sent, received: this.#received, lost, ...times, replies };
  }

  #sendNext(): void {
    const settings = this.#settings;
    const socket = this.#socket;
    if (settings === undefined || socket === undefined || this.#ended) return;
    this.#sent += 1;
    const sequence = this.#sent;
    const wire = sequence & 0xffff;
    const timer = setTimeout(() => this.#onTimeout(wire), Math.min(settings.timeout, MAX_TIMER_MS));
    this.#pending.set(wire, { sequence, sentAt: performance.now(), timer });
    try {
      const result = socket.send(wire);
      if (result < 0) {
        const code = errnoName(-result);
        const message = `cannot send a request to ${this.#address} from ${settings.target.label}: ${code}`;
        this.#settleWithError(wire, message, { code, errno: result, syscall: 'send' });
      }
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (sequence < settings.count && settings.interval > 0)
      this.#nextTimer = setTimeout(() => this.#sendNext(), Math.min(settings.interval, MAX_TIMER_MS));
  }

  /** Goes on once a request is done: to the next one, or to the end. */
  #goOn(): void {
    const settings = this.#settings;
    if (settings === undefined || this.#ended || this.#pending.size > 0) return;
    if (this.#sent >= settings.count) this.#finish();
    else if (settings.interval === 0) setImmediate(() => this.#sendNext());
  }

  #onReply({ sequence: wire, address, ttl, size, age }: EchoReply): void {
    const pending = this.#pending.get(wire);
    if (pending === undefined) return;
    const time = Math.max(0, performance.now() - pending.sentAt - age);
    if (time > (this.#settings?.timeout ?? 0)) {
      this.#onLost(wire);
      return;
    }
    this.#received += 1;
    this.#sum += time;
    this.#min = Math.min(this.#min, time);
    this.#max = Math.max(this.#max, time);
    this.#settle(wire, { sequence: pending.sequence, address, time, ttl, size });
  }

  #onError({ sequence: wire, errno, reportedBy, icmp }: EchoError): void {
    const code = errnoName(errno);
    const family = this.#address.includes(':') ? 6 : 4;
    const what = icmp === undefined ? code : `${describeIcmpError(family, icmp.type, icmp.code)} (${code})`;
    const by = reportedBy === undefined ? '' : `, reported by ${reportedBy}`;
    const message = `no reply from ${this.#address} in ${this.#settings?.target.label}: ${what}${by}`;
    this.#settleWithError(wire, message, { code, errno: -errno, reportedBy, icmp });
  }

  #onTimeout(wire: number): void {
    // The event loop may have been held for longer than the reply took.
    this.#socket?.receive();
    this.#onLost(wire);
  }

  #onLost(wire: number): void {
    const { target, timeout = 0 } = this.#settings ?? {};
    const message = `no reply from ${this.#address} in ${target?.label} within ${timeout} ms (ETIMEDOUT)`;
    this.#settleWithError(wire, message, { code: 'ETIMEDOUT' });
  }

  #settleWithError(
    wire: number,
    message: string,
    details: Omit<ConstructorParameters<typeof PingError>[1], 'address' | 'sequence'>,
  ): void {
    const pending = this.#pending.get(wire);
    if (pending === undefined) return;
    const { sequence } = pending;
    const address = this.#address;
    this.#settle(wire, { sequence, address, error: new PingError(message, { ...details, address, sequence }) });
  }

  #settle(wire: number, reply: PingReply): void {
    clearTimeout(this.#pending.get(wire)?.timer);
    this.#pending.delete(wire);
    this.#replies.push(reply);
    if (this.#replies.length > MAX_REPLIES) {
      this.#replies.shift();
      this.#forgotten += 1;
    }
    this.#wakeReaders();
    this.#goOn();
  }

  #close(): void {
    clearTimeout(this.#nextTimer);
    for (const { timer } of this.#pending.values()) clearTimeout(timer);
    this.#pending.clear();
    this.#socket?.close();
    this.#withdraw();
  }

  #wakeReaders(): void {
    for (const wake of [...this.#readers]) wake();
    this.#readers.clear();
  }
}
