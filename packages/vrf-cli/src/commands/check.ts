import type { Command } from 'commander';
import { collect, parseInteger } from '../arguments.js';
import { EXIT_CODE, exitCodesText } from '../exit-codes.js';
import { deferred } from './deferred.js';

const DEFAULT_JOBS = 16;

export interface CheckFlags {
  readonly vrf?: readonly string[];
  readonly jobs: number;
  readonly json?: boolean;
}

export function addCheck(program: Command): void {
  program
    .command('check')
    .description('run the health checks of a file in the VRFs of the host')
    .argument('<file>', 'a YAML or JSON file; - is standard input')
    .option('--vrf <pattern>', 'only in VRFs of this name, * stands for any text (repeatable)', collect)
    .option('--jobs <n>', 'how many checks run at the same time', parseInteger(1), DEFAULT_JOBS)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `${exitCodesText('check')}
Example:
  $ cat checks.yaml
  checks:
    - name: web
      http: { url: 'http://192.0.2.1:8080/', status: 200, contains: hello }
      vrfs: [red, 'customer-*']
      timeout: 5s
      warning: 200ms
    - tcp: { host: 192.0.2.1, port: 22 }
    - dns: { name: www.example, expect: 192.0.2.7 }
    - ping: { host: 192.0.2.1, count: 3, maxLoss: 50 }
  $ vrf check checks.yaml
`,
    )
    // Whatever goes wrong from here on, monitoring must not take it for a warning.
    .hook('preAction', () => {
      process.exitCode = EXIT_CODE.unknown;
    })
    .action(deferred(async () => (await import('../actions/check.js')).run));
}
