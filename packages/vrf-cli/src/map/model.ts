import { Netlink, type Route } from 'netlink-links';
import type { NetnsHandle } from 'netns-core';
import { addressesOf, describeProcesses, labelOf, stateOf } from '../host/describe-namespace.js';
import { describeVrf } from '../host/describe-vrf.js';
import { type HostLink, type HostNamespace, readHost } from '../host/read-host.js';
import { endpointText, type HostSocket, readSocketOwners, readSockets } from '../host/read-sockets.js';
import { safe } from '../output/print.js';

/** A link on the map. */
export interface MapLink {
  readonly name: string;
  readonly index: number;
  readonly type: string;
  readonly state: string;
  readonly addresses: readonly string[];
  /** The bridge, bond or VRF that it belongs to, by name. */
  readonly master?: string;
  /** The other end of a veth pair, or the link below. */
  readonly peer?: MapEnd;
}

/** A link in a namespace. */
export interface MapEnd {
  /** `id` of a {@link MapNamespace}; absent where the namespace is not on the map. */
  readonly namespace?: string;
  readonly link: string;
}

/** A route on the map. */
export interface MapRoute {
  readonly dst: string;
  readonly via: string;
  readonly table: number;
}

/** A namespace on the map. */
export interface MapNamespace {
  readonly id: string;
  readonly label: string;
  readonly current: boolean;
  readonly vrfs: readonly string[];
  readonly processes: string;
  readonly links: readonly MapLink[];
  readonly routes: readonly MapRoute[];
  readonly sockets: readonly MapSocket[];
  readonly error?: string;
}

/** A connection of two links. */
export interface MapWire {
  readonly ends: readonly [Required<MapEnd>, Required<MapEnd>];
}

/** The network of a host: text in it may be printed. */
export interface HostMap {
  readonly namespaces: readonly MapNamespace[];
  /** Veth pairs whose ends are both on the map. */
  readonly wires: readonly MapWire[];
}

/** A TCP or UDP socket that waits for others, or is connected. */
export interface MapSocket {
  readonly protocol: string;
  readonly state: 'listening' | 'connected';
  /** `192.0.2.1:80`, `[::]:443`. */
  readonly local: string;
  /** The other end of a connection. */
  readonly remote?: string;
  readonly inode: number;
  /** Names of the processes that have it open. */
  readonly processes: readonly string[];
}

/** What is read of a namespace beside its links. */
interface Details {
  readonly routes: readonly Route[];
  readonly sockets: readonly HostSocket[];
}

/** The kernel's own routes for its addresses, `RT_TABLE_LOCAL`. */
const LOCAL_TABLE = 255;
/** A router's table does not fit on a map. */
const MAX_ROUTES = 50;

/** Reads the network of this host. */
export async function readMap(): Promise<HostMap> {
  const owners = readSocketOwners();
  const read = new Map<string, Details>();
  const handles = new Map<string, NetnsHandle>();
  try {
    const { vrfs, namespaces: all } = await readHost(async ({ id }, handle, netlink) => {
      handles.set(id, handle.dup());
      read.set(id, { routes: await readRoutes(netlink), sockets: await readSockets(netlink, owners) });
    });
    const linksOf = new Map(all.map(({ id, links }) => [id, links]));
    const namespaces: MapNamespace[] = [];
    for (const namespace of all) {
      const { id } = namespace;
      const own = vrfs.filter(({ namespaceId }) => namespaceId === id).map(({ vrf }) => describeVrf(vrf));
      const netnsIds = await readNetnsIds(namespace, handles);
      namespaces.push(describe(namespace, own, read.get(id), netnsIds, linksOf));
    }
    return { namespaces, wires: wiresOf(namespaces) };
  } finally {
    for (const handle of handles.values()) handle.close();
  }
}

async function readRoutes(netlink: Netlink): Promise<Route[]> {
  const routes = await netlink.routeList({ table: 'all' });
  return routes.filter(({ table, type }) => table !== LOCAL_TABLE && type !== 'local');
}

