import type { Route as CniRoute, Result1 } from 'cni-types';
import { NetnsError } from 'netns-core';
import type { Link } from '../link/link.js';
import { addrList, routeList } from '../netlink/here.js';
import { checkNsPath, checkReadLink } from './checks.js';

/** A CNI result of version 1.0.0, the form in which container-side networks are described here. */
export type ContainerResult = Result1<'1.0.0'>;

/**
 * Reads from a link of the caller's namespace what CNI would have said of it: its one address, the routes over it
 * that have a gateway, and the gateway of its default route. Routes that the kernel has made are left out. So are
 * those without a gateway: CNI has no way to say them. Link-local addresses of IPv6 do not count.
 *
 * @param nsPath the path of the namespace, for the interface's `sandbox`
 * @throws NetnsError `ERR_NO_ADDRESS` or `ERR_SEVERAL_ADDRESSES`, naming what there is
 */
export function extractLinkInfo(link: Link, nsPath: string): ContainerResult {
  checkReadLink('link', link);
  checkNsPath(nsPath);
  const addresses = addrList(link.index).filter((address) => !(address.family === 'ipv6' && address.scope === 'link'));
  const [address, ...others] = addresses;
  if (address === undefined)
    throw new NetnsError(`${link.name} has no address: exactly one is needed to take the link over`, {
      code: 'ERR_NO_ADDRESS',
    });
  if (others.length > 0)
    throw new NetnsError(
      `${link.name} has ${addresses.length} addresses: ${addresses.map((each) => each.address).join(', ')}. Exactly one is needed; with several, give the CNI result`,
      { code: 'ERR_SEVERAL_ADDRESSES' },
    );
  const routes: CniRoute[] = [];
  let gateway: string | undefined;
  for (const route of routeList({ oif: link.index })) {
    if (route.protocol === 'kernel' || route.gateway === undefined) continue;
    if (route.dst.endsWith('/0') && route.family === address.family) gateway ??= route.gateway;
    routes.push({ dst: route.dst, gw: route.gateway });
  }
  return {
    cniVersion: '1.0.0',
    interfaces: [{ name: link.name, mac: link.hardwareAddr, sandbox: nsPath }],
    ips: [{ interface: 0, address: address.address, ...(gateway === undefined ? {} : { gateway }) }],
    ...(routes.length === 0 ? {} : { routes }),
  };
}
