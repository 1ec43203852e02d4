import { NetnsError } from 'netns-core';
import { encodeInterfaceRequest, LITTLE_ENDIAN, O_CLOEXEC, O_RDWR, sys } from 'netns-core/sys';
import {
  IFF_MULTI_QUEUE,
  IFF_NO_PI,
  IFF_TAP,
  IFF_TUN,
  IFF_TUN_EXCL,
  IFF_VNET_HDR,
  TUNSETGROUP,
  TUNSETIFF,
  TUNSETIFINDEX,
  TUNSETOWNER,
  TUNSETPERSIST,
} from '../uapi/if-tun.js';

/** What a TUN or TAP device is to be. */
export interface TunOptions {
  readonly mode: 'tun' | 'tap';
  /** The index that it is to have; the kernel chooses one if left out. */
  readonly index?: number | undefined;
  /** The user who may open it. */
  readonly owner?: number | undefined;
  readonly ownerGroup?: number | undefined;
  readonly packetInformation?: boolean | undefined;
  readonly vnetHeader?: boolean | undefined;
  readonly multiQueue?: boolean | undefined;
}

/**
 * Makes a TUN or TAP device in the namespace that the thread is in. It stays until it is deleted.
 *
 * @throws NetnsError without `/dev/net/tun`, without CAP_NET_ADMIN, or if there is a link of that name
 */
export function makeTun(name: string, options: TunOptions): void {
  const { mode, index, owner, ownerGroup } = options;
  let flags = (mode === 'tun' ? IFF_TUN : IFF_TAP) | IFF_TUN_EXCL;
  if (options.packetInformation !== true) flags |= IFF_NO_PI;
  if (options.vnetHeader === true) flags |= IFF_VNET_HDR;
  if (options.multiQueue === true) flags |= IFF_MULTI_QUEUE;
  const request = encodeInterfaceRequest(name, flags);
  const calls = sys();
  const fd = calls.open('/dev/net/tun', O_RDWR | O_CLOEXEC, 0);
  if (fd < 0) throw NetnsError.fromErrno(-fd, 'open', 'cannot open /dev/net/tun', { path: '/dev/net/tun' });
  try {
    const control = (call: string, number: number, argument: Uint8Array | number): void => {
      const result = calls.ioctl(fd, number, argument);
      if (result < 0) throw NetnsError.fromErrno(-result, `ioctl ${call}`, `cannot make the ${mode} link ${name}`);
    };
    // The link is gone with the file descriptor unless everything up to the last step succeeds.
    if (index !== undefined) control('TUNSETIFINDEX', TUNSETIFINDEX, intOf(index));
    control('TUNSETIFF', TUNSETIFF, request);
    if (owner !== undefined) control('TUNSETOWNER', TUNSETOWNER, owner);
    if (ownerGroup !== undefined) control('TUNSETGROUP', TUNSETGROUP, ownerGroup);
    control('TUNSETPERSIST', TUNSETPERSIST, 1);
  } finally {
    calls.close(fd);
  }
}

function intOf(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, LITTLE_ENDIAN);
  return bytes;
}
