import type { HostMap, MapLink } from './model.js';

/** The map as a Mermaid flowchart: a box per namespace, a node per link, an edge per veth pair. */
export function renderMermaid({ namespaces, wires }: HostMap): string {
  // Identifiers of our own: names can be words of Mermaid's, such as `end`.
  const places = new Map<string, string>();
  const boxes = namespaces.flatMap(({ id, label, vrfs, links }, index) => [
    `  subgraph n${index}["${quoted([label, ...vrfs.map((vrf) => `VRF ${vrf}`)])}"]`,
    ...(links.length === 0 ? [`    n${index}l["no links"]`] : []),
    ...links.map((link, place) => {
      const node = `n${index}l${place}`;
      places.set(keyOf(id, link.name), node);
      return `    ${node}["${quoted(linesOf(link))}"]`;
    }),
    ...links.flatMap(({ name, master }) => {
      const [from, to] = [places.get(keyOf(id, name)), master && places.get(keyOf(id, master))];
      return from === undefined || to === undefined ? [] : [`    ${from} -.- ${to}`];
    }),
    '  end',
  ]);
  const edges = wires.flatMap(({ ends: [a, b] }) => {
    const [from, to] = [places.get(keyOf(a.namespace, a.link)), places.get(keyOf(b.namespace, b.link))];
    return from === undefined || to === undefined ? [] : [`  ${from} --- ${to}`];
  });
  return ['flowchart LR', ...boxes, ...edges].join('\n');
}

function keyOf(namespace: string, link: string): string {
  return `${namespace} ${link}`;
}

function linesOf({ name, type, state, addresses }: MapLink): string[] {
  return [`${name} (${state === 'up' ? type : `${type}, ${state}`})`, ...addresses];
}

/** Lines of text in a quoted label. */
function quoted(lines: readonly string[]): string {
  return lines
    .map((line) => line.replace(/["#&<>`\\|[\]{}]/g, (character) => `#${character.codePointAt(0) ?? 0};`))
    .join('<br>');
}