/** The namespaces of other ends, by the identifiers that `linkNetnsId` counts in. */
async function readNetnsIds(
  { id, links }: HostNamespace,
  handles: ReadonlyMap<string, NetnsHandle>,
): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  const own = handles.get(id);
  if (own === undefined || links.every(({ link }) => link.linkNetnsId === undefined)) return found;
  using netlink = Netlink.open(own);
  for (const [other, handle] of handles) {
    const netnsId = await netlink.nsidGet(handle);
    if (netnsId !== undefined) found.set(netnsId, other);
  }
  return found;
}

function describe(
  namespace: HostNamespace,
  vrfs: readonly string[],
  details: Details | undefined,
  netnsIds: ReadonlyMap<number, string>,
  linksOf: ReadonlyMap<string, readonly HostLink[]>,
): MapNamespace {
  const { id, current, links, processes, error } = namespace;
  const nameOf = (index: number | undefined): string | undefined =>
    links.find(({ link }) => link.index === index)?.link.name;
  const peerOf = ({ link }: HostLink): MapEnd | undefined => {
    if (link.parentIndex === undefined || link.parentIndex === 0) return undefined;
    const there = link.linkNetnsId === undefined ? id : netnsIds.get(link.linkNetnsId);
    const other =
      there === undefined ? undefined : linksOf.get(there)?.find((one) => one.link.index === link.parentIndex);
    if (there === undefined || other === undefined) return { link: `#${link.parentIndex}` };
    return { namespace: there, link: safe(other.link.name) };
  };
  return {
    id,
    label: labelOf(namespace),
    current,
    vrfs,
    processes: describeProcesses(processes),
    links: links.map((link): MapLink => {
      const master = nameOf(link.link.masterIndex);
      const peer = peerOf(link);
      return {
        name: safe(link.link.name),
        index: link.link.index,
        type: link.link.type,
        state: stateOf(link),
        addresses: addressesOf(link),
        ...(master !== undefined && { master: safe(master) }),
        ...(peer !== undefined && { peer }),
      };
    }),
    routes: (details?.routes ?? []).slice(0, MAX_ROUTES).map((route) => describeRoute(route, nameOf)),
    sockets: (details?.sockets ?? []).flatMap((socket) => mapSocket(socket) ?? []),
    ...(error !== undefined && { error }),
  };
}

/** Connections that begin or end are not shown. */
function mapSocket(socket: HostSocket): MapSocket | undefined {
  const { protocol, state, local, remote, inode, processes } = socket;
  if (!['listen', 'established', 'close'].includes(state)) return undefined;
  const connected = state === 'established';
  return {
    protocol,
    state: connected ? 'connected' : 'listening',
    local: endpointText(local),
    ...(connected && { remote: endpointText(remote) }),
    inode,
    processes: processes.map(safe),
  };
}

function describeRoute(route: Route, nameOf: (index: number | undefined) => string | undefined): MapRoute {
  const ways = route.nexthops ?? [{ gateway: route.gateway, oif: route.oif }];
  const via = ways.map(({ gateway, oif }) => {
    const device = nameOf(oif);
    const words = [gateway === undefined ? '' : `via ${gateway}`, device === undefined ? '' : `dev ${safe(device)}`];
    return words.filter((word) => word !== '').join(' ');
  });
  const type = route.type === 'unicast' ? '' : `${String(route.type)} `;
  const dst = route.dst === '0.0.0.0/0' || route.dst === '::/0' ? 'default' : route.dst;
  return { dst: `${type}${dst}`, via: via.join(', '), table: route.table };
}

function wiresOf(namespaces: readonly MapNamespace[]): MapWire[] {
  const seen = new Set<string>();
  return namespaces.flatMap(({ id, links }) =>
    links.flatMap(({ name, type, peer }): MapWire[] => {
      if (type !== 'veth' || peer?.namespace === undefined) return [];
      const here = { namespace: id, link: name };
      const there = { namespace: peer.namespace, link: peer.link };
      const key = [`${here.namespace} ${here.link}`, `${there.namespace} ${there.link}`].sort().join('\n');
      if (seen.has(key)) return [];
      seen.add(key);
      return [{ ends: [here, there] }];
    }),
  );
}
