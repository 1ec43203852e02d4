import { InvalidOptionError, NetnsError, type NetnsHandle, runInNamespace } from 'netns-core';
import { linkList } from '../netlink/here.js';
import { openTap, type TapDevice } from '../tap/tap-device.js';
import { checkNsPath } from './checks.js';
import { ContainerSideNetwork, openContainer, type Takeover, type Undo } from './container-side-network.js';
import { type ContainerSideNetworkJson, checkSaved, reviveFromJson } from './saved-network.js';

/** What has to be undone: as it was saved, or, without that, what a setup would have made. */
function undoOf(saved: ContainerSideNetworkJson): Undo {
  if (saved.undo !== undefined) return JSON.parse(saved.undo, reviveFromJson) as Undo;
  return {
    result: saved.result,
    interfaces: saved.interfaces.map(
      ({ name, hardwareAddr, mtu }, number): Takeover => ({
        interface: name,
        mtu,
        before: undefined,
        hardwareAddr,
        bridge: `br${number}`,
        tap: `tap${number}`,
        dhcp: { program: 'ebtables', linkName: name, rules: 4 },
      }),
    ),
  };
}

/** The TAP device of an interface; `undefined` if another process has it open, the virtual machine. */
function reopen(takeover: Takeover): TapDevice | undefined {
  try {
    return takeover.tap === undefined ? undefined : openTap(takeover.tap);
  } catch (error) {
    if (error instanceof NetnsError && error.code === 'EBUSY') return undefined;
    throw error;
  }
}

function recover(undo: Undo, nsPath: string, namespace: NetnsHandle): ContainerSideNetwork {
  const links = new Set(linkList().map(({ name }) => name));
  for (const { interface: name, tap, bridge } of undo.interfaces)
    for (const needed of [name, tap, bridge])
      if (needed !== undefined && !links.has(needed))
        throw new NetnsError(
          `there is no ${needed} in ${nsPath}, only ${[...links].join(', ')}: the network of ${name} has not been set up for a virtual machine, or not here`,
          { code: 'ERR_INTERFACE_NOT_FOUND' },
        );
  const taps = new Map<string, TapDevice>();
  try {
    for (const takeover of undo.interfaces) {
      const tap = reopen(takeover);
      if (tap !== undefined) taps.set(takeover.interface, tap);
    }
    return new ContainerSideNetwork({ undo, nsPath, namespace, taps });
  } catch (error) {
    for (const tap of taps.values()) tap.close();
    throw error;
  }
}

/**
 * Takes up a network again that another process has set up: opens its TAP devices, those that a virtual machine has
 * open excepted, and can tear it down.
 *
 * @param saved what `JSON.stringify` made of a `ContainerSideNetwork`, parsed. Without its `undo`, a teardown can
 * put back only what the CNI result says.
 * @param nsPath the path of the namespace, if it is another one now
 * @throws NetnsError `ERR_INTERFACE_NOT_FOUND` naming the interface, TAP device or bridge that is missing;
 * `ERR_UNSUPPORTED_NETWORK` for SR-IOV
 */
export function recoverContainerSideNetwork(
  saved: ContainerSideNetworkJson | ContainerSideNetwork,
  nsPath?: string,
): ContainerSideNetwork {
  const description = saved instanceof ContainerSideNetwork ? saved.toJSON() : saved;
  checkSaved(description);
  if (nsPath !== undefined) checkNsPath(nsPath);
  const { interfaces } = description;
  if (interfaces.length === 0)
    throw new InvalidOptionError('interfaces', 'what was saved of the network has no interfaces');
  for (const { type, name } of interfaces)
    if (type !== 'tap')
      throw new NetnsError(`${name} is of type '${type}', a virtual function of SR-IOV: that is not supported`, {
        code: 'ERR_UNSUPPORTED_NETWORK',
      });
  const where = nsPath ?? description.nsPath;
  const namespace = openContainer(where);
  try {
    return runInNamespace(namespace, () => recover(undoOf(description), where, namespace));
  } catch (error) {
    namespace.close();
    throw error;
  }
}
