import { socketSource } from 'netns-core';
import { createUdpSocket } from 'vrf-dial/node';
import { namespaceRefOf, type Target } from '../target.js';

/**
 * Makes sure that a target is there, where a command could succeed without it: the hosts file has `localhost` for
 * namespaces that do not exist.
 *
 * @throws NamespaceNotFoundError, or NetnsError for a device that is missing
 */
export async function checkTarget(target: Target): Promise<void> {
  socketSource().mustExist(namespaceRefOf(target));
  if (target.interface === undefined) return;
  const socket = await createUdpSocket({ ...target, type: 'udp4' });
  socket.close();
}
