import { createUdpSocket } from 'vrf-dial/node';
import type { Target } from '../target.js';

/**
 * Makes sure that a target is there, where a command could succeed without it: the hosts file has `localhost` for
 * namespaces that do not exist.
 *
 * @throws as `createUdpSocket`: NamespaceNotFoundError, or NetnsError for a device that is missing
 */
export async function checkTarget(target: Target): Promise<void> {
  const socket = await createUdpSocket({ ...target, type: 'udp4' });
  socket.close();
}
