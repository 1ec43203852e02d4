import { AsyncResource } from 'node:async_hooks';
import { connect, type Socket } from 'node:net';
import { BROKER_PROTOCOL } from './broker-protocol.js';
import type { SourceWatch } from './source-types.js';

/** How long after a lost connection the next one is tried, in milliseconds. */
const RECONNECT_MS = 100;
/** How long it may be at most, for clients that a broker has refused again and again. */
const MAX_RECONNECT_MS = 5000;
/** How long the connection stays without anything to watch, in milliseconds: connections to servers come and go. */
const LINGER_MS = 2000;

// Not that of the request that happens to be the first, which a connection would keep in memory.
const context = new AsyncResource('netns-core:broker-watch');

/**
 * Names that a broker watches for this process, on a connection of its own that the event loop reads. When it is lost
 * it is made again, and each listener is called once then, since changes may have been missed.
 */
export class BrokerWatch {
  readonly #path: string;
  readonly #listeners = new Map<string, Set<() => void>>();
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** The names for which the broker has replied on this connection. */
  readonly #live = new Set<string>();
  #partial = '';
  /** How many connections in turn the broker has ended without a reply about a name. */
  #refusals = 0;
  /** When the next connection may be made after such a one (`performance.now()`). */
  #retryAt = 0;

  constructor(socketPath: string) {
    this.#path = socketPath;
  }

  add(name: string, changed: () => void): SourceWatch {
    // An entry of its own, also for a listener that is passed twice.
    const entry = (): void => changed();
    const listeners = this.#listeners.get(name) ?? new Set();
    listeners.add(entry);
    if (!this.#listeners.has(name)) {
      this.#listeners.set(name, listeners);
      this.#ask(name);
    }
    this.#start();
    const live = this.#live;
    const close = (): void => {
      if (!listeners.delete(entry) || listeners.size > 0) return;
      // The name stays watched by the broker for as long as the connection lives.
      this.#listeners.delete(name);
      if (this.#listeners.size === 0) this.#after(LINGER_MS, () => this.close());
    };
    return {
      get live() {
        return live.has(name);
      },
      close,
    };
  }

  /** Closes the connection. It is made again with the next name. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#live.clear();
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }

  #after(delay: number, run: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = context.runInAsyncScope(() => setTimeout(run, delay).unref());
  }

  #start(): void {
    const wait = this.#socket === undefined ? this.#retryAt - performance.now() : 0;
    if (wait > 0) {
      this.#after(wait, () => this.#start());
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#socket === undefined) context.runInAsyncScope(() => this.#connect());
  }

  #connect(): void {
    const socket = connect(this.#path);
    socket.unref();
    socket.setEncoding('utf8');
    let connected = false;
    this.#socket = socket;
    this.#partial = '';
    socket.on('connect', () => {
      connected = true;
      for (const name of this.#listeners.keys()) this.#ask(name);
    });
    socket.on('data', (text: string) => this.#read(text));
    // 'close' follows.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      const delay = Math.min(RECONNECT_MS * 2 ** this.#refusals, MAX_RECONNECT_MS);
      if (connected && this.#live.size === 0) {
        this.#refusals += 1;
        this.#retryAt = performance.now() + delay;
      }
      this.close();
      if (this.#listeners.size > 0) this.#after(delay, () => this.#start());
    });
  }

  #ask(name: string): void {
    if (this.#socket === undefined || this.#socket.connecting) return;
    this.#socket.write(`${JSON.stringify({ version: BROKER_PROTOCOL, request: 'watch', namespace: name })}\n`);
  }

  #read(text: string): void {
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() ?? '';
    for (const line of lines) {
      const name = watchedName(line);
      // Denied, or another version: the caller looks itself, and is told what is wrong.
      if (name === undefined) continue;
      this.#live.add(name);
      this.#refusals = 0;
      for (const listener of [...(this.#listeners.get(name) ?? [])]) listener();
    }
  }
}

function watchedName(line: string): string | undefined {
  try {
    const { version, namespace } = JSON.parse(line) as Record<string, unknown>;
    return version === BROKER_PROTOCOL && typeof namespace === 'string' ? namespace : undefined;
  } catch {
    return undefined;
  }
}
