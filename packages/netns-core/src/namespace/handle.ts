import { shown } from '../checks/escaped.js';
import { ClosedHandleError, InvalidOptionError, NetnsError } from '../errors.js';
import { F_DUPFD_CLOEXEC, type FileIdentity, sys } from '../sys/index.js';
import { closeRecorded, type FdRecord, recordFd, threadSlots } from '../sys/thread-descriptors.js';

/** Recognises handles of every copy of this package. */
const BRAND = Symbol.for('netns-core.handle');

/**
 * An open network namespace: a file descriptor that its owner closes. While it is open the namespace stays alive,
 * also without a name and without a process in it. A handle that is made in a worker thread is closed when that thread
 * ends.
 */
export class NetnsHandle implements Disposable {
  #fd: number;
  readonly #identity: FileIdentity | undefined;
  /** What closes it with its thread, if that is a worker. */
  readonly #record: FdRecord | undefined;

  /**
   * @internal Use `get`, `getFromName` and the rest, or `resolveNamespace`.
   * @param fd an open namespace, which belongs to the handle from here on; -1 for none
   * @param identity what `fstat` said of it, `undefined` if it could not be examined
   */
  constructor(fd: number, identity: FileIdentity | undefined) {
    this.#fd = fd;
    this.#identity = identity;
    this.#record = recordFd(fd, identity);
    Object.defineProperty(this, BRAND, { value: true });
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value;
  }

  /** The file descriptor; -1 once the handle is closed. 0 is a valid one. */
  get fd(): number {
    return this.#fd;
  }

  /** The device of the namespace's file; 0n for a handle on nothing. */
  get dev(): bigint {
    return this.#identity?.dev ?? 0n;
  }

  /** The inode of the namespace's file, the number in `net:[4026531840]`. The kernel reuses it after the namespace is gone. */
  get ino(): bigint {
    return this.#identity?.ino ?? 0n;
  }

  isOpen(): boolean {
    return this.#fd !== -1;
  }

  /** Closes the file descriptor. Closing twice is harmless. */
  close(): void {
    if (this.#fd === -1) return;
    // On Linux a descriptor is gone after close(2), whatever it returns.
    closeRecorded(this.#fd, this.#record);
    this.#fd = -1;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * A second handle on the same namespace, with a file descriptor of its own.
   *
   * @throws ClosedHandleError, or NetnsError when the process has no file descriptor left
   */
  dup(): NetnsHandle {
    const calls = sys();
    const fd = openFd(this);
    duplicate ??= threadSlots(1);
    duplicate[0] = calls.fcntl(fd, F_DUPFD_CLOEXEC, 0);
    const copy = duplicate[0];
    if (copy < 0) throw NetnsError.fromErrno(-copy, 'fcntl', `cannot duplicate ${this}`);
    const handle = wrapFd(copy, this.#identity);
    duplicate[0] = -1;
    return handle;
  }

  /** Whether both are open on the same namespace, or both closed. */
  equals(other: NetnsHandle): boolean {
    if (!(other instanceof NetnsHandle))
      throw new InvalidOptionError('other', `a NetnsHandle is expected, got ${shown(other)}`);
    if (this.fd === other.fd) return true;
    if (!this.isOpen() || !other.isOpen()) return false;
    return this.ino !== 0n && this.dev === other.dev && this.ino === other.ino;
  }

  /** `'NS(dev:ino)'`, `'NS(none)'` for a closed handle, `'NS(unknown)'` for one that could not be examined. */
  uniqueId(): string {
    if (!this.isOpen()) return 'NS(none)';
    if (this.#identity === undefined) return 'NS(unknown)';
    return `NS(${this.dev}:${this.ino})`;
  }

  /** `'NS(fd: dev, ino)'`, `'NS(none)'` for a closed handle, `'NS(fd: unknown)'` for one that could not be examined. */
  toString(): string {
    if (!this.isOpen()) return 'NS(none)';
    if (this.#identity === undefined) return `NS(${this.#fd}: unknown)`;
    return `NS(${this.#fd}: ${this.dev}, ${this.ino})`;
  }
}

/** Holds the descriptor of a copy until its handle is made. */
let duplicate: Int32Array | undefined;

// Apart from the class, since bundlers rename a class that mentions itself.
function wrapFd(fd: number, identity: FileIdentity | undefined): NetnsHandle {
  return new NetnsHandle(fd, identity);
}

/** A handle on nothing, closed from the start. Works on every platform. */
export function none(): NetnsHandle {
  return new NetnsHandle(-1, undefined);
}

/**
 * The file descriptor of a handle that must be open.
 *
 * @throws ClosedHandleError
 */
export function openFd(handle: NetnsHandle): number {
  if (handle.fd === -1)
    throw new ClosedHandleError('the namespace handle is closed: it can be used only before close()', {
      code: 'ERR_CLOSED_HANDLE',
    });
  return handle.fd;
}

/** Makes a handle of an open namespace's file descriptor, which belongs to the handle from here on. */
export function adoptFd(fd: number): NetnsHandle {
  const identity = sys().fstat(fd);
  return new NetnsHandle(fd, typeof identity === 'number' ? undefined : identity);
}
