import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';

const BENCH = path.resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'bench-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program that uses the harness, and gives what it printed and handed over. */
function run(source: string, env: Record<string, string> = {}) {
  const file = path.join(folder, `report-${Math.random()}`);
  const stdout = execFileSync(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: BENCH,
    encoding: 'utf8',
    env: { ...process.env, BENCH_REPORT: file, BENCH_QUICK: '0', ...env },
  });
  const reported = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { stdout, reported };
}

const COMPARE = `
  import { compare } from './harness/report.mjs';
  const values = { plain: [10, 20, 30], own: [9, 20, 60], slow: [40, 40, 40] };
  const next = (name) => () => ({ value: values[name].shift() });
  await compare({
    id: 'it', title: 'It', unit: 'ms', base: 'plain', rounds: 3, warmUp: 0,
    contestants: {
      plain: { name: 'plain', run: next('plain') },
      own: { name: 'own', run: next('own'), aim: { ratio: { atMost: 1 } } },
      slow: { name: 'slow', run: next('slow'), aim: { value: { atMost: 39 } } },
      absent: { name: 'absent', missing: '\`apt-get install absent\`', run: () => { throw new Error('ran'); } },
    },
  });`;

test('ratios are of two values of one round, and aims are of ratios or of values', () => {
  const { stdout, reported } = run(COMPARE);
  const [{ kind, rows }] = reported;
  expect(kind).toBe('comparison');
  expect(rows.own).toMatchObject({
    value: { median: 20, least: 9, greatest: 60 },
    ratio: { median: 1, least: 0.9, greatest: 2 },
    met: true,
  });
  expect(rows.slow).toMatchObject({ value: { median: 40 }, ratio: { median: 2 }, met: false });
  expect(stdout).toContain('| plain | 20 (10 to 30) | 1 |');
  expect(stdout).toContain('**≤ 39 ms: missed**');
});

test('a peer that is missing is named with the command that installs it, and is not run', () => {
  const { stdout, reported } = run(COMPARE);
  expect(stdout).toContain('| absent | **missing**: `apt-get install absent` |');
  expect(reported[0].rows.absent).not.toHaveProperty('value');
});

test('contestants take turns in changing order, and a quick run has two rounds', () => {
  const { stdout } = run(
    `import { compare } from './harness/report.mjs';
    const order = [];
    const run = (name) => () => { order.push(name); return { value: 1 }; };
    await compare({ id: 'it', title: 'It', unit: 'ms', rounds: 9, warmUp: 0,
      contestants: { a: { name: 'a', run: run('a') }, b: { name: 'b', run: run('b') } } });
    console.log(order.join(''));`,
    { BENCH_QUICK: '1' },
  );
  expect(stdout).toContain('abba');
});

test('processor time is that of the process and of children that have ended', () => {
  const { stdout } = run(`
    import { execFileSync } from 'node:child_process';
    import { curve } from './harness/report.mjs';
    import { processorTime } from './harness/turns.mjs';
    curve({ id: 'c', title: 'C', x: 'x', y: 'y', series: { one: [[1, 2]] } });
    const spin = 'const end = process.cpuUsage().user + 300e3; while (process.cpuUsage().user < end);';
    const before = processorTime();
    execFileSync(process.execPath, ['-e', spin]);
    console.log(processorTime() - before >= 280);`);
  expect(stdout).toContain('true');
});

test('a benchmark without its peers ends well, with the peers marked', () => {
  // A PATH without Go and gcc.
  const shell = execFileSync('sh', ['-c', 'command -v sh'], { encoding: 'utf8' }).trim();
  symlinkSync(shell, path.join(folder, 'sh'));
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(BENCH, 'netns-core/hop.mjs')], {
    encoding: 'utf8',
    env: { ...process.env, PATH: folder, BENCH_QUICK: '1' },
  });
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(status).toBe(0);
  expect(stdout).toContain("| goarista's Do in Go | **missing**: `apt-get install golang-go");
  expect(stdout).toContain('| the same system calls in C | **missing**: `apt-get install gcc libc6-dev` |');
});

test('an unknown benchmark is refused with those there are, and --list lists them', () => {
  const { status, stderr } = spawnSync(process.execPath, [path.join(BENCH, 'run.mjs'), 'nothing'], {
    encoding: 'utf8',
  });
  expect(status).toBe(2);
  expect(stderr).toContain('there is no benchmark nothing: give a folder or one of cni-types/add,');
  const listed = execFileSync(process.execPath, [path.join(BENCH, 'run.mjs'), '--list'], { encoding: 'utf8' });
  const names = listed.trim().split('\n');
  expect(names).toContain('growth/routes');
  for (const name of names) expect(existsSync(path.join(BENCH, `${name}.mjs`))).toBe(true);
});
