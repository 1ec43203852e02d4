import type { Host, HostNamespace } from './read-host.js';
import type { HostSocket } from './read-sockets.js';

/**
 * The name of the VRF that a socket is in: its namespace, or the VRF device that it is bound to, itself or by a link of
 * that device; `undefined` in other namespaces.
 */
export function vrfOfSocket(
  socket: Pick<HostSocket, 'ifindex'> | undefined,
  { id, links }: Pick<HostNamespace, 'id' | 'links'>,
  { vrfs }: Pick<Host, 'vrfs'>,
): string | undefined {
  const here = vrfs.filter(({ namespaceId }) => namespaceId === id).map(({ vrf }) => vrf);
  const bound = links.find(({ link }) => link.index === socket?.ifindex)?.link;
  const device = here.find(
    (vrf) => vrf.kind === 'device' && bound !== undefined && [bound.index, bound.masterIndex].includes(vrf.ifindex),
  );
  return (device ?? here.find(({ kind }) => kind !== 'device'))?.name;
}
