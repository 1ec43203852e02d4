import { closeSync, constants, openSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { O_CLOEXEC } from './constants.js';
import { sys } from './current.js';
import { disownFd } from './thread-descriptors.js';

/** A descriptor that goes with the thread that made it. */
export interface OwnedFd {
  readonly fd: number;
  /** To be called once. */
  close(): void;
}

/**
 * Sees to it that a descriptor is closed when the calling thread, a worker, is terminated: nothing of ours runs then,
 * but Node closes what its `fs.open` has opened in that thread and nothing has closed. So the descriptor takes the
 * number of one of those. Where none can be had, and in the main thread, it is left as it is.
 *
 * @param fd belongs to what is returned from now on, and may have another number there
 */
export function ownFd(fd: number): OwnedFd {
  if (!isMainThread) {
    let number: number;
    try {
      number = openSync('/dev/null', constants.O_RDONLY);
    } catch {
      return { fd, close: () => sys().close(fd) };
    }
    if (sys().dup3(fd, number, O_CLOEXEC) >= 0) {
      sys().close(fd);
      disownFd(fd);
      // Not `sys().close`: Node would close the number once more, which may be in other use by then.
      return { fd: number, close: () => closeSync(number) };
    }
    closeSync(number);
  }
  return { fd, close: () => sys().close(fd) };
}
