import { NetnsError } from 'netns-core';
import { Errno, encodeInterfaceRequest, errnoName, O_CLOEXEC, O_NONBLOCK, O_RDWR, sys } from 'netns-core/sys';
import { checkLinkName } from '../operation/link-name.js';
import { IFF_NO_PI, IFF_TAP, TUNSETIFF } from '../uapi/if-tun.js';

const TUN = '/dev/net/tun';

const ADVICE: Readonly<Record<string, string>> = {
  EBUSY: 'it exists already and is in use: another process has it open, or it is not a TAP device',
  EINVAL: 'a device of that name is there, but no TAP device',
  EPERM: 'the process lacks CAP_NET_ADMIN in the network namespace: run it as root',
};

/**
 * Opens a TAP device in the caller's namespace, making it if it is not there.
 *
 * @returns a file descriptor, non-blocking and close-on-exec; the caller closes it
 */
export function openTapFd(name: string): number {
  checkLinkName(name);
  const calls = sys();
  const fd = calls.open(TUN, O_RDWR | O_CLOEXEC | O_NONBLOCK, 0);
  if (fd < 0) {
    const missing = -fd === Errno.ENOENT || -fd === Errno.ENODEV;
    throw missing
      ? new NetnsError(`cannot open the TAP device "${name}": this system has no ${TUN} (is the module tun loaded?)`, {
          code: errnoName(-fd),
          errno: -fd,
          syscall: 'open',
          path: TUN,
        })
      : NetnsError.fromErrno(-fd, 'open', `cannot open ${TUN} for the TAP device "${name}"`, { path: TUN });
  }
  const set = calls.ioctl(fd, TUNSETIFF, encodeInterfaceRequest(name, IFF_TAP | IFF_NO_PI));
  if (set < 0) {
    calls.close(fd);
    const code = errnoName(-set);
    const advice = ADVICE[code] ?? 'ioctl TUNSETIFF failed';
    throw new NetnsError(`cannot open the TAP device "${name}": ${advice} (${code})`, {
      code,
      errno: -set,
      syscall: 'ioctl',
    });
  }
  return fd;
}
