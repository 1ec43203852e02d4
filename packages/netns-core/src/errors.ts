import { errnoName } from './sys/errno.js';

/** Marks our errors, so that copies of this package (ESM and CommonJS, two versions) recognise each other's. */
const BRAND = Symbol.for('netns-core.error');

/** What a {@link NetnsError} carries beside its message. */
export interface NetnsErrorDetails {
  /** A kernel error's name (`'ENOENT'`) or one of ours (`'ERR_…'`). */
  code: string;
  /** The kernel's error number, positive. */
  errno?: number | undefined;
  /** The system call that failed. */
  syscall?: string | undefined;
  /** The file that it was about. */
  path?: string | undefined;
  cause?: unknown;
}

/**
 * The class of every error that these packages raise. The message names the object and says what to do; `code` is
 * for programs.
 */
export class NetnsError extends Error {
  override name = 'NetnsError';
  readonly code: string;
  readonly errno?: number;
  readonly syscall?: string;
  readonly path?: string;
  /** @internal names of the classes that this error belongs to */
  declare readonly [BRAND]: readonly string[];

  constructor(message: string, details: NetnsErrorDetails) {
    super(message, 'cause' in details && details.cause !== undefined ? { cause: details.cause } : undefined);
    this.code = details.code;
    if (details.errno !== undefined) this.errno = details.errno;
    if (details.syscall !== undefined) this.syscall = details.syscall;
    if (details.path !== undefined) this.path = details.path;
    const names: string[] = [];
    for (
      let type: unknown = new.target;
      typeof type === 'function' && type !== Error;
      type = Object.getPrototypeOf(type)
    )
      names.push(type.name);
    Object.defineProperty(this, BRAND, { value: names });
  }

  /** Recognises errors by brand as well as by class: one made by another copy of the package is an instance, too. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return false;
    const names = (value as { [BRAND]?: readonly string[] })[BRAND];
    return Array.isArray(names) && names.includes(this.name);
  }

  /**
   * Makes the error of a failed system call: `<what>: <reason> (<code>)`, with advice where the reason is a missing
   * right or an exhausted limit.
   *
   * @param errno the positive error number
   * @param syscall the call that failed
   * @param what what could not be done, naming the object
   */
  static fromErrno(
    errno: number,
    syscall: string,
    what: string,
    details: { path?: string; cause?: unknown } = {},
  ): NetnsError {
    const code = errnoName(errno);
    // Not by name: bundlers rename a class that mentions itself, and the brand is made of names.
    return new this(`${what}: ${describeErrno(code, syscall)}`, { code, errno, syscall, ...details });
  }
}

/** Why a system call fails with this code, and what a person can do about it. */
export function describeErrno(code: string, syscall: string): string {
  const advice = ADVICE[`${syscall}:${code}`] ?? ADVICE[code];
  return advice === undefined ? `${syscall} failed with ${code}` : `${advice} (${syscall}: ${code})`;
}

const NEEDS_ADMIN =
  'the process lacks CAP_SYS_ADMIN (over its own user namespace and over the one that owns the network namespace): run it as root, or inside `unshare -Urn`';

const ADVICE: Readonly<Record<string, string>> = {
  'setns:EPERM': NEEDS_ADMIN,
  'unshare:EPERM': NEEDS_ADMIN,
  'mount:EPERM': 'the process lacks CAP_SYS_ADMIN: run it as root, or inside `unshare -Urnm`',
  'umount2:EPERM': 'the process lacks CAP_SYS_ADMIN: run it as root, or inside `unshare -Urnm`',
  'unshare:ENOSPC':
    'the limit of network namespaces is reached (user.max_net_namespaces): remove some, or raise it with sysctl',
  'setsockopt:EPERM':
    'the process lacks CAP_NET_ADMIN or CAP_NET_RAW in the network namespace of the socket: run it as root, or inside `unshare -Urn`',
  EPERM: 'the process lacks the capability for it: run it as root, or inside `unshare -Urn`',
  EACCES: 'permission denied: check the rights of the file and of its directories, or run as root',
  EBADF: 'the file descriptor is not open',
  EMFILE: 'the process has no file descriptor left: close some, or raise `ulimit -n`',
  ENFILE: 'the system has no file descriptor left: raise fs.file-max',
  ENOMEM: 'the kernel has no memory for it',
  ENOSYS: 'this kernel does not have the system call',
};

/**
 * An option or argument that cannot be right, found before anything was opened or changed. `option` is its name.
 * The code is `ERR_INVALID_ARGUMENT`.
 */
export class InvalidOptionError extends NetnsError {
  override name = 'InvalidOptionError';
  /** The option's name as the caller wrote it, `'tos'`. */
  readonly option: string;

  constructor(option: string, message: string, details: Partial<NetnsErrorDetails> = {}) {
    super(message, { code: 'ERR_INVALID_ARGUMENT', ...details });
    this.option = option;
  }
}

/** No namespace of that name, process, thread or path. Lists where it was looked for. */
export class NamespaceNotFoundError extends NetnsError {
  override name = 'NamespaceNotFoundError';
}

/** The path exists, but what is there is no network namespace. */
export class NotANamespaceError extends NetnsError {
  override name = 'NotANamespaceError';
}

/** A name that can not be a file's name in the directory of named namespaces. */
export class InvalidNameError extends NetnsError {
  override name = 'InvalidNameError';
}

/**
 * The function given to a hop is asynchronous, or answered with something that has yet to make its socket: it would
 * have done its work in the wrong namespace.
 */
export class AsyncCallbackError extends NetnsError {
  override name = 'AsyncCallbackError';
}

/**
 * The thread could not return to the namespace it came from. `result` or `error` is what the function had given;
 * the thread is poisoned from here on.
 */
export class NamespaceRestoreError extends NetnsError {
  override name = 'NamespaceRestoreError';
  /** What the function returned, if it did. */
  readonly result?: unknown;
  /** What the function threw, if it did. */
  readonly error?: unknown;

  constructor(message: string, details: NetnsErrorDetails, outcome: { result?: unknown } | { error: unknown }) {
    super(message, details);
    if ('error' in outcome) this.error = outcome.error;
    else if ('result' in outcome) this.result = outcome.result;
  }
}

/** This thread is stranded in a foreign namespace since an earlier {@link NamespaceRestoreError}. */
export class PoisonedThreadError extends NetnsError {
  override name = 'PoisonedThreadError';
}

/** The handle was closed before. */
export class ClosedHandleError extends NetnsError {
  override name = 'ClosedHandleError';
}

/** Network namespaces exist on Linux only. */
export class UnsupportedPlatformError extends NetnsError {
  override name = 'UnsupportedPlatformError';
  constructor(message = `network namespaces exist on Linux only; this is ${process.platform}`) {
    super(message, { code: 'ERR_UNSUPPORTED_PLATFORM' });
  }
}
