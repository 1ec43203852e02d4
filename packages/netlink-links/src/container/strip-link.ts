import type { Link } from '../link/link.js';
import { addrDel, addrList, routeDel, routeList } from '../netlink/here.js';
import { checkReadLink } from './checks.js';
import { unlessGone } from './unless-gone.js';

/**
 * Takes addresses from a link of the caller's namespace, IPv4 and IPv6, and the routes over it, but for those that
 * the kernel has made: they go with their addresses. Link-local addresses of IPv6 that the kernel has made stay.
 */
export function stripLink(link: Link): void {
  checkReadLink('link', link);
  // Removing one can take others with it.
  for (const route of routeList({ oif: link.index, table: 'all' }))
    if (route.protocol !== 'kernel') unlessGone(() => routeDel(route));
  // Deleting a primary address of IPv4 deletes its secondary ones.
  for (const address of addrList(link.index))
    if (!(address.family === 'ipv6' && address.scope === 'link')) unlessGone(() => addrDel(link.index, address));
}
