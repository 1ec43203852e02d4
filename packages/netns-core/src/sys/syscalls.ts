import type { MessageBuffers } from './message-header.js';

/** What `fstat(2)` tells about the identity of an open file. */
export interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
  /** File type and permissions, `S_IFMT` and below. */
  readonly mode: number;
  /** Bytes, for a regular file. */
  readonly size: number;
  /** The owner, as the caller's user namespace numbers it. */
  readonly uid: number;
}

/**
 * The libc functions that these packages call, one property each. It is the only door to the kernel.
 *
 * Every function that can fail returns a number that is negative on failure: the error number, negated, as the
 * kernel itself reports it (`-2` for `ENOENT`). Nothing here throws, so that callers on hot paths can undo what they
 * did before they make an error of it. Strings go to libc as UTF-8 and must hold no NUL.
 *
 * Tests replace single functions of it to inject faults (`replaceSyscalls`).
 */
export interface Syscalls {
  open(path: string, flags: number, mode: number): number;
  /** `path` is relative to an open directory. */
  openat(directory: number, path: string, flags: number, mode: number): number;
  close(fd: number): number;
  read(fd: number, buffer: Uint8Array): number;
  write(fd: number, data: Uint8Array): number;
  fcntl(fd: number, command: number, argument: number): number;
  /** Makes `newFd` a copy of `oldFd`, closing what it was; `flags` is 0 or `O_CLOEXEC`. */
  dup3(oldFd: number, newFd: number, flags: number): number;
  /** Where the structure that `argument` is has a pointer in it, `memory` has its offset and what it points to. */
  ioctl(
    fd: number,
    request: number,
    argument: Uint8Array | number,
    memory?: readonly [offset: number, Uint8Array],
  ): number;
  fstat(fd: number): FileIdentity | number;
  /** The type of the file system that an open file is on: its magic number, see `<linux/magic.h>`. */
  fstatfs(fd: number): number;

  flock(fd: number, operation: number): number;

  setns(fd: number, nstype: number): number;
  unshare(flags: number): number;
  mount(source: string, target: string, fstype: string | null, flags: number, data: string | null): number;
  umount2(target: string, flags: number): number;
  mkdir(path: string, mode: number): number;
  unlink(path: string): number;
  unlinkat(directory: number, path: string, flags: number): number;
  gettid(): number;
  pidfdOpen(pid: number, flags: number): number;
  /** A copy of another process's file descriptor, close-on-exec (Linux 5.6). */
  pidfdGetfd(pidfd: number, fd: number): number;

  /**
   * A command of `bpf(2)`: `attributes` is a part of `union bpf_attr`, in memory order. Where one of them is a pointer,
   * `memory` has its offset and what it points to.
   */
  bpf(command: number, attributes: Uint8Array, memory: readonly (readonly [offset: number, Uint8Array])[]): number;
  /** An operation of `prctl(2)` on the calling thread that takes two numbers. */
  prctl(option: number, first: number, second: number): number;
  /** Sets the capabilities of a thread; `header` and `data` as `<linux/capability.h>` has them, in memory order. */
  capset(header: Uint8Array, data: Uint8Array): number;
  /** Goes on as another program, in the same process; returns only on failure. */
  execve(path: string, argv: readonly string[], environment: readonly string[]): number;

  socket(domain: number, type: number, protocol: number): number;
  /** Writes two file descriptors into `fds`, which must hold two. */
  socketpair(domain: number, type: number, protocol: number, fds: Int32Array): number;
  /** `address` is a complete `struct sockaddr_*`, in memory order. */
  bind(fd: number, address: Uint8Array): number;
  connect(fd: number, address: Uint8Array): number;
  listen(fd: number, backlog: number): number;
  /** Fills `address`; returns the length it needs. */
  getsockname(fd: number, address: Uint8Array): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array): number;
  /** Fills `value`; returns the option's length. */
  getsockopt(fd: number, level: number, name: number, value: Uint8Array): number;
  send(fd: number, data: Uint8Array, flags: number): number;
  /** Sends one message with control messages, in memory order; returns how much of its data was taken. */
  sendmsg(fd: number, data: Uint8Array, control: Uint8Array, flags: number): number;
  recv(fd: number, buffer: Uint8Array, flags: number): number;
  /** Receives one message with its sender and its control messages; returns the length of its data. */
  recvmsg(fd: number, buffers: MessageBuffers, flags: number): number;
  epollCreate(flags: number): number;
  /** `operation` is `EPOLL_CTL_ADD` or another; the events are level-triggered. */
  epollCtl(epoll: number, operation: number, fd: number, events: number): number;
  /** Waits until one of `events` is true of `fd`, `timeout` milliseconds at most (-1: for ever); returns `revents`, 0 after the time. */
  poll(fd: number, events: number, timeout: number): number;

  /**
   * The same on a thread of libuv's pool, for calls that may hold their caller in the kernel. `data` and `buffer`
   * must not be touched until the answer is there. koffi refuses the 257th outstanding call and a full pool delays
   * the whole process's `fs` and `dns`: keep one or two calls outstanding per process and queue the rest.
   */
  sendAsync(fd: number, data: Uint8Array, flags: number): Promise<number>;
  recvAsync(fd: number, buffer: Uint8Array, flags: number): Promise<number>;
  /**
   * Receives as many datagrams as are there, or are made while the kernel is asked for them, one into each buffer, and
   * puts their lengths into `sizes` (`recvmmsg`); returns how many. With `MSG_TRUNC` a length may be larger than
   * its buffer. To use the same array of buffers again saves making the kernel's structures anew.
   */
  recvmmsgAsync(fd: number, buffers: readonly Uint8Array[], sizes: Uint32Array, flags: number): Promise<number>;

  /** Ends the process with SIGABRT, from any thread. */
  abort(): never;
}
