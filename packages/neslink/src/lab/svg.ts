import { limitsOf } from './describe-link.js';
import { layOut, type Point } from './layout.js';
import { topologyOf } from './mermaid.js';
import { type PlannedNode, planLab } from './plan.js';
import type { LabTopology } from './topology.js';

const SCALE = 230;
const MARGIN = 110;
const NODE_WIDTH = 96;
const NODE_HEIGHT = 40;
const LINE_HEIGHT = 13;
/** How far along a link the addresses of its ends stand. */
const ADDRESS_AT = 0.3;
const FILLS: Readonly<Record<PlannedNode['kind'], string>> = { host: '#e8f0fe', router: '#fef3e2', switch: '#e6f4ea' };
const CORNERS: Readonly<Record<PlannedNode['kind'], number>> = { host: 4, router: 20, switch: 0 };

/**
 * A topology, or a lab's, as a picture in SVG.
 *
 * @throws InvalidOptionError
 */
export function toSvg(lab: LabTopology | { readonly topology: LabTopology }): string {
  const plan = planLab(topologyOf(lab));
  const nodes = [...plan.nodes.values()];
  const points = layOut(
    nodes.map(({ name }) => name),
    plan.links.map(({ spec }) => spec.between),
  );
  const [xs, ys] = [[...points.values()].map(({ x }) => x), [...points.values()].map(({ y }) => y)];
  const [left, top] = [Math.min(...xs, 0), Math.min(...ys, 0)];
  const placeOf = (name: string): Point => {
    const { x, y } = points.get(name) ?? { x: 0, y: 0 };
    return { x: Math.round((x - left) * SCALE + MARGIN), y: Math.round((y - top) * SCALE + MARGIN) };
  };
  const width = Math.round((Math.max(...xs, 0) - left) * SCALE + 2 * MARGIN);
  const height = Math.round((Math.max(...ys, 0) - top) * SCALE + 2 * MARGIN);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...plan.links.map(({ ends: [a, b] }) => {
      const [from, to] = [placeOf(a.node), placeOf(b.node)];
      return `<line x1="${from.x}" y1="${from.y}" x2="${to.x}" y2="${to.y}" stroke="#5f6368" stroke-width="1.5"/>`;
    }),
    ...nodes.map((node) => box(node, placeOf(node.name))),
    ...plan.links.flatMap(({ ends: [a, b], spec }) => {
      const [from, to] = [placeOf(a.node), placeOf(b.node)];
      return [
        label(a.addresses, between(from, to, ADDRESS_AT)),
        label(limitsOf(spec), between(from, to, 0.5), 'font-weight="bold"'),
        label(b.addresses, between(to, from, ADDRESS_AT)),
      ];
    }),
    '</svg>',
  ]
    .filter((line) => line !== '')
    .join('\n');
}

function box({ name, kind, addresses }: PlannedNode, { x, y }: Point): string {
  const frame = `<rect x="${x - NODE_WIDTH / 2}" y="${y - NODE_HEIGHT / 2}" width="${NODE_WIDTH}" height="${NODE_HEIGHT}" rx="${CORNERS[kind]}" fill="${FILLS[kind]}" stroke="#3c4043"><title>${kind} ${escapeXml(name)}</title></rect>`;
  return [
    frame,
    `<text x="${x}" y="${y + 4}" text-anchor="middle" font-size="13">${escapeXml(name)}</text>`,
    label(addresses, { x, y: y + NODE_HEIGHT / 2 + LINE_HEIGHT }),
  ]
    .filter((line) => line !== '')
    .join('\n');
}

function between(from: Point, to: Point, share: number): Point {
  return { x: Math.round(from.x + (to.x - from.x) * share), y: Math.round(from.y + (to.y - from.y) * share) };
}

/** Lines of text, one above the other, on a white ground so that they can be read over a link. */
function label(lines: readonly string[], { x, y }: Point, style = ''): string {
  const start = y - ((lines.length - 1) * LINE_HEIGHT) / 2 + 4;
  return lines
    .map(
      (line, index) =>
        `<text x="${x}" y="${start + index * LINE_HEIGHT}" text-anchor="middle" fill="#202124" stroke="#fff" stroke-width="3" paint-order="stroke"${style === '' ? '' : ` ${style}`}>${escapeXml(line)}</text>`,
    )
    .join('\n');
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
