import type { ListFlags } from '../commands/list.js';
import { addressesOf, describeProcesses, labelOf, stateOf } from '../host/describe-namespace.js';
import { placeOfVrf } from '../host/describe-vrf.js';
import { type Host, type HostLink, type HostNamespace, type HostVrf, readHost } from '../host/read-host.js';
import { endpointText, type HostSocket, isConnected, readSocketOwners, readSockets } from '../host/read-sockets.js';
import { vrfOfSocket } from '../host/vrf-of-socket.js';
import { messageOf } from '../output/errors.js';
import { printJson, printLine, safe } from '../output/print.js';
import { style } from '../output/style.js';
import { type Cell, printTable } from '../output/table.js';

export async function run({ sockets: wanted = false, json = false }: ListFlags): Promise<void> {
  const sockets: SocketsById = new Map();
  const owners = wanted ? readSocketOwners() : undefined;
  const host = await readHost(async ({ id }, _handle, netlink) => {
    if (owners !== undefined) sockets.set(id, await readSockets(netlink, owners).catch((error: Error) => error));
  });
  if (json) printJson(reportOf(host, sockets));
  else if (wanted) printSockets(host, sockets);
  else printHost(host);
}

/** The sockets of namespaces, or why they could not be listed. */
type SocketsById = Map<string, readonly HostSocket[] | Error>;

function printSockets(host: Host, sockets: SocketsById): void {
  const rows = host.namespaces.flatMap((namespace): Cell[][] => {
    const place = (socket?: HostSocket): Cell => ({
      text: safe(vrfOfSocket(socket, namespace, host) ?? labelOf(namespace)),
      paint: style.cyan,
    });
    const found = sockets.get(namespace.id) ?? namespace.error ?? [];
    if (typeof found === 'string' || found instanceof Error) return [[place(), '-', '-', '-', '-', messageOf(found)]];
    return found.map((socket) => [
      place(socket),
      socket.protocol,
      socket.state,
      endpointText(socket.local),
      isConnected(socket) ? endpointText(socket.remote) : '-',
      socket.processes.map(safe).join(', ') || '-',
    ]);
  });
  printTable(['VRF', 'PROTOCOL', 'STATE', 'LOCAL', 'REMOTE', 'PROCESSES'], rows);
}

function printHost({ vrfs, namespaces }: Host): void {
  const byId = new Map(namespaces.map((namespace) => [namespace.id, namespace]));
  const rows = vrfs.map(({ vrf, namespaceId }): Cell[] => {
    const namespace = namespaceId === undefined ? undefined : byId.get(namespaceId);
    const cells = vrf.kind === 'device' ? deviceCells(vrf.ifindex, namespace) : namespaceCells(namespace);
    return [{ text: safe(vrf.name), paint: style.cyan }, placeOfVrf(vrf), ...cells];
  });
  printTable(['VRF', 'IS', 'LINKS', 'ADDRESSES', 'PROCESSES'], rows);
  const listed = new Set(vrfs.map(({ namespaceId }) => namespaceId));
  const others = namespaces.filter(({ id }) => !listed.has(id));
  if (others.length === 0) return;
  printLine();
  printTable(
    ['NAMESPACE', 'ID', 'LINKS', 'ADDRESSES', 'PROCESSES'],
    others.map((namespace) => [
      { text: labelOf(namespace), paint: style.cyan },
      String(namespace.ino),
      ...namespaceCells(namespace),
    ]),
  );
}

function namespaceCells(namespace: HostNamespace | undefined): string[] {
  if (namespace === undefined) return ['-', '-', '-'];
  if (namespace.error !== undefined) return ['-', '-', namespace.error];
  return [...linkCells(namespace.links), describeProcesses(namespace.processes) || '-'];
}

/** The VRF device and the links that belong to it. A process belongs to a namespace, not to a device. */
function deviceCells(ifindex: number, namespace: HostNamespace | undefined): string[] {
  const links = namespace?.links ?? [];
  return [...linkCells(links.filter(({ link }) => link.index === ifindex || link.masterIndex === ifindex)), '-'];
}

function linkCells(links: readonly HostLink[]): string[] {
  const names = links.map((link) => {
    const state = stateOf(link);
    return safe(link.link.name) + (state === 'up' ? '' : ` (${state})`);
  });
  return [names.join(', ') || '-', links.flatMap(addressesOf).join(', ') || '-'];
}

function reportOf(host: Host, sockets: SocketsById): unknown {
  const { vrfs, namespaces } = host;
  return {
    vrfs: vrfs.map(({ vrf, namespaceId }: HostVrf) => ({ ...vrf, namespaceId })),
    namespaces: namespaces.map(({ links, ...namespace }) => ({
      ...namespace,
      ...socketsOf({ links, ...namespace }, host, sockets.get(namespace.id)),
      links: links.map((link) => ({
        name: link.link.name,
        index: link.link.index,
        type: link.link.type,
        state: stateOf(link),
        mtu: link.link.mtu,
        hardwareAddr: link.link.hardwareAddr,
        ...(link.link.masterIndex === undefined ? {} : { masterIndex: link.link.masterIndex }),
        addresses: link.addresses.map(({ address }) => address),
      })),
    })),
  };
}

/** What JSON has about the sockets of a namespace. */
function socketsOf(namespace: HostNamespace, host: Host, found: readonly HostSocket[] | Error | undefined): object {
  if (found === undefined) return {};
  if (found instanceof Error) return { socketsError: messageOf(found) };
  return {
    sockets: found.map(({ ifindex, ...socket }) => {
      const vrf = vrfOfSocket({ ...socket, ...(ifindex !== undefined && { ifindex }) }, namespace, host);
      const device = namespace.links.find(({ link }) => link.index === ifindex)?.link.name;
      return { ...(vrf !== undefined && { vrf }), ...socket, ...(device !== undefined && { interface: device }) };
    }),
  };
}
