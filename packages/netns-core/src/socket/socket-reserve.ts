import { type Stats, statSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { runInNamespace } from '../hop/hop.js';
import { namedChanges, threadSys } from '../hop/thread.js';
import { namespaceFile } from '../namespace/reference.js';
import { type Syscalls, sys } from '../sys/index.js';
import {
  bindToInterface,
  checkOpenSocketOptions,
  makeSocket,
  type OpenSocketOptions,
  setSocketOptions,
  socketError,
} from './open-socket.js';

/** How long sockets are kept that nobody has asked for, in milliseconds: they hold their namespace alive. */
const KEPT = 20;
/** Sockets that are asked for this soon after the last ones were made are made in numbers, in milliseconds. */
const SOON = 10;
/**
 * For how long what the last look at the reference's file told is true, in milliseconds: less than it takes to run a
 * program that replaces a namespace and to hear of its end. This thread's own changes are noticed at once.
 */
const LOOK_AGE = 1;
/** The most that are made in one hop. */
const MOST = 8;
/** The most that are kept in the process: they come out of everybody's table of file descriptors. */
const MOST_KEPT = 64;

let kept = 0;

/**
 * Makes the sockets of one namespace for somebody who may need many: an agent, a resolver. It answers with what
 * `openSocket` would have, but when sockets are asked for quickly one after another, it makes the next few in the same
 * hop, up to seven, neither bound nor connected, and keeps them for 20 ms at most.
 *
 * A socket that was made ahead is given away only if the reference still means the namespace that it was made in. That
 * is certain, but for a millisecond: the socket keeps that namespace alive and with it the inode of its file, so a file
 * with this device and inode is that namespace and no successor.
 *
 * Nothing is made ahead in worker threads, where nothing would close it when the thread is terminated, nor for
 * references that do not go by a file.
 */
export class SocketReserve {
  readonly #options: ReserveOptions;
  readonly #file: string | undefined;
  readonly #shelves: Shelf[] = [];

  constructor(options: ReserveOptions) {
    this.#options = options;
    this.#file = isMainThread ? namespaceFile(options.namespace ?? '') : undefined;
  }

  /**
   * Makes a socket.
   *
   * @param since the socket is to be one of a namespace that the reference has meant after this time
   *   (`performance.now()`), for callers who have looked at it themselves then
   * @returns a non-blocking, close-on-exec file descriptor, which the caller owns
   * @throws as `openSocket`, and what `prepare` throws; no file descriptor stays open then
   */
  open(family: OpenSocketOptions['family'], type: OpenSocketOptions['type'], since = 0): number {
    let shelf = this.#shelves.find((one) => one.options.family === family && one.options.type === type);
    if (shelf === undefined) {
      shelf = new Shelf({ ...this.#options, family, type }, this.#file);
      this.#shelves.push(shelf);
    }
    return shelf.open(since);
  }
}

/** What {@link SocketReserve} makes. */
export interface ReserveOptions extends Omit<OpenSocketOptions, 'family' | 'type'> {
  /** Sets what else is wanted of each socket. */
  prepare?: ((fd: number) => void) | undefined;
}

/** The sockets of one kind. */
class Shelf {
  readonly options: ReserveOptions & OpenSocketOptions;
  readonly #file: string | undefined;
  readonly #fds: number[] = [];
  /** The namespace that they are in. */
  #namespace: Stats | undefined;
  /** When that was looked at, and what {@link namedChanges} said then. */
  #looked = Number.NEGATIVE_INFINITY;
  #changes = 0;
  /** When the last ones were made, and how many were wanted. */
  #made = Number.NEGATIVE_INFINITY;
  #wanted = 1;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ReserveOptions & OpenSocketOptions, file: string | undefined) {
    checkOpenSocketOptions(options);
    this.options = options;
    this.#file = file;
  }

  open(since: number): number {
    const calls = threadSys();
    if (this.#fds.length === 0 || !this.#isStillMeant(since)) this.#make(calls);
    const fd = this.#fds.pop() as number;
    kept -= 1;
    try {
      // Not ahead: an interface that is made again under its name is another one.
      bindToInterface(calls, fd, this.options);
      return fd;
    } catch (error) {
      calls.close(fd);
      throw error;
    }
  }

  #isStillMeant(since: number): boolean {
    const now = performance.now();
    const changes = namedChanges();
    if (this.#looked > Math.max(since, now - LOOK_AGE) && changes === this.#changes) return true;
    if (!isSameFile(this.#namespace, look(this.#file))) return false;
    this.#looked = now;
    this.#changes = changes;
    return true;
  }

  /** Makes one at least. */
  #make(calls: Syscalls): void {
    this.#discard();
    const now = performance.now();
    this.#wanted = this.#file !== undefined && now - this.#made < SOON ? Math.min(this.#wanted * 2, MOST) : 1;
    this.#made = now;
    try {
      runInNamespace(this.options.namespace ?? '', () => {
        this.#makeOne(calls);
        if (this.#wanted > 1) this.#makeAhead(calls);
      });
      for (const fd of this.#fds) {
        setSocketOptions(calls, fd, this.options);
        this.options.prepare?.(fd);
      }
    } catch (error) {
      this.#discard();
      throw error;
    }
  }

  #makeOne(calls: Syscalls): void {
    const fd = makeSocket(calls, this.options);
    if (fd < 0) throw socketError(fd, this.options);
    this.#fds.push(fd);
    kept += 1;
  }

  #makeAhead(calls: Syscalls): void {
    this.#namespace = look('/proc/thread-self/ns/net');
    this.#looked = Number.NEGATIVE_INFINITY;
    // A name that is found elsewhere (`/var/run/netns`), or means something else by now.
    if (!this.#isStillMeant(0)) return;
    try {
      while (this.#fds.length < this.#wanted && kept < MOST_KEPT) this.#makeOne(calls);
    } catch {
      // There is one.
    }
    this.#timer = setTimeout(() => this.#discard(), KEPT).unref();
  }

  #discard(): void {
    // Not kept for the next ones: it holds the asynchronous context of whoever asked for these.
    clearTimeout(this.#timer);
    this.#timer = undefined;
    kept -= this.#fds.length;
    for (const fd of this.#fds.splice(0)) sys().close(fd);
  }
}

function look(file: string | undefined): Stats | undefined {
  try {
    return file === undefined ? undefined : statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function isSameFile(one: Stats | undefined, other: Stats | undefined): boolean {
  return one !== undefined && other !== undefined && one.ino === other.ino && one.dev === other.dev;
}
