import type { HostMap, MapNamespace } from './model.js';
import { renderSvg } from './svg.js';
import { peerText, tableNote } from './tree.js';
import { escapeXml } from './xml.js';

const CSS = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 1400px; padding: 1rem; }
h1 { font-size: 1.4rem; }
.picture { overflow: auto; border: 1px solid #8884; border-radius: 6px; }
details { border: 1px solid #8884; border-radius: 6px; margin: .75rem 0; padding: .5rem 1rem; }
summary { cursor: pointer; font-weight: bold; }
summary small { font-weight: normal; opacity: .75; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font: 13px/1.4 ui-monospace, monospace; margin: .5rem 0; }
caption { text-align: left; font: bold 13px system-ui, sans-serif; }
th, td { text-align: left; padding: .15rem 1rem .15rem 0; vertical-align: top; }
th { opacity: .7; }
input { font: inherit; padding: .3rem .5rem; width: min(100%, 30rem); }
`;

/** Shows the sections that contain the text; without JavaScript all are shown. */
const SCRIPT = `
const input = document.querySelector('input');
input.hidden = false;
input.addEventListener('input', () => {
  const wanted = input.value.toLowerCase();
  for (const section of document.querySelectorAll('details'))
    section.hidden = !section.textContent.toLowerCase().includes(wanted);
});
const open = () => { const section = document.getElementById(location.hash.slice(1)); if (section) section.open = true; };
addEventListener('hashchange', open);
open();
`;

/** The map as one page that needs nothing else: the picture, and a section with tables per namespace. */
export function renderHtml(map: HostMap, title: string): string {
  const labels = new Map(map.namespaces.map(({ id, label }) => [id, label]));
  const anchors = new Map(map.namespaces.map(({ id }, index) => [id, `n${index}`]));
  const anchorOf = ({ id }: MapNamespace): string => anchors.get(id) ?? '';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>${escapeXml(title)}</title>
<style>${CSS}</style>
</head>
<body>
<h1>${escapeXml(title)}</h1>
<div class="picture">
${renderSvg(map, (namespace) => `#${anchorOf(namespace)}`)}
</div>
<p><input type="search" placeholder="Filter by name, address, port or process" aria-label="Filter" hidden></p>
${map.namespaces.map((namespace) => section(namespace, anchorOf(namespace), labels)).join('\n')}
<script>${SCRIPT}</script>
</body>
</html>`;
}

function section(namespace: MapNamespace, anchor: string, labels: ReadonlyMap<string, string>): string {
  const { label, vrfs, processes, links, routes, sockets, error } = namespace;
  const notes = [...vrfs.map((vrf) => `VRF ${vrf}`), processes].filter((note) => note !== '').join(' · ');
  return [
    `<details id="${anchor}"${namespace.current ? ' open' : ''}>`,
    `<summary>${escapeXml(label)} <small>${escapeXml(notes)}</small></summary>`,
    ...(error === undefined ? [] : [`<p>${escapeXml(error)}</p>`]),
    table(
      'Links',
      ['Name', 'Kind', 'State', 'Addresses', 'Belongs to', 'Leads to'],
      links.map((link) => [
        link.name,
        link.type,
        link.state,
        link.addresses.join(', '),
        link.master ?? '',
        link.peer === undefined ? '' : peerText(link, link.peer, labels),
      ]),
    ),
    table(
      'Routes',
      ['Destination', 'Way'],
      routes.map(({ dst, via, table: number }) => [dst, `${via}${tableNote(number)}`]),
    ),
    table(
      'Sockets',
      ['Protocol', 'State', 'Local', 'Remote', 'Processes'],
      sockets.map(({ protocol, state, local, remote = '', processes: users }) => [
        protocol,
        state,
        local,
        remote,
        users.join(', '),
      ]),
    ),
    '</details>',
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function table(caption: string, headings: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const cells = (tag: 'th' | 'td', texts: readonly string[]): string =>
    `<tr>${texts.map((text) => `<${tag}>${escapeXml(text)}</${tag}>`).join('')}</tr>`;
  const body = rows.map((row) => cells('td', row)).join('\n');
  return `<div class="wide"><table><caption>${caption}</caption>\n<thead>${cells('th', headings)}</thead>\n<tbody>\n${body}\n</tbody></table></div>`;
}
