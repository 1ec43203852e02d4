import { type ResolvedTarget, targetSockets } from '../target.js';
import type { ResolverContext } from './context.js';
import { namespaceKey } from './network-key.js';

/**
 * How long a namespace is taken to be the one that it was, in milliseconds. Looking costs more than all the rest of a
 * lookup that the cache answers; ten milliseconds are less than a namespace takes to be made again.
 */
const KEY_AGE = 10;

/** The resolver's view of a target. */
export function targetContext(target: ResolvedTarget): ResolverContext {
  // Two ways into one namespace (another device, another mark) may lead to other servers under the same address.
  const way = JSON.stringify(target.socketOptions);
  const sockets = targetSockets(target);
  let namespace: string | undefined;
  let key: string | undefined;
  let looked = Number.NEGATIVE_INFINITY;
  return {
    label: target.label,
    etcName: target.etcName,
    dns: target.dns,
    networkKey: (now) => {
      if (now - looked < KEY_AGE) return key;
      looked = now;
      const found = namespaceKey(target.namespace);
      if (found !== namespace) {
        namespace = found;
        key = found === undefined ? undefined : `${found} ${way}`;
      }
      return key;
    },
    openSocket: (family, type) => sockets.open(family, type),
  };
}
