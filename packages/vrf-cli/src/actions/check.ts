import { type Check, readCheckFile } from '../check/check-file.js';
import { type Outcome, runCheck, STATES, type State } from '../check/run-check.js';
import type { CheckFlags } from '../commands/check.js';
import { printJson, printLine, safe } from '../output/print.js';
import { Progress } from '../output/progress.js';
import { style } from '../output/style.js';
import { printTable } from '../output/table.js';
import { milliseconds, rounded } from '../output/timing.js';
import type { Target } from '../target.js';
import { selectVrfs } from '../vrfs.js';

/** A check in one VRF. */
interface Task {
  readonly check: Check;
  readonly vrf: string;
  readonly target: Target;
}

type Done = Task & { readonly outcome: Outcome };

/** The worst first; what could not be checked is worse than a warning and less than a failure. */
const BY_SEVERITY: readonly State[] = ['critical', 'unknown', 'warning', 'ok'];
const PAINT: Readonly<Record<State, (text: string) => string>> = {
  ok: style.green,
  warning: style.yellow,
  critical: style.red,
  unknown: style.magenta,
};

export async function run(file: string, flags: CheckFlags): Promise<void> {
  const checks = readCheckFile(file);
  const done = await runAll(tasksOf(checks, flags.vrf), flags.jobs);
  const worst = BY_SEVERITY.find((state) => done.some(({ outcome }) => outcome.state === state)) ?? 'unknown';
  // Before the output, whose reader may stop reading.
  process.exitCode = STATES.indexOf(worst);
  if (flags.json) printJson(reportOf(worst, done));
  else printOutcomes(worst, done);
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
