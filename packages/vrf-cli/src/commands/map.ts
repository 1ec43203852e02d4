import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { type Command, Option } from 'commander';
import { Failure, usage } from '../failure.js';
import { renderHtml } from '../map/html.js';
import { renderMermaid } from '../map/mermaid.js';
import { type HostMap, readMap } from '../map/model.js';
import { renderSvg } from '../map/svg.js';
import { renderTree } from '../map/tree.js';
import { messageOf } from '../output/errors.js';
import { printJson, printLine, safe } from '../output/print.js';
import { plainStyle, style } from '../output/style.js';

const FORMATS = ['tree', 'mermaid', 'svg', 'html', 'json'] as const;
type Format = (typeof FORMATS)[number];

interface MapFlags {
  readonly format?: Format;
  readonly output?: string;
  readonly json?: boolean;
}

export function addMap(program: Command): void {
  program
    .command('map')
    .description('show the namespaces of the host with their links, veth peers, addresses, routes and sockets')
    .addOption(
      new Option(
        '-f, --format <format>',
        'tree, mermaid, svg, html or json (default: by the name of --output, or tree)',
      ).choices(FORMATS),
    )
    .option('-o, --output <file>', 'write to this file')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ vrf map\n  $ vrf map -o network.html\n')
    .action(run);
}

async function run(flags: MapFlags): Promise<void> {
  const { output } = flags;
  const format = formatOf(flags);
  const map = await readMap();
  if (output === undefined) {
    if (format === 'json') printJson(map);
    else printLine(render(map, format, style));
    return;
  }
  const text = format === 'json' ? JSON.stringify(map, undefined, 2) : render(map, format, plainStyle);
  try {
    writeFileSync(output, `${text}\n`);
  } catch (error) {
    throw new Failure(`cannot write ${safe(output)}: ${messageOf(error)}`, 1, { cause: error });
  }
}

function formatOf({ format, output, json = false }: MapFlags): Format {
  if (json && format !== undefined && format !== 'json') throw usage('give --json or --format, not both');
  if (json) return 'json';
  if (format !== undefined) return format;
  const extension = output === undefined ? '' : output.slice(output.lastIndexOf('.') + 1).toLowerCase();
  const byExtension: Readonly<Record<string, Format>> = { mmd: 'mermaid', mermaid: 'mermaid', htm: 'html' };
  return FORMATS.find((known) => known === extension) ?? byExtension[extension] ?? 'tree';
}

function render(map: HostMap, format: Exclude<Format, 'json'>, colours: typeof style): string {
  switch (format) {
    case 'tree':
      return renderTree(map, colours);
    case 'mermaid':
      return renderMermaid(map);
    case 'svg':
      return renderSvg(map);
    case 'html':
      return renderHtml(map, `Network of ${safe(hostname())}`);
  }
}
