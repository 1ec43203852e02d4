import { type BigIntStats, fstatSync, statSync } from 'node:fs';
import { NetnsError } from '../errors.js';
import { Errno, errnoNumber, O_CLOEXEC, O_PATH, type Syscalls } from '../sys/index.js';
import { startNamespaceFd } from '../thread/home.js';
import { threadSys } from '../thread/thread.js';
import { openFd } from './handle.js';
import { openError } from './identity.js';
import { describeNamespace, interpret, type NamespaceRef } from './reference.js';

/** Which file a reference leads to: two open namespaces are the same exactly if both numbers are. */
export interface ReferenceIdentity {
  readonly dev: bigint;
  /** The kernel reuses it once the namespace is gone; not while the namespace is held. */
  readonly ino: bigint;
  /** `'NS(dev:ino)'`, as {@link NetnsHandle.uniqueId}. */
  readonly id: string;
}

/**
 * What a reference means at this moment, by one `stat` of the file it leads to (symbolic links, also those to
 * `/proc/<pid>/ns/net`, are followed): 2 µs, nothing is opened or entered. Compare it with the device and inode of a
 * namespace that is held open. A file without a namespace mounted on it has an identity too, which no namespace has.
 *
 * @returns `undefined` if there is nothing: no such name, path, process or thread
 * @throws InvalidNameError, ClosedHandleError, NetnsError (`ERR_INVALID_REFERENCE`, `EACCES`, `ELOOP`, `EBADF`, …)
 */
export function referenceIdentity(ref: NamespaceRef): ReferenceIdentity | undefined {
  const calls = threadSys();
  const target = interpret(ref);
  switch (target.kind) {
    case 'current':
      return identityHere(calls);
    case 'handle': {
      openFd(target.handle);
      return identityOf(target.handle);
    }
    case 'fd':
      return look(calls, ref, target.fd);
    case 'file':
      return look(calls, ref, target.path);
    case 'named': {
      for (const dir of target.dirs) {
        const found = look(calls, ref, `${dir}/${target.name}`);
        if (found !== undefined) return found;
      }
      return target.orStart ? identityOf(fstatSync(startNamespaceFd(calls), { bigint: true })) : undefined;
    }
  }
}

/** What the namespace is that the calling thread is in, also within a move. */
export function identityHere(calls: Syscalls): ReferenceIdentity | undefined {
  return look(calls, '', '/proc/thread-self/ns/net');
}

function identityOf({ dev, ino }: Pick<BigIntStats, 'dev' | 'ino'>): ReferenceIdentity {
  return { dev, ino, id: `NS(${dev}:${ino})` };
}

const GONE = new Set(['ENOENT', 'ENOTDIR', 'ESRCH']);

function look(calls: Syscalls, ref: NamespaceRef, place: string | number): ReferenceIdentity | undefined {
  try {
    if (typeof place === 'number') return identityOf(fstatSync(place, { bigint: true }));
    const found = statSync(place, { bigint: true, throwIfNoEntry: false });
    return found === undefined ? undefined : identityOf(found);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (GONE.has(code)) return undefined;
    if (code === 'ERR_ACCESS_DENIED' && typeof place === 'string') return lookAsHopsDo(calls, ref, place);
    throw openError(errnoNumber(code) || Errno.EINVAL, describeNamespace(ref), String(place));
  }
}

/**
 * Under Node's permission model the program may not read the file by `fs`. Hops, which it may do (`--allow-addons`),
 * open the same file.
 */
function lookAsHopsDo(calls: Syscalls, ref: NamespaceRef, path: string): ReferenceIdentity | undefined {
  const fd = calls.open(path, O_PATH | O_CLOEXEC, 0);
  if (fd === -Errno.ENOENT || fd === -Errno.ENOTDIR || fd === -Errno.ESRCH) return undefined;
  if (fd < 0) throw openError(-fd, describeNamespace(ref), path);
  const found = calls.fstat(fd);
  calls.close(fd);
  if (typeof found === 'number')
    throw NetnsError.fromErrno(-found, 'fstat', `cannot look at ${describeNamespace(ref)}`, { path });
  return identityOf(found);
}
