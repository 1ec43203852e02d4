import {
  Errno,
  NS_GET_NSTYPE,
  PIDFD_GET_INFO,
  PIDFD_GET_NET_NAMESPACE,
  replaceSyscalls,
  SO_NETNS_COOKIE,
  type Syscalls,
} from 'netns-core/sys';

/** What a kernel lacks of what netns-core asks of one, and how it says so. Each lacks what the one before it lacks. */
const LACKING: Readonly<Record<string, (real: Syscalls) => Partial<Syscalls>>> = {
  'Linux 6.12, which does not tell the process of a pidfd': (real) => ({
    ioctl: (fd, request, argument) => (request === PIDFD_GET_INFO ? -Errno.ENOTTY : real.ioctl(fd, request, argument)),
  }),
  'Linux 6.10, which opens no namespace by a pidfd': (real) => ({
    ioctl: (fd, request, argument) =>
      request === PIDFD_GET_NET_NAMESPACE ? -Errno.ENOTTY : real.ioctl(fd, request, argument),
  }),
  'Linux 5.13, which has no cookies of namespaces': (real) => ({
    getsockopt: (fd, level, name, value) =>
      name === SO_NETNS_COOKIE ? -Errno.ENOPROTOOPT : real.getsockopt(fd, level, name, value),
  }),
  'Linux 5.2, which has no pidfds': () => ({ pidfdOpen: () => -Errno.ENOSYS }),
  'Linux 4.10, which does not tell the type of a namespace': (real) => ({
    ioctl: (fd, request, argument) => (request === NS_GET_NSTYPE ? -Errno.ENOTTY : real.ioctl(fd, request, argument)),
  }),
};

/** The names of kernels that {@link actAs} knows, the newest first. */
export const OLDER_KERNELS: readonly string[] = Object.keys(LACKING);

/** Those of them that have no cookies of namespaces (`SO_NETNS_COOKIE`). */
export const KERNELS_WITHOUT_COOKIES: readonly string[] = OLDER_KERNELS.slice(2);

/**
 * Lets system calls fail as an older kernel does, until the returned function is called.
 *
 * @param replace of the module instance whose calls are meant
 */
export function actAs(kernel: string, replace: typeof replaceSyscalls = replaceSyscalls): () => void {
  const undo: (() => void)[] = [];
  for (const name of OLDER_KERNELS) {
    undo.unshift(replace(LACKING[name] ?? (() => ({}))));
    if (name !== kernel) continue;
    return () => {
      for (const back of undo) back();
    };
  }
  throw new Error(`no such kernel: ${kernel}`);
}
