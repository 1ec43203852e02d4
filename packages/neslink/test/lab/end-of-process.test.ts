import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { buildLab } from 'neslink/lab';
import { afterEach, describe, expect, it } from 'vitest';
import { ip, retryUntil, runProgram } from '#testkit';

const names = (): string[] =>
  ip('netns list')
    .split('\n')
    .filter((line) => line.startsWith('lab'));
const claims = (): string[] => (existsSync('/run/neslink-lab') ? readdirSync('/run/neslink-lab') : []);
const files = (): string[] =>
  existsSync('/etc/netns') ? readdirSync('/etc/netns').filter((name) => name.startsWith('lab')) : [];
const runs = (pid: number): boolean => {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

/** A program that builds a lab with a DNS server and a process, prints that process's pid, and goes on as said. */
const program = (rest: string): string => `
  import { buildLab } from 'neslink/lab';
  const lab = await buildLab({
    nodes: { a: { kind: 'host', services: { dns: true } }, b: { kind: 'host', processes: { sleeper: { command: ['sleep', '1000'] } } } },
    links: [{ between: ['a', 'b'], addresses: ['192.0.2.1/24', '192.0.2.2/24'] }],
  });
  console.log(lab.node('b').process('sleeper').pid);
  ${rest}
`;

afterEach(() => {
  // Each test begins with what the one before has left: nothing.
  expect([names(), claims(), files()]).toEqual([[], [], []]);
});

describe('nothing of a lab is left', () => {
  for (const [how, rest, ended] of [
    ['after its program has come to its end', 'await lab.close();', '0'],
    ['after process.exit', 'process.exit(5);', '5'],
    ['after an exception', "throw new Error('on purpose');", '1'],
    [
      'after Ctrl-C',
      "process.kill(process.pid, 'SIGINT'); await new Promise((resolve) => setTimeout(resolve, 10_000));",
      'SIGINT',
    ],
    [
      'after SIGTERM',
      "process.kill(process.pid, 'SIGTERM'); await new Promise((resolve) => setTimeout(resolve, 10_000));",
      'SIGTERM',
    ],
    [
      "after Ctrl-C that the program's own listener ends",
      "process.on('SIGINT', () => process.exit(9)); process.kill(process.pid, 'SIGINT'); await new Promise((resolve) => setTimeout(resolve, 10_000));",
      '9',
    ],
  ] as const)
    it(`${how}, at once`, async () => {
      const { stdout, code, signal } = await runProgram(program(rest));
      expect(signal ?? String(code)).toBe(ended);
      expect([names(), claims(), files()]).toEqual([[], [], []]);
      await retryUntil(() => !runs(Number(stdout)), 10_000);
    });

  for (const [how, rest] of [
    ['SIGKILL', "process.kill(process.pid, 'SIGKILL');"],
    ['a crash', 'process.abort();'],
  ] as const)
    it(`soon after ${how}`, async () => {
      const { stdout } = await runProgram(program(rest));
      await retryUntil(() => names().length + claims().length + files().length === 0 && !runs(Number(stdout)), 10_000);
    });

  it('after the next lab was built, if even its watcher was killed', async () => {
    await runProgram(
      program(`
        import { execFileSync } from 'node:child_process';
        const children = execFileSync('ps', ['-o', 'pid=', '-o', 'args=', '--ppid', String(process.pid)], { encoding: 'utf8' });
        for (const line of children.split('\\n')) if (line.includes('neslink-lab-watcher')) process.kill(Number.parseInt(line, 10), 'SIGKILL');
        process.kill(process.pid, 'SIGKILL');
      `),
    );
    expect(
      names()
        .map((line) => line.split(' ')[0])
        .sort(),
    ).toEqual(['lab-a', 'lab-b']);
    expect(files().sort()).toEqual(['lab-a', 'lab-b']);
    const lab = await buildLab({ nodes: { c: { kind: 'host' } }, links: [] }, { prefix: 'labc-' });
    expect(names()).toEqual(['labc-c']);
    expect(claims()).toEqual(['labc-']);
    await lab.close();
  });

  it('and a lab whose process runs keeps what it has', async () => {
    await using lab = await buildLab({ nodes: { a: { kind: 'host' } } });
    const { stdout } = await runProgram(`
      import { buildLab } from 'neslink/lab';
      const lab = await buildLab({ nodes: { a: { kind: 'host' } } });
      console.log(lab.prefix);
      await lab.close();
      console.log(await buildLab({ nodes: { a: { kind: 'host' } } }, { prefix: '${lab.prefix}' }).catch((error) => error.message));
    `);
    const [prefix, refusal] = stdout.split('\n');
    expect(prefix).toBe('lab2-');
    expect(refusal).toBe(
      `a lab with the prefix "lab-" is open already (in process ${process.pid}): close it, or give another prefix`,
    );
    expect(names()).toHaveLength(1);
  });
});

describe('signals', () => {
  it('are left to a program that listens for them, and the process listens no longer than a lab is open', async () => {
    const { stdout, code } = await runProgram(`
      import { buildLab } from 'neslink/lab';
      const count = () => ['exit', 'SIGINT', 'SIGTERM', 'SIGHUP', 'newListener'].map((event) => process.listenerCount(event)).join();
      const before = count();
      const lab = await buildLab({ nodes: { a: { kind: 'host' } } });
      const open = count();
      let interrupted = 0;
      process.on('SIGINT', () => { interrupted += 1; });
      process.kill(process.pid, 'SIGINT');
      while (interrupted === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      const { exitCode } = await lab.node('a').run('true');
      await lab.close();
      process.removeAllListeners('SIGINT');
      console.log(open === before, count() === before, interrupted, exitCode);
    `);
    expect(code).toBe(0);
    expect(stdout).toBe('false true 1 0\n');
  });
});
