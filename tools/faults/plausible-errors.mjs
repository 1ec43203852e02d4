// How each system call can fail, by its man page and by what has been seen. What is not listed gets the usual ones.
const USUAL = ['EPERM', 'ENOSYS', 'EIO', 'ENOMEM', 'EMFILE'];

const PLAUSIBLE = {
  open: ['EMFILE', 'ENFILE', 'ENOMEM', 'EACCES', 'ENOENT', 'EIO', 'EINTR'],
  close: ['EIO', 'EINTR'],
  read: ['EIO', 'EINTR', 'EAGAIN'],
  write: ['EIO', 'EAGAIN', 'ENOSPC', 'EINTR'],
  fcntl: ['EMFILE', 'EINVAL', 'EBADF'],
  dup3: ['EMFILE', 'EBUSY', 'EINTR'],
  ioctl: ['EINVAL', 'ENOTTY', 'ENODEV', 'EPERM', 'EMFILE', 'EIO'],
  fstat: ['EIO', 'ENOMEM'],
  fstatfs: ['EIO', 'ENOSYS', 'EINTR'],
  flock: ['EINTR', 'ENOLCK', 'EIO'],
  setns: ['EPERM', 'EINVAL', 'ENOMEM', 'EBADF'],
  unshare: ['EPERM', 'ENOMEM', 'ENOSPC', 'ENOSYS'],
  mount: ['EPERM', 'EACCES', 'EBUSY', 'ENOMEM', 'EINVAL', 'ENOENT', 'EIO'],
  umount2: ['EPERM', 'EBUSY', 'EINVAL', 'EIO'],
  mkdir: ['EACCES', 'ENOSPC', 'EROFS', 'EIO'],
  unlink: ['EACCES', 'EROFS', 'EBUSY', 'ENOENT', 'EIO'],
  pidfdOpen: ['ENOSYS', 'EMFILE', 'ESRCH', 'EPERM'],
  socket: ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EACCES', 'EAFNOSUPPORT'],
  bpf: ['EPERM', 'ENOENT', 'EMFILE', 'ENOSYS', 'EACCES'],
  prctl: ['EPERM', 'EINVAL'],
  capset: ['EPERM', 'EINVAL'],
  execve: ['ENOENT', 'EACCES', 'ENOMEM', 'E2BIG'],
  socketpair: ['EMFILE', 'ENFILE', 'ENOMEM'],
  bind: ['EADDRINUSE', 'EADDRNOTAVAIL', 'EACCES', 'EINVAL', 'ENOMEM'],
  connect: ['ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EACCES', 'EAGAIN', 'ETIMEDOUT', 'EINTR'],
  listen: ['EADDRINUSE', 'EINVAL'],
  getsockname: ['ENOBUFS', 'EBADF'],
  setsockopt: ['EPERM', 'EINVAL', 'ENODEV', 'ENOPROTOOPT', 'ENOMEM'],
  getsockopt: ['ENOPROTOOPT', 'EINVAL', 'EBADF'],
  send: ['EAGAIN', 'ENOBUFS', 'EINTR', 'EPERM', 'ECONNREFUSED', 'EMSGSIZE', 'ENETUNREACH'],
  recv: ['EAGAIN', 'ENOBUFS', 'EINTR', 'ECONNREFUSED', 'EIO'],
  recvmsg: ['EAGAIN', 'EINTR', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENOMEM', 'EIO'],
  epollCreate: ['EMFILE', 'ENFILE', 'ENOMEM'],
  epollCtl: ['ENOMEM', 'ENOSPC', 'EPERM', 'EBADF'],
  pidfdGetfd: ['EPERM', 'EBADF', 'EMFILE', 'ESRCH', 'ENOSYS'],
  poll: ['EINTR', 'ENOMEM', 'EINVAL'],
};

/** System calls that have the errors of another one, and whose errors bear the other's name. */
const SAME_AS = {
  openat: 'open',
  unlinkat: 'unlink',
  mkdirat: 'mkdir',
  pidfd_open: 'pidfdOpen',
  pipe2: 'socketpair',
};

/** The system calls behind functions of the table `Syscalls` that are not named like them. */
const KERNEL_NAMES = {
  pidfdOpen: 'pidfd_open',
  pidfdGetfd: 'pidfd_getfd',
  epollCreate: 'epoll_create1',
  epollCtl: 'epoll_ctl',
};

/** The table `Syscalls` has several forms of some calls. */
function tableName(call) {
  const name = call.replace(/(mmsg)?Async$/, '');
  return SAME_AS[name] ?? name;
}

/** What a call is called in errors. */
export function nameInErrors(call) {
  const name = tableName(call);
  return KERNEL_NAMES[name] ?? name;
}

/** The errors to try of a call, by its name in the table `Syscalls` or the kernel's. */
export function plausibleErrors(call) {
  return PLAUSIBLE[tableName(call)] ?? USUAL;
}

/** Calls that cannot fail, or whose failure has no answer. */
export const CANNOT_FAIL = new Set(['abort', 'gettid']);
