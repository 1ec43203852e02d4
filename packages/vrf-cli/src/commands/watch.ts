import type { Command } from 'commander';
import { type VrfEvent, watchVrfs } from 'vrf-dial';
import { describeVrf } from '../host/describe-vrf.js';
import { printJsonLine, printLine } from '../output/print.js';
import { style } from '../output/style.js';

interface WatchFlags {
  readonly existing?: boolean;
  readonly json?: boolean;
}

export function addWatch(program: Command): void {
  program
    .command('watch')
    .description('print a line for each VRF that comes or goes, until interrupted')
    .option('--existing', 'begin with the VRFs that are there')
    .option('--json', 'print one JSON object per line')
    .addHelpText(
      'after',
      '\nExample:\n  $ vrf watch --existing\n  + red (namespace ns-red)\n  - red (namespace ns-red)\n',
    )
    .action(watch);
}

async function watch({ existing = false, json = false }: WatchFlags): Promise<void> {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  for await (const event of watchVrfs({ listExisting: existing, signal: stop.signal })) {
    if (json) printJsonLine({ time: new Date().toISOString(), ...event });
    else printLine(lineOf(event));
  }
}

function lineOf({ type, vrf }: VrfEvent): string {
  return type === 'added' ? style.green(`+ ${describeVrf(vrf)}`) : style.red(`- ${describeVrf(vrf)}`);
}
