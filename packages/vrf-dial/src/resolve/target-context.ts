import { openTargetSocket, type ResolvedTarget } from '../target.js';
import type { ResolverContext } from './context.js';
import { namespaceKey } from './network-key.js';

/** The resolver's view of a target. */
export function targetContext(target: ResolvedTarget): ResolverContext {
  // Two ways into one namespace (another device, another mark) may lead to other servers under the same address.
  const way = JSON.stringify(target.socketOptions);
  let namespace: string | undefined;
  let key = '';
  return {
    label: target.label,
    etcName: target.etcName,
    dns: target.dns,
    networkKey: () => {
      const now = namespaceKey(target.namespace);
      if (now === undefined) return undefined;
      if (now !== namespace) {
        namespace = now;
        key = `${now} ${way}`;
      }
      return key;
    },
    openSocket: (family, type) => openTargetSocket(target, family, type),
  };
}
