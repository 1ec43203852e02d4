import type { Command } from 'commander';
import { collect, parseInteger } from '../arguments.js';
import { type Check, readCheckFile, UNKNOWN_EXIT_CODE } from '../check/check-file.js';
import { type Outcome, runCheck, STATES, type State } from '../check/run-check.js';
import { printJson, printLine, safe } from '../output/print.js';
import { Progress } from '../output/progress.js';
import { style } from '../output/style.js';
import { printTable } from '../output/table.js';
import { milliseconds, rounded } from '../output/timing.js';
import { selectVrfs, type Target } from '../target.js';

interface CheckFlags {
  readonly vrf?: readonly string[];
  readonly jobs: number;
  readonly json?: boolean;
}

/** A check in one VRF. */
interface Task {
  readonly check: Check;
  readonly vrf: string;
  readonly target: Target;
}

type Done = Task & { readonly outcome: Outcome };

const DEFAULT_JOBS = 16;
/** The worst first; what could not be checked is worse than a warning and less than a failure. */
const BY_SEVERITY: readonly State[] = ['critical', 'unknown', 'warning', 'ok'];
const PAINT: Readonly<Record<State, (text: string) => string>> = {
  ok: style.green,
  warning: style.yellow,
  critical: style.red,
  unknown: style.magenta,
};

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
      `
Exit code, as monitoring plugins have it: 0 ok, 1 warning, 2 critical, 3 unknown.

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
    .action(run);
}

async function run(file: string, flags: CheckFlags): Promise<void> {
  // Whatever goes wrong from here on, monitoring must not take it for a warning.
  process.exitCode = UNKNOWN_EXIT_CODE;
  const checks = readCheckFile(file);
  const done = await runAll(tasksOf(checks, flags.vrf), flags.jobs);
  const worst = BY_SEVERITY.find((state) => done.some(({ outcome }) => outcome.state === state)) ?? 'unknown';
  if (flags.json) printJson(reportOf(worst, done));
  else printOutcomes(worst, done);
  process.exitCode = STATES.indexOf(worst);
}

function tasksOf(checks: readonly Check[], only: readonly string[] | undefined): (Task | Done)[] {
  const selected = new Set(selectVrfs(only).map(({ name, kind }) => `${kind} ${name}`));
  return checks.flatMap((check): (Task | Done)[] => {
    const vrfs = selectVrfs(check.vrfs).filter(({ name, kind }) => selected.has(`${kind} ${name}`));
    // A VRF that is named and not there is a failure, not one check fewer.
    const absent = (check.vrfs ?? [])
      .filter((pattern) => !pattern.includes('*') && selectVrfs([pattern]).length === 0)
      .filter((name) => only === undefined || only.some((pattern) => pattern === name))
      .map((vrf): Done => {
        const outcome: Outcome = { state: 'critical', message: `there is no VRF '${safe(vrf)}'`, time: undefined };
        return { check, vrf, target: { vrf }, outcome };
      });
    return [...vrfs.map(({ name, target }): Task => ({ check, vrf: name, target })), ...absent];
  });
}

async function runAll(tasks: readonly (Task | Done)[], jobs: number): Promise<Done[]> {
  const progress = new Progress();
  const results: Done[] = [];
  let next = 0;
  let finished = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const index = next;
      const task = tasks[index];
      if (task === undefined) return;
      next += 1;
      progress.show(`[${finished}/${tasks.length}] ${safe(task.check.name)} in ${safe(task.vrf)}`);
      const outcome = 'outcome' in task ? task.outcome : await runCheck(task.check, task.target);
      results[index] = { ...task, outcome };
      finished += 1;
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, tasks.length) }, worker));
  progress.clear();
  return results;
}

function printOutcomes(worst: State, done: readonly Done[]): void {
  printLine(`${PAINT[worst](worst.toUpperCase())}: ${summaryOf(done)}${performanceData(done)}`);
  if (done.length === 0) return;
  printTable(
    ['STATE', 'VRF', 'CHECK', 'TIME', 'RESULT'],
    done.map(({ check, vrf, outcome }) => [
      { text: outcome.state, paint: PAINT[outcome.state] },
      safe(vrf),
      safe(check.name),
      milliseconds(outcome.time),
      safe(outcome.message),
    ]),
  );
}

function summaryOf(done: readonly Done[]): string {
  if (done.length === 0) return 'no VRF to check in';
  const counts = STATES.flatMap((state) => {
    const count = done.filter(({ outcome }) => outcome.state === state).length;
    return count === 0 ? [] : [`${count} ${state}`];
  });
  const [first] = BY_SEVERITY.filter((state) => state !== 'ok').flatMap((state) =>
    done.filter(({ outcome }) => outcome.state === state),
  );
  // The bar begins the performance data.
  const worst = first && `; ${safe(first.check.name)} in ${safe(first.vrf)}: ${safe(first.outcome.message)}`;
  return `${counts.join(', ')}${worst ?? ''}`.replaceAll('|', '/');
}

/** What monitoring systems draw: `| 'web@red'=0.012s;0.200;1.000`. */
function performanceData(done: readonly Done[]): string {
  const seconds = (time: number | undefined): string => (time === undefined ? '' : (time / 1000).toFixed(6));
  const data = done.flatMap(({ check, vrf, outcome }) => {
    if (outcome.time === undefined) return [];
    const label = safe(`${check.name}@${vrf}`).replace(/['=|]/g, '_');
    return [`'${label}'=${seconds(outcome.time)}s;${seconds(check.warning)};${seconds(check.critical)}`];
  });
  return data.length === 0 ? '' : ` | ${data.join(' ')}`;
}

function reportOf(state: State, done: readonly Done[]): unknown {
  return {
    state,
    checks: done.map(({ check, vrf, outcome }) => ({
      name: check.name,
      kind: check.probe.kind,
      vrf,
      ...outcome,
      ...(outcome.time !== undefined && { time: rounded(outcome.time) }),
    })),
  };
}
