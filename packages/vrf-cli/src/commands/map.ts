import { type Command, Option } from 'commander';
import { deferred } from './deferred.js';

export const FORMATS = ['tree', 'mermaid', 'svg', 'html', 'json'] as const;
export type Format = (typeof FORMATS)[number];

export interface MapFlags {
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
    .action(deferred(async () => (await import('../actions/map.js')).run));
}
