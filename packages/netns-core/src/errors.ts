import { describeRefusal, hasCapability } from './checks/capabilities.js';
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
    details: { path?: string | undefined; cause?: unknown } = {},
  ): NetnsError {
    const code = errnoName(errno);
    // Not by name: bundlers rename a class that mentions itself, and the brand is made of names.
    return new this(`${what}: ${describeErrno(code, syscall, details.path)}`, { code, errno, syscall, ...details });
  }
}

/**
 * Why a system call fails with this code, and what a person can do about it. Where a capability may be missing, this
 * looks at those that the process has.
 *
 * @param path the file that the call was about
 */
export function describeErrno(code: string, syscall: string, path?: string): string {
  const advice =
    (code === 'EPERM' || code === 'EACCES' ? describeDenial(code, syscall, path) : undefined) ??
    ADVICE[`${syscall}:${code}`] ??
    ADVICE[code];
  return advice === undefined ? `${syscall} failed with ${code}` : `${advice} (${syscall}: ${code})`;
}

/** A file of a process in `/proc`: who may read it is decided as for ptrace(2), not by the file's rights. */
const PROCESS_FILE = /^\/proc\/\d+\//;

/** Why the kernel denied a call, if that is a matter of capabilities. */
function describeDenial(code: 'EPERM' | 'EACCES', syscall: string, path = ''): string | undefined {
  if (PROCESS_FILE.test(path))
    return describeRefusal(['CAP_SYS_PTRACE'], { over: 'over the user namespace of that process' });
  if (code === 'EACCES')
    return hasCapability('CAP_DAC_OVERRIDE')
      ? undefined
      : 'permission denied: check the rights of the file and of its directories';
  switch (syscall) {
    case 'setns':
      return describeRefusal(['CAP_SYS_ADMIN'], {
        over: 'over its own user namespace and over the one that owns the network namespace',
        instead: 'unshare -Urn',
      });
    case 'unshare':
      return describeRefusal(['CAP_SYS_ADMIN'], { instead: 'unshare -Urn' });
    case 'mount':
    case 'umount2':
      return describeRefusal(['CAP_SYS_ADMIN'], { instead: 'unshare -Urnm' });
    case 'setsockopt':
      return describeRefusal(['CAP_NET_ADMIN', 'CAP_NET_RAW'], {
        over: 'in the network namespace of the socket',
        instead: 'unshare -Urn',
      });
    case 'socket':
      return describeRefusal(['CAP_NET_RAW'], { over: 'in the network namespace', instead: 'unshare -Urn' });
    default:
      return undefined;
  }
}

const ADVICE: Readonly<Record<string, string>> = {
  'unshare:ENOSPC':
    'the limit of network namespaces is reached (user.max_net_namespaces): remove some, or raise it with sysctl',
  EPERM: 'the kernel does not permit it',
  EACCES:
    'permission denied, though the process may pass over the rights of files: a security module (AppArmor, SELinux) or the file system denies it',
  EBADF: 'the file descriptor is not open',
  EMFILE: 'the process has no file descriptor left: close some, or raise `ulimit -n`',
  ENFILE: 'the system has no file descriptor left: raise fs.file-max',
  ENOMEM: 'the kernel has no memory for it',
  ENOSYS: 'this kernel does not have the system call, or a seccomp filter hides it',
  EIO: 'the file system reported an input/output error',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the file system has no space, or no inode, left: see `df` and `df -i`',
  ELOOP: 'too many symbolic links, or a link where none may be',
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

/**
 * What an error of Node's permission model (`node --permission`) becomes: the flag that allows the call is named. Any
 * other error is returned as it is.
 *
 * @param what what could not be done
 * @param flags the options of `node` that allow it
 */
export function accessDenied(error: unknown, what: string, flags: string): unknown {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (code !== 'ERR_ACCESS_DENIED' && code !== 'ERR_DLOPEN_DISABLED') return error;
  return new NetnsError(`${what}: Node's permission model denies it. Start node with ${flags}`, {
    code: 'ERR_ACCESS_DENIED',
    cause: error,
  });
}

/** No namespace of that name, process, thread or path. Lists where it was looked for. */
export class NamespaceNotFoundError extends NetnsError {
  override name = 'NamespaceNotFoundError';
}

/** The path exists, but what is there is no network namespace. */
export class NotANamespaceError extends NetnsError {
  override name = 'NotANamespaceError';
}

/** A name that cannot be a file's name in the directory of named namespaces. */
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
