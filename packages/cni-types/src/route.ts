import type { DocumentValue } from './document-value.js';
import { type Cidr, checkCidr, checkIp } from './ip-address.js';

/** A route of the container. */
export interface Route {
  /** The network: `192.0.2.0/24`, `0.0.0.0/0`. */
  dst: string;
  /** The next hop; without it, that of the address the route belongs to. */
  gw?: string;
  /** Path MTU in bytes. Since 1.1.0. */
  mtu?: number;
  /** Maximum segment size to advertise, in bytes. Since 1.1.0. */
  advmss?: number;
  /** The metric: less is better. Since 1.1.0. */
  priority?: number;
  /** The routing table's number. Since 1.1.0. */
  table?: number;
  /** The scope's number, as the kernel has it: 0 global, 253 link, 254 host. Since 1.1.0. */
  scope?: number;
}

/** Checks the types in a route. */
export function checkRoute(route: DocumentValue): Cidr {
  const dst = checkCidr(route.object().at('dst'));
  route.at('gw').optional((gw) => gw.value === '' || checkIp(gw));
  for (const key of ['mtu', 'advmss', 'priority', 'table', 'scope']) route.at(key).optional((value) => value.integer());
  return dst;
}
