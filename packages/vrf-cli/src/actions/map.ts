import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { extname } from 'node:path';
import { FORMATS, type Format, type MapFlags } from '../commands/map.js';
import { Failure, usage } from '../failure.js';
import { renderHtml } from '../map/html.js';
import { renderMermaid } from '../map/mermaid.js';
import { type HostMap, readMap } from '../map/model.js';
import { renderSvg } from '../map/svg.js';
import { renderTree } from '../map/tree.js';
import { messageOf } from '../output/errors.js';
import { printJson, printLine, safe } from '../output/print.js';
import { plainStyle, style } from '../output/style.js';

export async function run(flags: MapFlags): Promise<void> {
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
  const extension = output === undefined ? '' : extname(output).slice(1).toLowerCase();
  if (extension === '') return 'tree';
  const byExtension: Readonly<Record<string, Format>> = { txt: 'tree', mmd: 'mermaid', htm: 'html' };
  const found = FORMATS.find((known) => known === extension) ?? byExtension[extension];
  if (found === undefined)
    throw usage(
      `the name of --output ends in .${safe(extension)}, which is not a format: give --format ${FORMATS.join(', ')}, or a name that ends in .txt, .mmd, .svg, .html or .json`,
    );
  return found;
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
