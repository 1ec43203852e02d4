import { AsyncResource } from 'node:async_hooks';
import { isMainThread } from 'node:worker_threads';
import { checkFunction, checkKnownOptions, checkOptionsObject } from '../checks/index.js';
import { type Maker, makeInNamespace } from '../hop/hop.js';
import { identityHere, type ReferenceIdentity, referenceIdentity } from '../namespace/reference-identity.js';
import { type Syscalls, sys } from '../sys/index.js';
import { threadSys } from '../thread/thread.js';
import { hopSource } from './hop-source.js';
import { openSocket } from './open-socket.js';
import { SocketBatch } from './socket-batch.js';
import { checkOpenSocketOptions, makeSocket, type OpenSocketOptions, socketMaker } from './socket-maker.js';
import { checkSocketOptions, SOCKET_OPTION_NAMES, SOCKET_OPTION_SYNONYMS } from './socket-options.js';
import { socketSource } from './socket-source.js';
import type { SocketSource } from './source-types.js';

/** How long a socket that is not asked for is kept, in milliseconds: they hold their namespace alive. */
const KEPT_MS = 20;
/** Sockets that are asked for this soon after the last ones were made are made in numbers, in milliseconds. */
const SOON_MS = 10;
/** The most that are made in one hop. */
const MAX_PER_HOP = 8;
/** The most that are kept in the process: they take file descriptors of the whole process. */
const MAX_KEPT = 64;

let kept = 0;
const holding = new Set<SpareSockets>();
let sweeping = false;
// Not that of the request that happens to be the first, which a timer would keep in memory.
const context = new AsyncResource('netns-core:socket-reserve');

/**
 * Soon closes the sockets that are not asked for by then. The timer is made when the turn of the event loop ends: where V8 may end
 * a script, Node's lists of timers must not be worked on.
 */
function sweepSoon(): void {
  if (sweeping) return;
  process.nextTick(startSweeper);
  sweeping = true;
}

function startSweeper(): void {
  context.runInAsyncScope(() => setTimeout(sweep, KEPT_MS).unref());
}

function sweep(): void {
  const madeBefore = performance.now() - KEPT_MS;
  for (const spares of [...holding]) spares.discard(madeBefore);
  sweeping = holding.size > 0;
  if (sweeping) startSweeper();
}

/** What {@link SocketReserve} makes. */
export interface ReserveOptions extends Omit<OpenSocketOptions, 'family' | 'type'> {
  /** Sets what else is wanted of each socket. */
  prepare?: ((fd: number) => void) | undefined;
}

/**
 * Makes sockets in one namespace for a caller that may need many, such as an agent or a resolver. Each call returns what
 * {@link openSocket} would have. But where calls follow quickly on one another, it makes the next few sockets in the
 * same hop, up to seven, neither bound nor connected, and keeps them for some 40 ms at most.
 *
 * A socket that was made ahead is given away only if a look at the reference, at the time of the call, shows that it
 * means the namespace of that socket. The socket keeps its namespace alive and with it the inode, so what has this
 * device and inode is that namespace and no successor.
 *
 * Nothing is made ahead in worker threads, where nothing would close it when the thread is terminated, and by a broker:
 * to ask it what the reference means takes as long as to ask it for a socket.
 */
export class SocketReserve {
  readonly #options: Omit<OpenSocketOptions, 'family' | 'type'>;
  readonly #prepare: ReserveOptions['prepare'];
  readonly #spares: SpareSockets[] = [];

  /** @throws InvalidOptionError */
  constructor(options: ReserveOptions = {}) {
    checkOptionsObject(options, 'SocketReserve');
    checkKnownOptions(options, {
      callee: 'SocketReserve',
      names: ['namespace', 'source', 'prepare', ...SOCKET_OPTION_NAMES],
      synonyms: SOCKET_OPTION_SYNONYMS,
    });
    checkFunction('prepare', options.prepare);
    checkSocketOptions(options);
    const { prepare, ...socketOptions } = options;
    this.#options = socketOptions;
    this.#prepare = prepare;
  }

  /**
   * Makes a socket, or takes one that was made ahead.
   *
   * @returns a non-blocking, close-on-exec file descriptor, which the caller owns
   * @throws as {@link openSocket}, and what `prepare` throws; no file descriptor stays open then
   */
  open(family: OpenSocketOptions['family'], type: OpenSocketOptions['type']): number {
    return this.#prepared(this.#sparesOf(family, type).open());
  }

