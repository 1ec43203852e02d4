import { get, NetnsError } from 'netns-core';
import type { Address } from '../address/address.js';
import type { Link } from '../link/link.js';
import type { Neighbour } from '../neighbour/neighbour.js';
import type { Route } from '../route/route.js';
import type { InternetSocketFilter } from '../sockets/filter.js';
import { Netlink } from './netlink.js';

function identityOfCurrent(): string {
  const handle = get();
  try {
    return handle.uniqueId();
  } finally {
    handle.close();
  }
}

/**
 * Iterates in the caller's current namespace. The socket is opened at the first step, so that an iterator that is never
 * read holds nothing open; by then a hop is over, and what was meant inside one must not be answered from outside.
 */
function here<A extends unknown[], E>(
  name: string,
  start: (netlink: Netlink, ...args: A) => AsyncGenerator<E, void, void>,
): (...args: A) => AsyncGenerator<E, void, void> {
  return (...args) => {
    const meant = identityOfCurrent();
    return (async function* () {
      if (identityOfCurrent() !== meant)
        throw new NetnsError(
          `${name}() was called inside a namespace hop, and its first step was taken outside: use Netlink.open(namespace).${name}(), or the synchronous list inside the hop`,
          { code: 'ERR_ASYNC_CALLBACK' },
        );
      const netlink = Netlink.open();
      try {
        yield* start(netlink, ...args);
      } finally {
        netlink.close();
      }
    })();
  };
}

/**
 * The links of the caller's current namespace, one after the other. Arguments as for `linkList`.
 *
 * @throws NetnsError `ERR_ASYNC_CALLBACK` at the first step, if it is taken in another namespace than the call
 */
export const links: (...filter: Parameters<Netlink['links']>) => AsyncGenerator<Link, void, void> = here(
  'links',
  (netlink, ...filter: Parameters<Netlink['links']>) => netlink.links(...filter),
);

/** The addresses of the caller's current namespace, one after the other. Arguments as for `addrList`. @throws as {@link links} */
export const addresses: (...filter: Parameters<Netlink['addresses']>) => AsyncGenerator<Address, void, void> = here(
  'addresses',
  (netlink, ...filter: Parameters<Netlink['addresses']>) => netlink.addresses(...filter),
);

/** The routes of the caller's current namespace, one after the other. Arguments as for `routeList`. @throws as {@link links} */
export const routes: (...filter: Parameters<Netlink['routes']>) => AsyncGenerator<Route, void, void> = here(
  'routes',
  (netlink, ...filter: Parameters<Netlink['routes']>) => netlink.routes(...filter),
);

/** The neighbours of the caller's current namespace, one after the other. Arguments as for `neighList`. @throws as {@link links} */
export const neighbours: (...filter: Parameters<Netlink['neighbours']>) => AsyncGenerator<Neighbour, void, void> = here(
  'neighbours',
  (netlink, ...filter: Parameters<Netlink['neighbours']>) => netlink.neighbours(...filter),
);

/** The sockets of the caller's current namespace, one after the other. Arguments as for `socketList`. @throws as {@link links} */
export const sockets: Netlink['sockets'] = here('sockets', (netlink, filter?: InternetSocketFilter) =>
  netlink.sockets(filter),
);
