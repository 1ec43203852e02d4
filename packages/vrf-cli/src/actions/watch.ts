import { type VrfEvent, watchVrfs } from 'vrf-dial/node';
import type { WatchFlags } from '../commands/watch.js';
import { describeVrf } from '../host/describe-vrf.js';
import { printJsonLine, printLine } from '../output/print.js';
import { endWithReader } from '../output/reader.js';
import { style } from '../output/style.js';

export async function run({ existing = false, json = false }: WatchFlags): Promise<void> {
  endWithReader();
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
