import { linkAdd, linkByName } from '../here.js';
import type { LinkOf } from '../links/link-union.js';

/**
 * Makes a TAP device in the caller's namespace and brings it up. It stays until it is deleted; `openTap` opens it.
 *
 * @throws NetnsError if there is a link of that name, without CAP_NET_ADMIN, or without `/dev/net/tun`; NetlinkError
 * if the kernel refuses the MTU
 */
export function createTap(name: string, mtu: number): LinkOf<'tuntap'> {
  linkAdd({ type: 'tuntap', mode: 'tap', name, mtu, up: true });
  return linkByName(name) as LinkOf<'tuntap'>;
}
