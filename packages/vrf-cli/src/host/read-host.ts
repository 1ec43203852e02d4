import { readFileSync } from 'node:fs';
import { type Address, type Link, Netlink } from 'netlink-links';
import {
  currentNamespace,
  hopSource,
  listNamespacesAsync,
  type NamespaceInfo,
  type NamespaceRef,
  type NetnsHandle,
  resolveNamespace,
  socketSource,
} from 'netns-core';
import { listVrfs, type Vrf } from 'vrf-dial/node';
import { codeOf, messageOf } from '../output/errors.js';

/** A process of a namespace. */
export interface HostProcess {
  readonly pid: number;
  readonly name: string;
}

/** A link with its addresses. */
export interface HostLink {
  readonly link: Link;
  readonly addresses: readonly Address[];
}

/** A network namespace of the host. */
export interface HostNamespace {
  readonly id: string;
  /** The number in `net:[4026531840]`. */
  readonly ino: bigint;
  readonly names: readonly string[];
  readonly paths: readonly string[];
  /** Whether this program runs in it. */
  readonly current: boolean;
  readonly processes: readonly HostProcess[];
  readonly links: readonly HostLink[];
  /** Why there is nothing about its links. */
  readonly error?: string;
}

/** A VRF, and the namespace that it is or that it is a device of. */
export interface HostVrf {
  readonly vrf: Vrf;
  readonly namespaceId: string | undefined;
}

/** The VRFs and the network namespaces of the host. */
export interface Host {
  readonly vrfs: readonly HostVrf[];
  readonly namespaces: readonly HostNamespace[];
}

/** What is done in a namespace while it is held open. */
export type NamespaceVisit = (namespace: HostNamespace, handle: NetnsHandle, netlink: Netlink) => Promise<void> | void;

/**
 * Reads the VRFs and the network namespaces of the host. What disappears meanwhile is left out; what the caller may not
 * enter is there with an `error`.
 *
 * @param visit called for each namespace that can be entered
 */
export async function readHost(visit: NamespaceVisit = () => {}): Promise<Host> {
  const vrfs = listVrfs();
  using own = currentNamespace();
  const current = own.uniqueId();
  const namespaces: HostNamespace[] = [];
  for (const info of await listNamespacesAsync()) {
    const namespace = await readNamespace(info, info.id === current, visit);
    if (namespace !== undefined) namespaces.push(namespace);
  }
  namespaces.sort(byPlace);
  const idOf = (vrf: Vrf): string | undefined => {
    if (vrf.kind === 'device') return current;
    return idOfTarget({ vrf: vrf.name });
  };
  return { vrfs: vrfs.map((vrf) => ({ vrf, namespaceId: idOf(vrf) })), namespaces };
}

function idOfTarget(ref: NamespaceRef): string | undefined {
  try {
    using handle = resolveNamespace(ref);
    return handle.uniqueId();
  } catch {
    // It is gone already.
    return undefined;
  }
}

async function readNamespace(
  info: NamespaceInfo,
  current: boolean,
  visit: NamespaceVisit,
): Promise<HostNamespace | undefined> {
  const { id, ino, names, paths } = info;
  const processes = info.pids.flatMap((pid) => processOf(pid) ?? []);
  const known = { id, ino, names: [...names].sort(), paths, current, processes };
  const opened = openNamespace(info);
  if (opened === undefined) return undefined;
  if (typeof opened === 'string') return { ...known, links: [], error: opened };
  using handle = opened;
  const place = socketSource() === hopSource ? handle : current ? '' : known.names[0];
  if (place === undefined)
    return { ...known, links: [], error: 'a broker knows namespaces by their names, and it has none' };
  try {
    using netlink = Netlink.open(place);
    const [links, addresses] = await Promise.all([netlink.linkList(), netlink.addrList()]);
    const namespace: HostNamespace = {
      ...known,
      links: links.map((link) => ({ link, addresses: addresses.filter(({ ifindex }) => ifindex === link.index) })),
    };
    await visit(namespace, handle, netlink);
    // The broker goes by the name, which may mean another namespace by now.
    if (typeof place === 'string' && socketSource().identify(place)?.id !== id) return undefined;
    return namespace;
  } catch (error) {
    return { ...known, links: [], error: messageOf(error) };
  }
}

/** Opens a namespace by whatever leads to it; a text says why none does, `undefined` that it is gone. */
function openNamespace({ id, paths, pids, holders = [] }: NamespaceInfo): NetnsHandle | string | undefined {
  const ways: NamespaceRef[] = [
    ...paths.map((path) => ({ path })),
    ...pids.map((pid) => ({ pid })),
    ...holders.filter(({ kind }) => kind === 'descriptor').map(({ pid, fd }) => ({ path: `/proc/${pid}/fd/${fd}` })),
  ];
  let refusal: string | undefined;
  for (const way of ways) {
    try {
      const handle = resolveNamespace(way);
      // The path or the process may lead to another namespace by now.
      if (handle.uniqueId() === id) return handle;
      handle.close();
    } catch (error) {
      if (codeOf(error) === 'EPERM' || codeOf(error) === 'EACCES') refusal ??= messageOf(error);
    }
  }
  return refusal ?? (ways.length === 0 ? 'only sockets keep it alive: it cannot be entered' : undefined);
}

function processOf(pid: number): HostProcess | undefined {
  try {
    return { pid, name: readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd() };
  } catch {
    // It has ended.
    return undefined;
  }
}

/** The current namespace first, then those with names, then the others by their numbers. */
function byPlace(one: HostNamespace, other: HostNamespace): number {
  if (one.current !== other.current) return one.current ? -1 : 1;
  const [a, b] = [one.names[0], other.names[0]];
  if (a !== undefined && b !== undefined) return a < b ? -1 : 1;
  if (a !== undefined || b !== undefined) return a !== undefined ? -1 : 1;
  return one.ino < other.ino ? -1 : 1;
}
