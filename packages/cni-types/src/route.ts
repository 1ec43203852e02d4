import type { DocumentValue } from './document-value.js';
import { shown } from './document-value.js';
import { checkCidr, checkIp, versionOf } from './ip-address.js';

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

const U32 = 0xffff_ffff;

/** Checks a route, in a result or in the configuration of an IPAM plugin. */
export function checkRoute(route: DocumentValue): void {
  const dst = checkCidr(route.object().at('dst'));
  route.at('gw').optional((gw) => {
    if (gw.value === '') return;
    if (versionOf(checkIp(gw)) !== versionOf(dst))
      gw.fail(`${shown(gw.value)} is not of the family of ${shown(route.at('dst').value)}`);
  });
  for (const [key, maximum] of [
    ['mtu', U32],
    ['advmss', U32],
    ['priority', U32],
    ['table', U32],
    ['scope', 255],
  ] as const)
    route.at(key).optional((value) => value.integer(0, maximum));
}