  #prepared(fd: number): number {
    try {
      this.#prepare?.(fd);
      return fd;
    } catch (error) {
      sys().close(fd);
      throw error;
    }
  }

  /**
   * As {@link open}. But a broker is asked at the end of the turn of the event loop, for all sockets that are wanted by
   * then.
   *
   * @returns a promise where a broker is asked, and a file descriptor where not
   * @throws as {@link open}; where a broker is asked, the promise is rejected
   */
  openSoon(family: OpenSocketOptions['family'], type: OpenSocketOptions['type']): number | Promise<number> {
    const { namespace = '', source = socketSource() } = this.#options;
    if (namespace === '' || source.openMany === undefined) return this.open(family, type);
    return this.#sparesOf(family, type)
      .openTogether(source)
      .then((fd) => this.#prepared(fd));
  }

  #sparesOf(family: OpenSocketOptions['family'], type: OpenSocketOptions['type']): SpareSockets {
    for (const spares of this.#spares)
      if (spares.options.family === family && spares.options.type === type) return spares;
    const spares = new SpareSockets({ ...this.#options, family, type });
    this.#spares.push(spares);
    return spares;
  }
}

/** The sockets of one kind. */
class SpareSockets {
  readonly options: OpenSocketOptions;
  /**
   * What was made ahead, negative where there is none. V8 can end a function only where another one is called or a loop
   * begins again, so a descriptor is stored here and taken from here by plain assignments.
   */
  readonly #fds = new Int32Array(MAX_PER_HOP).fill(-1);
  /** The namespace that they are in; `undefined` while that is not certain. */
  #namespace: ReferenceIdentity | undefined;
  /** When the last ones were made (`performance.now()`), and how many in that hop. */
  #madeAt = Number.NEGATIVE_INFINITY;
  #wanted = 1;
  #batch: SocketBatch | undefined;

  constructor(options: OpenSocketOptions) {
    checkOpenSocketOptions(options);
    this.options = options;
  }

  open(): number {
    const calls = threadSys();
    if ((this.options.source ?? socketSource()) !== hopSource) return this.#openElsewhere();
    const slot = holding.has(this) ? this.#fds.findIndex(isOpen) : -1;
    if (slot < 0 || !this.#isStillMeant()) {
      this.discard();
      return this.#make();
    }
    try {
      // It stays here while V8 may end this function.
      socketMaker.finish(calls, this.#fds[slot] ?? -1, this.options);
    } catch (error) {
      this.discard();
      throw error;
    }
    const fd = this.#fds[slot] ?? -1;
    this.#fds[slot] = -1;
    kept -= 1;
    return fd;
  }

  openTogether(source: SocketSource): Promise<number> {
    this.discard();
    this.#batch ??= new SocketBatch(this.options);
    return this.#batch.open(source);
  }

  /** What was made ahead by hops is not that of another source. */
  #openElsewhere(): number {
    this.discard();
    return openSocket(this.options);
  }

  #isStillMeant(): boolean {
    const made = this.#namespace;
    if (made === undefined) return false;
    try {
      const meant = referenceIdentity(this.options.namespace ?? '');
      return meant !== undefined && meant.ino === made.ino && meant.dev === made.dev;
    } catch {
      // The hop will say what is wrong.
      return false;
    }
  }

  #make(): number {
    const now = performance.now();
    this.#wanted = now - this.#madeAt < SOON_MS ? Math.min(this.#wanted * 2, MAX_PER_HOP) : 1;
    this.#madeAt = now;
    const { namespace = '' } = this.options;
    if (this.#wanted === 1 || namespace === '' || !isMainThread || kept >= MAX_KEPT) return openSocket(this.options);
    // First: what is made is closed by it, whatever happens.
    holding.add(this);
    sweepSoon();
    return makeInNamespace(namespace, this.#maker, this.options);
  }

  readonly #maker: Maker<OpenSocketOptions> = {
    make: (calls) => {
      this.#namespace = undefined;
      this.#fill(calls);
      const fd = this.#fds[0] ?? -1;
      this.#fds[0] = -1;
      return fd;
    },
    finish: socketMaker.finish,
    error: socketMaker.error,
  };

  /** In the namespace. The first socket is the caller's; where there is no room for more, there are no more. */
  #fill(calls: Syscalls): void {
    const fds = this.#fds;
    for (let slot = 0; slot < this.#wanted; slot += 1) {
      fds[slot] = makeSocket(calls, this.options);
      if ((fds[slot] ?? -1) < 0) break;
      if (slot > 0) kept += 1;
      if (kept >= MAX_KEPT) break;
    }
    try {
      this.#namespace = identityHere(calls);
    } catch {
      // Without /proc it is not certain which namespace they are in: they will go unused.
    }
  }

  /** @param madeBefore only if they were made before that time */
  discard(madeBefore = Number.POSITIVE_INFINITY): void {
    if (!holding.has(this) || this.#madeAt >= madeBefore) return;
    this.#namespace = undefined;
    const calls = sys();
    for (let slot = 0; slot < this.#fds.length; slot += 1) {
      const fd = this.#fds[slot] ?? -1;
      if (fd < 0) continue;
      calls.close(fd);
      this.#fds[slot] = -1;
      kept -= 1;
    }
    holding.delete(this);
  }
}

const isOpen = (fd: number): boolean => fd >= 0;
