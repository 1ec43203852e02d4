import { type DocumentValue, shown } from '../document-value.js';
import { checkIp, versionOf } from '../ip-address.js';
import { checkRoute } from '../route.js';

const U32 = 0xffff_ffff;

/** Lints a route, of a result or of an IPAM plugin's configuration. */
export function lintRoute(route: DocumentValue): void {
  const dst = checkRoute(route);
  route.at('gw').optional((gw) => {
    if (gw.value !== '' && versionOf(checkIp(gw)) !== versionOf(dst))
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
