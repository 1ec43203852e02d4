import { Socket } from 'node:net';
import { NetnsError } from '../errors.js';
import {
  AF_UNIX,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  F_DUPFD_CLOEXEC,
  O_CLOEXEC,
  POLLIN,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
} from './constants.js';
import { sys } from './current.js';
import { type OwnedFd, ownFd } from './thread-owned.js';

/** A descriptor that is watched, see {@link watchReadable}. */
export interface ReadableWatch {
  /** Settles once the watch is in place. What comes before is not reported until then. */
  readonly ready: Promise<void>;
  /** Stops reporting: what comes waits in the descriptor. May be called twice, also before the watch is in place. */
  pause(): void;
  /** Reports again. */
  resume(): void;
  /** Closes the descriptor. May be called twice. */
  close(): void;
}

/** What libuv reads in place of what the watched descriptor has. */
const TOKEN = Uint8Array.of(1);

/**
 * Lets libuv watch a file descriptor without reading it, for sockets whose messages have to be received by a call of
 * one's own: `recvmsg(2)` for control messages and the error queue.
 *
 * Node has no such handle, only streams, which read. But libuv's epoll watches what the number of a descriptor stood for
 * when epoll was told, for as long as that is open under any number. So a stream is made of one end of a socket pair,
 * something else is put in its place (as in `openReadable`) until epoll has been told, and then the end of the pair is
 * put back: epoll reports the one, and libuv reads a byte that is waiting in the other.
 *
 * What is put there is not the descriptor but an epoll instance that watches it. That becomes readable when the
 * descriptor is readable or has an error, and never has an error itself: after one libuv would tell epoll of the
 * stream's number again, which stands for the pair by then, and stop the process.
 *
 * What it opens for itself is closed when the calling thread, a worker, is terminated.
 *
 * @param watched a non-blocking file descriptor, or one that is owned (see `ownFd`); it belongs to the watch from here on,
 *   also if this throws
 * @param onReadable is called as long as there is something to read, or an error: it must take what there is
 * @throws NetnsError when the process has no file descriptor left
 */
export function watchReadable(watched: number | OwnedFd, onReadable: () => void): ReadableWatch {
  const calls = sys();
  const { fd, close } = typeof watched === 'number' ? { fd: watched, close: () => calls.close(watched) } : watched;
  const open = new Map<number, () => void>([[fd, close]]);
  const closeAll = (): void => {
    for (const closeOne of open.values()) closeOne();
    open.clear();
  };
  /** Notes a descriptor that a call has made, or closes all if it has failed. */
  const opened = (result: number, syscall: string): number => {
    if (result >= 0) {
      const owned = ownFd(result);
      open.set(owned.fd, owned.close);
      return owned.fd;
    }
    closeAll();
    throw NetnsError.fromErrno(-result, syscall, 'cannot watch a file descriptor');
  };
  const epoll = opened(calls.epollCreate(O_CLOEXEC), 'epoll_create1');
  const pair = new Int32Array(2);
  const made = calls.socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair);
  if (made < 0) opened(made, 'socketpair');
  const standIn = pair[0] ?? -1;
  open.set(standIn, () => calls.close(standIn));
  const other = opened(pair[1] ?? -1, 'socketpair');
  // The end of the pair under a second number, to be put back.
  const end = opened(calls.fcntl(standIn, F_DUPFD_CLOEXEC, 0), 'fcntl');
  let stream: Socket;
  try {
    stream = new Socket({ fd: standIn, readable: true, writable: false, pauseOnCreate: true } as ConstructorParameters<
      typeof Socket
    >[0]);
  } catch (error) {
    closeAll();
    throw error;
  }
  // The stream's from here on.
  open.delete(standIn);
  const failed = (result: number, syscall: string): NetnsError => {
    closeAll();
    stream.destroy();
    return NetnsError.fromErrno(-result, syscall, 'cannot watch a file descriptor');
  };
  const replaced = calls.dup3(epoll, standIn, O_CLOEXEC);
  if (replaced < 0) throw failed(replaced, 'dup3');
  let isPaused = false;
  let isInPlace = false;
  calls.write(other, TOKEN);
  stream.on('data', () => {
    if (!open.has(other)) return;
    calls.write(other, TOKEN);
    if (!isPaused) onReadable();
  });
  const ready = new Promise<void>((resolve, reject) => {
    stream.on('error', reject);
    stream.resume();
    // libuv tells epoll when it polls next. Between two immediates, one of which is set in the other, it has polled.
    setImmediate(() =>
      setImmediate(() => {
        if (!open.has(end)) return resolve();
        const restored = calls.dup3(end, standIn, O_CLOEXEC);
        open.get(end)?.();
        open.delete(end);
        if (restored < 0) return reject(failed(restored, 'dup3'));
        // Not before: libuv would have read the epoll instance, which cannot be read.
        isInPlace = true;
        const added = isPaused ? 0 : calls.epollCtl(epoll, EPOLL_CTL_ADD, fd, POLLIN);
        if (added < 0) reject(failed(added, 'epoll_ctl'));
        else resolve();
      }),
    );
  });
  ready.catch(() => undefined);
  return {
    ready,
    pause: () => {
      if (isPaused || open.size === 0) return;
      isPaused = true;
      if (isInPlace) calls.epollCtl(epoll, EPOLL_CTL_DEL, fd, 0);
    },
    resume: () => {
      if (!isPaused || open.size === 0) return;
      isPaused = false;
      if (isInPlace) calls.epollCtl(epoll, EPOLL_CTL_ADD, fd, POLLIN);
    },
    close: () => {
      if (open.size === 0) return;
      // First, for epoll forgets what is no longer open: the stream's number may be another one's soon.
      closeAll();
      stream.destroy();
    },
  };
}
