import type { LinkOf } from '../link/link.js';
import { linkByName, linkDel, linkSetMTU, linkSetUp } from '../netlink/here.js';
import { checkLinkName } from '../operation/link-name.js';
import { makeTun } from '../tap/make-tun.js';
import { checkMtu } from './checks.js';
import { undoing } from './undoing.js';

/**
 * Makes a TAP device in the caller's namespace and brings it up. It stays until it is deleted; `openTap` opens it.
 *
 * @throws NetnsError if there is a link of that name, without CAP_NET_ADMIN, or without `/dev/net/tun`; NetlinkError
 * if the kernel refuses the MTU
 */
export function createTap(name: string, mtu: number): LinkOf<'tuntap'> {
  checkMtu(mtu);
  // Not `linkAdd`: what that sets after the device is made might fail, and only here it is known that it was made.
  makeTun(checkLinkName(name), { mode: 'tap' });
  return undoing(
    () => linkDel(name),
    () => {
      linkSetMTU(name, mtu);
      linkSetUp(name);
      return linkByName(name) as LinkOf<'tuntap'>;
    },
  );
}
