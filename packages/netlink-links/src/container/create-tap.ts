import { linkByName, linkDel, linkSetMTU, linkSetUp } from '../here.js';
import { tuntap } from '../link-kinds/tuntap.js';
import { checkLinkName } from '../links/link-name.js';
import type { LinkOf } from '../links/link-union.js';
import { undoing } from './undoing.js';

/**
 * Makes a TAP device in the caller's namespace and brings it up. It stays until it is deleted; `openTap` opens it.
 *
 * @throws NetnsError if there is a link of that name, without CAP_NET_ADMIN, or without `/dev/net/tun`; NetlinkError
 * if the kernel refuses the MTU
 */
export function createTap(name: string, mtu: number): LinkOf<'tuntap'> {
  // Not `linkAdd`: what that sets after the device is made might fail, and only here it is known that it was made.
  tuntap.create?.(checkLinkName(name), { mode: 'tap' })();
  return undoing(
    () => linkDel(name),
    () => {
      linkSetMTU(name, mtu);
      linkSetUp(name);
      return linkByName(name) as LinkOf<'tuntap'>;
    },
  );
}
