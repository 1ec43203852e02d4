import type { Style } from '../output/style.js';
import type { HostMap, MapEnd, MapLink, MapNamespace } from './model.js';

interface Branch {
  readonly text: string;
  readonly branches?: readonly Branch[];
}

/** The map as a tree of text. */
export function renderTree(map: HostMap, style: Style): string {
  const labels = new Map(map.namespaces.map(({ id, label }) => [id, label]));
  return map.namespaces
    .flatMap((namespace) => [style.bold(titleOf(namespace)), ...linesOf(branchesOf(namespace, labels, style), '')])
    .join('\n');
}

function titleOf({ label, vrfs, current }: MapNamespace): string {
  const notes = [...vrfs.map((vrf) => `VRF ${vrf}`), ...(current && label !== 'current namespace' ? ['current'] : [])];
  return notes.length === 0 ? label : `${label} · ${notes.join(' · ')}`;
}

function branchesOf(
  { links, routes, sockets, processes, error }: MapNamespace,
  labels: ReadonlyMap<string, string>,
  style: Style,
): Branch[] {
  const branches: Branch[] = [];
  if (error !== undefined) branches.push({ text: style.red(error) });
  if (processes !== '') branches.push({ text: `processes: ${processes}` });
  if (links.length > 0)
    branches.push({
      text: 'links',
      branches: links.map((link) => ({
        text: linkText(link, labels, style),
        branches: link.addresses.map((text) => ({ text: style.cyan(text) })),
      })),
    });
  if (routes.length > 0)
    branches.push({
      text: 'routes',
      branches: routes.map(({ dst, via, table }) => ({ text: `${dst} ${via}${tableNote(table)}` })),
    });
  if (sockets.length > 0)
    branches.push({
      text: 'sockets',
      branches: sockets.map(({ protocol, state, local, remote, processes: users }) => ({
        text: [protocol, state, local, remote === undefined ? '' : `→ ${remote}`, users.join(', ')]
          .filter((word) => word !== '')
          .join(' '),
      })),
    });
  return branches;
}

const MAIN_TABLE = 254;

/** What is said of a routing table that is not the usual one. */
export function tableNote(table: number): string {
  return table === MAIN_TABLE ? '' : ` (table ${table})`;
}

function linkText(link: MapLink, labels: ReadonlyMap<string, string>, style: Style): string {
  const { name, type, state, master, peer } = link;
  const notes = [type, ...(master === undefined ? [] : [`in ${master}`])].join(', ');
  const painted = state === 'up' ? style.green(name) : `${style.yellow(name)} (${state})`;
  return `${painted} ${style.dim(notes)}${peer === undefined ? '' : ` ${peerText(link, peer, labels)}`}`;
}

/** Where a link leads: the other end of a veth pair, or the link below. */
export function peerText({ type }: MapLink, { namespace, link }: MapEnd, labels: ReadonlyMap<string, string>): string {
  const sign = type === 'veth' ? '↔' : '↓';
  return `${sign} ${link} in ${namespace === undefined ? 'another namespace' : (labels.get(namespace) ?? namespace)}`;
}

function linesOf(branches: readonly Branch[], indent: string): string[] {
  return branches.flatMap(({ text, branches: more = [] }, index) => {
    const last = index === branches.length - 1;
    return [`${indent}${last ? '└─ ' : '├─ '}${text}`, ...linesOf(more, `${indent}${last ? '   ' : '│  '}`)];
  });
}
