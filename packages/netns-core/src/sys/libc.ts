import { fstatSync } from 'node:fs';
import type Koffi from 'koffi';
import { accessDenied, NetnsError } from '../errors.js';
import { LITTLE_ENDIAN } from './endianness.js';
import { errnoNumber } from './errno.js';
import { type MessageBuffers, MessageHeader } from './message-header.js';
import { MessageHeaders } from './message-headers.js';
import { requireFrom } from './require-from.js';
import type { FileIdentity, Syscalls } from './syscalls.js';

/** A C function as koffi gives it: numbers, strings and buffers go in, a number comes out. */
type NativeFunction = {
  (...args: readonly unknown[]): number;
  async(...args: readonly unknown[]): void;
};

/** Offset of the 32-bit half of `statfs.f_type`, a `long`, that carries the magic number. */
const F_TYPE_OFFSET = LITTLE_ENDIAN ? 0 : 4;

const NOT_LOADED = 'cannot load koffi, by which netns-core calls the kernel';

function loadKoffi(): typeof Koffi {
  try {
    const require = requireFrom(import.meta.url);
    const koffi = require('koffi') as typeof Koffi;
    if (Object.hasOwn(koffi, 'load')) return koffi;
    // V8 has ended the program (a `vm` timeout) while koffi was loaded, and half of it is in the cache for good.
    for (const file of Object.keys(require.cache)) if (file.includes('koffi')) delete require.cache[file];
    return require('koffi') as typeof Koffi;
  } catch (error) {
    const denied = accessDenied(error, NOT_LOADED, '--allow-addons and --allow-fs-read for node_modules');
    if (denied !== error) throw denied;
    const [reason = ''] = (error as Error).message.split('\n');
    // What Node says of a module that is not there, and koffi of its native part.
    const advice = reason.startsWith('Cannot find')
      ? '. Its native part is an optional dependency of it, so install without --omit=optional. In a bundle leave netns-core and koffi out (external), and have them in node_modules beside it'
      : '';
    throw new NetnsError(`${NOT_LOADED}: ${reason}${advice}`, { code: 'ERR_KOFFI_NOT_LOADED', cause: error });
  }
}

/**
 * Loads libc. `koffi.load(null)` looks the functions up in the running program, so glibc and musl both serve.
 *
 * errno is read at once after the call that set it: nothing runs in between that could change it.
 */
