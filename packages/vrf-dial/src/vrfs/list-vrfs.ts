import { listNamed, resolveNamespace } from 'netns-core';
import { linksOfKind } from './link-kinds.js';
import { DEFAULT_VRF, type Vrf, vrfOfDevice, vrfOfNamespace } from './vrf.js';

/**
 * The VRFs of this host: the default VRF, the named namespaces `ns-…`, and the kernel's VRF devices in the caller's
 * namespace, in this order, each kind by name. A namespace and a device of the same name are two VRFs.
 *
 * @throws NetnsError
 */
export function listVrfs(): Vrf[] {
  return [DEFAULT_VRF, ...namespaceVrfs(), ...deviceVrfs()];
}

function namespaceVrfs(): Vrf[] {
  return listNamed()
    .filter((name) => isNamespace(name))
    .map(vrfOfNamespace)
    .filter((vrf) => vrf !== undefined);
}

/** The kernel's VRF devices in the caller's namespace. */
export function deviceVrfs(): Vrf[] {
  const byName = (one: Vrf, other: Vrf): number => (one.name < other.name ? -1 : 1);
  return linksOfKind('', 'vrf').map(vrfOfDevice).sort(byName);
}

/** Not a file that a namespace has yet to be mounted on, or a link that leads nowhere. */
function isNamespace(name: string): boolean {
  try {
    resolveNamespace({ name }).close();
    return true;
  } catch {
    return false;
  }
}
