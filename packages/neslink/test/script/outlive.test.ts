import { existsSync, readFileSync } from 'node:fs';
import { Cmd, Script } from 'neslink/script';
import { describe, expect, it } from 'vitest';
import { openFds, retryUntil, runProgram, untilNothingLeaks } from '#testkit';

/** Whether a process runs: what has ended and was not collected yet does not. */
function runs(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** A program that starts a shell with a background job, prints both pids, and ends as `ending` says. */
const program = (ending: string, options = '{}'): string => `
  import { Script } from 'neslink/script';
  const child = await new Script('sleep 1000 & echo $!; wait').exec(${options});
  child.stdout.once('data', (line) => {
    console.log(JSON.stringify([child.pid, Number(line)]));
    setTimeout(() => { ${ending} }, 50);
  });
`;

async function survivors(ending: string, options?: string): Promise<{ pids: number[]; ended: string }> {
  const { stdout, code, signal } = await runProgram(program(ending, options));
  const pids = JSON.parse(stdout.split('\n')[0] ?? '') as number[];
  expect(pids).toHaveLength(2);
  return { pids, ended: signal ?? String(code) };
}

describe('a process ends with the one that started it, and so does what it has started:', () => {
  for (const [how, ending, ended] of [
    ['when that one exits', 'process.exit(3)', '3'],
    ['when an exception ends it', "throw new Error('on purpose')", '1'],
    ['by Ctrl-C', "process.kill(process.pid, 'SIGINT')", 'SIGINT'],
    ['by SIGTERM', "process.kill(process.pid, 'SIGTERM')", 'SIGTERM'],
    ['by SIGKILL', "process.kill(process.pid, 'SIGKILL')", 'SIGKILL'],
    ['by a crash', 'process.abort()', 'SIGABRT'],
  ] as const)
    it(how, async () => {
      const outcome = await survivors(ending);
      expect(outcome.ended).toBe(ended);
      await retryUntil(() => !outcome.pids.some(runs), 10_000);
    });

  it('when its worker thread is terminated', async () => {
    const { stdout } = await runProgram(`
      import { Worker } from 'node:worker_threads';
      import { readFileSync } from 'node:fs';
      const url = import.meta.resolve('neslink/script');
      const worker = new Worker(\`
        import(\${JSON.stringify(url)}).then(async ({ Script }) => {
          const child = await new Script('sleep 1000 & echo $!; wait').exec();
          child.stdout.once('data', (line) => require('node:worker_threads').parentPort.postMessage([child.pid, Number(line)]));
        });
      \`, { eval: true });
      worker.once('message', async (pids) => {
        await worker.terminate();
        console.log(JSON.stringify(pids));
        const runs = (pid) => { try { return !/^State:\\s+[ZX]/m.test(readFileSync(\`/proc/\${pid}/status\`, 'utf8')); } catch { return false; } };
        const end = performance.now() + 10_000;
        while (pids.some(runs) && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
        console.log(pids.map(runs).join());
        process.exit();
      });
    `);
    expect(stdout.trim().split('\n')[1]).toBe('false,false');
  });

  it('also what a script that has ended left in the background', async () => {
    const { stdout } = await runProgram(`
      import { Script } from 'neslink/script';
      const child = await new Script('sleep 1000 > /dev/null 2>&1 & echo $!').exec();
      console.log((await child.result()).stdout);
      process.kill(process.pid, 'SIGKILL');
    `);
    const pid = Number(stdout);
    expect(pid).toBeGreaterThan(0);
    await retryUntil(() => !runs(pid), 10_000);
  });

  it('also when an action has started it, unless it is detached or cleanup is false', async () => {
    for (const [options, outlives] of [
      ['{}', false],
      ['{ detached: true }', true],
      ['{ detached: true, cleanup: true }', false],
      ['{ cleanup: false }', true],
    ] as const) {
      const { stdout } = await runProgram(`
        import { Do, NAGeneric, NPNow } from 'neslink';
        const pids = [];
        await Do(NPNow(), NAGeneric('sleep', ({ spawn }) => {
          pids.push(spawn('sleep', ['1000'], { stdio: 'ignore', ...${options} }).pid);
        }));
        console.log(pids[0]);
        process.kill(process.pid, 'SIGKILL');
      `);
      const pid = Number(stdout);
      expect(pid).toBeGreaterThan(0);
      if (outlives) {
        // The watcher would have ended it by the time that another program has come and gone.
        await runProgram('');
        expect(runs(pid)).toBe(true);
        process.kill(pid, 'SIGKILL');
      } else await retryUntil(() => !runs(pid), 10_000);
    }
  });

  it('but goes on with cleanup: false', async () => {
    for (const ending of ['process.exit()', "process.kill(process.pid, 'SIGKILL')"]) {
      const { pids } = await survivors(ending, '{ cleanup: false }');
      // The watcher would have ended them by the time that another program has come and gone.
      await runProgram('');
      expect(pids.map(runs)).toEqual([true, true]);
      process.kill(-(pids[0] ?? Number.NaN), 'SIGKILL');
    }
  });
});

describe('the watcher', () => {
  it('ends a moment after the last process, and leaves no descriptor open and no listener behind', async () => {
    const before = openFds();
    const listeners = process.listenerCount('exit');
    await Promise.all(Array.from({ length: 20 }, async () => (await new Script('true').exec()).result()));
    await untilNothingLeaks(before);
    expect(process.listenerCount('exit')).toBe(listeners);
  });

  it('is replaced when it was killed, and knows of the processes that were there before', async () => {
    const { stdout } = await runProgram(`
      import { execFileSync } from 'node:child_process';
      import { Cmd } from 'neslink/script';
      const first = await new Cmd('sleep', '1000').exec();
      const watchers = () => execFileSync('ps', ['-o', 'pid=', '-o', 'args=', '--ppid', String(process.pid)], { encoding: 'utf8' })
        .split('\\n').filter((line) => line.includes('neslink-watcher')).map((line) => Number.parseInt(line, 10));
      const [before] = watchers();
      process.kill(before, 'SIGKILL');
      while (!watchers().some((pid) => pid !== before)) await new Promise((resolve) => setTimeout(resolve, 5));
      const second = await new Cmd('sleep', '1000').exec();
      console.log(JSON.stringify([first.pid, second.pid]));
      process.kill(process.pid, 'SIGKILL');
    `);
    const pids = JSON.parse(stdout) as number[];
    await retryUntil(() => !pids.some(runs), 10_000);
  });

  it('ends a process without a group of its own alone', async () => {
    const { pids } = await survivors("process.kill(process.pid, 'SIGKILL')", '{ group: false }');
    const [shell = 0, job = 0] = pids;
    await retryUntil(() => !runs(shell), 10_000);
    expect(existsSync(`/proc/${job}`)).toBe(true);
    process.kill(job, 'SIGKILL');
  });
});

describe('options of exec', () => {
  it('that are unknown or of the wrong type are refused by name', async () => {
    const cmd = new Cmd('true');
    const exec = (options: object) => cmd.exec(options);
    await expect(exec({ timeut: 5 })).rejects.toThrow("exec has no option 'timeut': did you mean timeout?");
    await expect(exec({ cleanup: 'no' })).rejects.toThrow('cleanup must be true or false');
    await expect(exec({ timeout: -1 })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
    expect((await (await exec({ timeout: Number.POSITIVE_INFINITY })).result()).exitCode).toBe(0);
  });
});