export function loadLibc(): Syscalls {
  // Not imported at the top: it costs time and memory that programs need only once they enter a namespace, and its
  // native part does not exist on every platform that these packages can be imported on.
  const koffi = loadKoffi();
  const libc = koffi.load(null);
  const define = (prototype: string): NativeFunction => libc.func(prototype) as NativeFunction;

  const c = {
    open: define('int open(const char *path, int flags, unsigned int mode)'),
    openat: define('int openat(int directory, const char *path, int flags, unsigned int mode)'),
    close: define('int close(int fd)'),
    read: define('intptr_t read(int fd, void *buffer, size_t size)'),
    write: define('intptr_t write(int fd, const void *data, size_t size)'),
    fcntl: define('int fcntl(int fd, int command, intptr_t argument)'),
    dup3: define('int dup3(int oldfd, int newfd, int flags)'),
    ioctlPointer: libc.func('ioctl', 'int', ['int', 'unsigned long', 'void *']) as NativeFunction,
    ioctlNumber: libc.func('ioctl', 'int', ['int', 'unsigned long', 'intptr_t']) as NativeFunction,
    fstatfs: define('int fstatfs(int fd, void *buffer)'),
    flock: define('int flock(int fd, int operation)'),
    setns: define('int setns(int fd, int nstype)'),
    unshare: define('int unshare(int flags)'),
    mount: define(
      'int mount(const char *source, const char *target, const char *fstype, unsigned long flags, const char *data)',
    ),
    umount2: define('int umount2(const char *target, int flags)'),
    mkdir: define('int mkdir(const char *path, unsigned int mode)'),
    unlink: define('int unlink(const char *path)'),
    unlinkat: define('int unlinkat(int directory, const char *path, int flags)'),
    // glibc has gettid since 2.30 and pidfd_open since 2.36; the system calls are older, and so is syscall(2).
    syscall: libc.func('syscall', 'long', ['long', 'long', 'long']) as NativeFunction,
    syscall3: libc.func('syscall', 'long', ['long', 'long', 'long', 'long']) as NativeFunction,
    bpf: libc.func('syscall', 'long', ['long', 'int', 'void *', 'unsigned int']) as NativeFunction,
    prctl: libc.func('prctl', 'int', ['int', ...Array<string>(4).fill('unsigned long')]) as NativeFunction,
    capset: define('int capset(void *header, const void *data)'),
    execve: define('int execve(const char *path, const char **argv, const char **environment)'),
    socket: define('int socket(int domain, int type, int protocol)'),
    socketpair: define('int socketpair(int domain, int type, int protocol, void *fds)'),
    bind: define('int bind(int fd, const void *address, unsigned int length)'),
    connect: define('int connect(int fd, const void *address, unsigned int length)'),
    listen: define('int listen(int fd, int backlog)'),
    getsockname: define('int getsockname(int fd, void *address, void *length)'),
    setsockopt: define('int setsockopt(int fd, int level, int name, const void *value, unsigned int length)'),
    getsockopt: define('int getsockopt(int fd, int level, int name, void *value, void *length)'),
    send: define('intptr_t send(int fd, const void *data, size_t size, int flags)'),
    recv: define('intptr_t recv(int fd, void *buffer, size_t size, int flags)'),
    sendmsg: define('intptr_t sendmsg(int fd, const void *message, int flags)'),
    recvmsg: define('intptr_t recvmsg(int fd, void *message, int flags)'),
    recvmmsg: define('int recvmmsg(int fd, void *messages, unsigned int count, int flags, void *timeout)'),
    epollCreate: define('int epoll_create1(int flags)'),
    epollCtl: define('int epoll_ctl(int epoll, int operation, int fd, const void *event)'),
    poll: define('int poll(void *fds, unsigned long count, int timeout)'),
    abort: define('void abort()'),
  };

  const writePointer = (structure: Uint8Array, [offset, pointed]: readonly [offset: number, Uint8Array]): void =>
    new DataView(structure.buffer, structure.byteOffset, structure.byteLength).setBigUint64(
      offset,
      koffi.address(pointed),
      LITTLE_ENDIAN,
    );
  const checked = (result: number): number => (result < 0 ? -koffi.errno() : result);
  // Functions that change what is open, or where the thread is, do without `checked`: V8 may end the program (a `vm`
  // timeout) where a function is entered, and what has just been opened would not be known to anybody.
  // Scratch space for calls that answer through a pointer; libc fills it before the call returns.
  const length = new Uint32Array(1);
  const statfs = new DataView(new ArrayBuffer(256));
  const statfsBytes = new Uint8Array(statfs.buffer);
  const epollEvent = new DataView(new ArrayBuffer(16));
  const epollEventBytes = new Uint8Array(epollEvent.buffer);
  const pollfd = new DataView(new ArrayBuffer(8));
  const pollfdBytes = new Uint8Array(pollfd.buffer);

  const messageHeaders = new WeakMap<readonly Uint8Array[], MessageHeaders>();
  const headersFor = (buffers: readonly Uint8Array[]): MessageHeaders => {
    let headers = messageHeaders.get(buffers);
    if (headers === undefined) {
      headers = new MessageHeaders(buffers, (memory) => koffi.address(memory), koffi.sizeof('void *'));
      messageHeaders.set(buffers, headers);
    }
    return headers;
  };

  const messageHeader = new WeakMap<MessageBuffers, MessageHeader>();
  const headerFor = (buffers: MessageBuffers): MessageHeader => {
    let header = messageHeader.get(buffers);
    if (header === undefined) {
      header = new MessageHeader(buffers, (memory) => koffi.address(memory), koffi.sizeof('void *'));
      messageHeader.set(buffers, header);
    }
    return header;
  };

  const promised = (run: (done: (error: Error | null, result: number) => void) => void): Promise<number> =>
    new Promise((resolve, reject) => {
      run((error, result) => {
        if (error) reject(error);
        else resolve(checked(result));
      });
    });

  return {
    open: (path, flags, mode) => {
      const result = c.open(path, flags, mode);
      return result < 0 ? -koffi.errno() : result;
    },
    close: (fd) => {
      const result = c.close(fd);
      return result < 0 ? -koffi.errno() : result;
    },
    openat: (directory, path, flags, mode) => {
      const result = c.openat(directory, path, flags, mode);
      return result < 0 ? -koffi.errno() : result;
    },
    read: (fd, buffer) => checked(c.read(fd, buffer, buffer.byteLength)),
    write: (fd, data) => checked(c.write(fd, data, data.byteLength)),
    fcntl: (fd, command, argument) => {
      const result = c.fcntl(fd, command, argument);
      return result < 0 ? -koffi.errno() : result;
    },
    dup3: (oldFd, newFd, flags) => checked(c.dup3(oldFd, newFd, flags)),
    ioctl: (fd, request, argument, memory) => {
      if (memory !== undefined && typeof argument !== 'number') writePointer(argument, memory);
      const result =
        typeof argument === 'number' ? c.ioctlNumber(fd, request, argument) : c.ioctlPointer(fd, request, argument);
      return result < 0 ? -koffi.errno() : result;
    },
    fstat: (fd): FileIdentity | number => {
      try {
        const { dev, ino, mode, size, uid } = fstatSync(fd, { bigint: true });
        return { dev, ino, mode: Number(mode), size: Number(size), uid: Number(uid) };
      } catch (error) {
        return -(errnoNumber((error as NodeJS.ErrnoException).code ?? '') || 5);
      }
    },
    fstatfs: (fd) => {
      const result = checked(c.fstatfs(fd, statfsBytes));
      return result < 0 ? result : statfs.getUint32(F_TYPE_OFFSET, LITTLE_ENDIAN);
    },
    flock: (fd, operation) => checked(c.flock(fd, operation)),
    setns: (fd, nstype) => {
      const result = c.setns(fd, nstype);
      return result < 0 ? -koffi.errno() : result;
    },
    unshare: (flags) => {
      const result = c.unshare(flags);
      return result < 0 ? -koffi.errno() : result;
    },
    mount: (source, target, fstype, flags, data) => checked(c.mount(source, target, fstype, flags, data)),
    umount2: (target, flags) => checked(c.umount2(target, flags)),
    mkdir: (path, mode) => checked(c.mkdir(path, mode)),
    unlink: (path) => checked(c.unlink(path)),
    unlinkat: (directory, path, flags) => checked(c.unlinkat(directory, path, flags)),
    gettid: () => c.syscall(SYS_GETTID, 0, 0),
    pidfdOpen: (pid, flags) => {
      const result = c.syscall(SYS_PIDFD_OPEN, pid, flags);
      return result < 0 ? -koffi.errno() : result;
    },
    pidfdGetfd: (pidfd, fd) => {
      const result = c.syscall3(SYS_PIDFD_GETFD, pidfd, fd, 0);
      return result < 0 ? -koffi.errno() : result;
    },
    bpf: (command, attributes, memory) => {
      for (const each of memory) writePointer(attributes, each);
      const result = c.bpf(SYS_BPF, command, attributes, attributes.byteLength);
      return result < 0 ? -koffi.errno() : result;
    },
    prctl: (option, first, second) => checked(c.prctl(option, first, second, 0, 0)),
    capset: (header, data) => checked(c.capset(header, data)),
    execve: (path, argv, environment) => checked(c.execve(path, [...argv, null], [...environment, null])),
    socket: (domain, type, protocol) => {
      const result = c.socket(domain, type, protocol);
      return result < 0 ? -koffi.errno() : result;
    },
    socketpair: (domain, type, protocol, fds) => checked(c.socketpair(domain, type, protocol, fds)),
    bind: (fd, address) => checked(c.bind(fd, address, address.byteLength)),
    connect: (fd, address) => checked(c.connect(fd, address, address.byteLength)),
    listen: (fd, backlog) => checked(c.listen(fd, backlog)),
    getsockname: (fd, address) => {
      length[0] = address.byteLength;
      const result = checked(c.getsockname(fd, address, length));
      return result < 0 ? result : (length[0] ?? 0);
    },
    setsockopt: (fd, level, name, value) => checked(c.setsockopt(fd, level, name, value, value.byteLength)),
    getsockopt: (fd, level, name, value) => {
      length[0] = value.byteLength;
      const result = checked(c.getsockopt(fd, level, name, value, length));
      return result < 0 ? result : (length[0] ?? 0);
    },
    send: (fd, data, flags) => checked(c.send(fd, data, data.byteLength, flags)),
    recv: (fd, buffer, flags) => checked(c.recv(fd, buffer, buffer.byteLength, flags)),
    sendmsg: (fd, data, control, flags) => {
      const header = new MessageHeader(
        { data, name: new Uint8Array(new ArrayBuffer(0)), control, nameLength: 0, controlLength: 0, flags: 0 },
        (memory) => (memory.byteLength === 0 ? 0n : koffi.address(memory)),
        koffi.sizeof('void *'),
      );
      header.prepare();
      return checked(c.sendmsg(fd, header.bytes, flags));
    },
    recvmsg: (fd, buffers, flags) => {
      const header = headerFor(buffers);
      header.prepare();
      const result = checked(c.recvmsg(fd, header.bytes, flags));
      if (result >= 0) header.complete();
      return result;
    },
    epollCreate: (flags) => {
      const result = c.epollCreate(flags);
      return result < 0 ? -koffi.errno() : result;
    },
    epollCtl: (epoll, operation, fd, events) => {
      // struct epoll_event: the events, and data that is not used here.
      epollEvent.setUint32(0, events, LITTLE_ENDIAN);
      return checked(c.epollCtl(epoll, operation, fd, epollEventBytes));
    },
    poll: (fd, events, timeout) => {
      pollfd.setInt32(0, fd, LITTLE_ENDIAN);
      pollfd.setInt16(4, events, LITTLE_ENDIAN);
      pollfd.setInt16(6, 0, LITTLE_ENDIAN);
      const result = checked(c.poll(pollfdBytes, 1, timeout));
      return result > 0 ? pollfd.getUint16(6, LITTLE_ENDIAN) : result;
    },
    sendAsync: (fd, data, flags) => promised((done) => c.send.async(fd, data, data.byteLength, flags, done)),
    recvAsync: (fd, buffer, flags) => promised((done) => c.recv.async(fd, buffer, buffer.byteLength, flags, done)),
    recvmmsgAsync: async (fd, buffers, sizes, flags) => {
      const headers = headersFor(buffers);
      const count = await promised((done) => c.recvmmsg.async(fd, headers.bytes, buffers.length, flags, null, done));
      headers.copyLengths(sizes, count);
      return count;
    },
    abort: (): never => {
      c.abort();
      // libc's abort does not return; the compiler cannot know.
      throw new Error('abort() returned');
    },
  };
}

/** `<asm/unistd.h>`: pidfd_open and pidfd_getfd have one number everywhere; bpf and gettid do not. */
const SYS_PIDFD_OPEN = 434;
const SYS_PIDFD_GETFD = 438;
const SYS_BPF =
  ({ x64: 321, ia32: 357, arm: 386, ppc64: 361, s390x: 351 } as Partial<Record<string, number>>)[process.arch] ?? 280;
const SYS_GETTID =
  ({ x64: 186, ia32: 224, arm: 224, ppc64: 207 } as Partial<Record<string, number>>)[process.arch] ?? 178;
