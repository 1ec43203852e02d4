import type { HostMap, MapLink, MapNamespace } from './model.js';
import { escapeXml } from './xml.js';

const CARD_WIDTH = 300;
const COLUMN_GAP = 120;
/** How far a curve bends away from the cards that it joins. */
const REACH = COLUMN_GAP / 2;
const CARD_GAP = 28;
const MARGIN = 24;
const LINE_HEIGHT = 16;
const PADDING = 12;
/** Characters of the usual size that fit into a card. */
const MAX_CHARACTERS = 44;
const MAX_COLUMNS = 4;

const CSS = [
  '.card{fill:#fff;stroke:#5f6368}.current{stroke:#1a73e8;stroke-width:2}text{fill:#202124}.note{fill:#5f6368}',
  '.address{fill:#1967d2}.up{fill:#188038}.down{fill:#b06000}.wire{fill:none;stroke:#1a73e8;stroke-width:1.5;opacity:.75}',
  '.wire:hover{stroke-width:4;opacity:1}.ground{fill:#f8f9fa}',
  '@media (prefers-color-scheme:dark){.ground{fill:#1b1c1e}.card{fill:#28292c}text{fill:#e8eaed}.note{fill:#9aa0a6}',
  '.address{fill:#8ab4f8}.up{fill:#81c995}.down{fill:#fdd663}.wire{stroke:#8ab4f8}}',
].join('');

/** A line of a card. */
interface Line {
  readonly text: string;
  readonly style: string;
  readonly indent: number;
  /** The link that the line begins. */
  readonly link?: string;
}

interface Card {
  readonly namespace: MapNamespace;
  readonly lines: readonly Line[];
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

/**
 * The map as a picture: a card per namespace with its links and addresses, and a line per veth pair.
 *
 * @param anchorOf where a click on a card leads, such as `'#web'`
 */
export function renderSvg({ namespaces, wires }: HostMap, anchorOf?: (namespace: MapNamespace) => string): string {
  const cards = placeCards(namespaces);
  const rightmost = Math.max(...cards.map(({ x }) => x + CARD_WIDTH), 0);
  const height = Math.max(...cards.map(({ y, height: own }) => y + own), 0) + MARGIN;
  const byId = new Map(cards.map((card) => [card.namespace.id, card]));
  // Curves between cards of one column bend to its right.
  const width = rightmost + Math.max(MARGIN, wires.length > 0 ? REACH : 0);
  const curves = wires.flatMap(({ ends: [a, b] }) => {
    const [from, to] = [byId.get(a.namespace), byId.get(b.namespace)];
    if (from === undefined || to === undefined) return [];
    const title = `${from.namespace.label}: ${a.link} – ${to.namespace.label}: ${b.link}`;
    return [`<path class="wire" d="${curve(from, a.link, to, b.link)}"><title>${escapeXml(title)}</title></path>`];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Network namespaces and their links" font-family="ui-monospace, monospace" font-size="11">`,
    `<style>${CSS}</style>`,
    `<rect class="ground" width="${width}" height="${height}"/>`,
    ...cards.map((card) => drawCard(card, anchorOf)),
    ...curves,
    '</svg>',
  ].join('\n');
}

/** Each card goes where the column is shortest. */
function placeCards(namespaces: readonly MapNamespace[]): Card[] {
  const count = Math.max(1, Math.min(MAX_COLUMNS, Math.ceil(Math.sqrt(namespaces.length))));
  const columns = Array.from({ length: count }, () => MARGIN);
  return namespaces.map((namespace) => {
    const lines = linesOf(namespace);
    const height = lines.length * LINE_HEIGHT + 2 * PADDING;
    const column = columns.indexOf(Math.min(...columns));
    const y = columns[column] ?? MARGIN;
    columns[column] = y + height + CARD_GAP;
    return { namespace, lines, x: MARGIN + column * (CARD_WIDTH + COLUMN_GAP), y, height };
  });
}

function linesOf({ label, vrfs, processes, links, sockets, error }: MapNamespace): Line[] {
  const listening = sockets.filter(({ state }) => state === 'listening');
  return [
    { text: label, style: 'font-weight="bold" font-size="13"', indent: 0 },
    ...vrfs.map((vrf) => ({ text: `VRF ${vrf}`, style: 'class="note"', indent: 0 })),
    ...(processes === '' ? [] : [{ text: processes, style: 'class="note"', indent: 0 }]),
    ...(error === undefined ? [] : [{ text: error, style: 'class="down"', indent: 0 }]),
    ...links.flatMap((link) => linkLines(link)),
    ...(listening.length === 0
      ? []
      : [
          {
            text: `${listening.length} listening ${listening.length === 1 ? 'socket' : 'sockets'}`,
            style: 'class="note"',
            indent: 0,
          },
        ]),
  ];
}

function linkLines({ name, type, state, master, addresses }: MapLink): Line[] {
  const notes = [type, ...(state === 'up' ? [] : [state]), ...(master === undefined ? [] : [`in ${master}`])];
  const style = `class="${state === 'up' ? 'up' : 'down'}"`;
  return [
    { text: `${name} (${notes.join(', ')})`, style, indent: 0, link: name },
    ...addresses.map((text) => ({ text, style: 'class="address"', indent: 12 })),
  ];
}

function drawCard({ namespace, lines, x, y, height }: Card, anchorOf?: (namespace: MapNamespace) => string): string {
  const frame = `<rect class="card${namespace.current ? ' current' : ''}" x="${x}" y="${y}" width="${CARD_WIDTH}" height="${height}" rx="6"><title>${escapeXml(namespace.label)}</title></rect>`;
  const texts = lines.map(
    ({ text, style, indent }, index) =>
      `<text ${style} x="${x + PADDING + indent}" y="${lineY(y, index)}">${escapeXml(shortened(text))}</text>`,
  );
  const content = [frame, ...texts].join('\n');
  return anchorOf === undefined ? content : `<a href="${escapeXml(anchorOf(namespace))}">\n${content}\n</a>`;
}

function shortened(text: string): string {
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS - 1)}…` : text;
}

function lineY(top: number, index: number): number {
  return top + PADDING + index * LINE_HEIGHT + 11;
}

/** From the edge of one card to that of the other, at the height of the links. */
function curve(from: Card, fromLink: string, to: Card, toLink: string): string {
  const [y1, y2] = [linkY(from, fromLink), linkY(to, toLink)];
  if (from.x === to.x) {
    const x = from.x + CARD_WIDTH;
    return `M${x} ${y1} C${x + REACH} ${y1} ${x + REACH} ${y2} ${x} ${y2}`;
  }
  const forward = from.x < to.x;
  const [x1, x2] = forward ? [from.x + CARD_WIDTH, to.x] : [from.x, to.x + CARD_WIDTH];
  const bend = forward ? REACH : -REACH;
  return `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

function linkY({ lines, y }: Card, link: string): number {
  const index = lines.findIndex((line) => line.link === link);
  return lineY(y, Math.max(index, 0)) - 4;
}
