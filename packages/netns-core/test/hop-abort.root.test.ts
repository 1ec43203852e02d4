import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeNamespaces, runProgram, uniqueName } from '#testkit';

const RED = uniqueName('red');
let made: ReturnType<typeof makeNamespaces>;
beforeAll(() => {
  made = makeNamespaces(RED);
});
afterAll(() => made.remove());

const FAILING = `
  import { Worker, isMainThread } from 'node:worker_threads';
  import * as core from 'netns-core';
  import { replaceSyscalls } from 'netns-core/sys';
  process.on('exit', () => console.log('exit handlers ran'));
  process.on('uncaughtException', () => console.log('caught'));
  const strand = (run) => {
    let count = 0;
    replaceSyscalls((real) => ({ setns: (fd, type) => (++count === 2 ? -1 : real.setns(fd, type)) }));
    try { run(); } catch { console.log('thrown'); }
    console.log('went on');
  };
`;

/** One line on stderr, SIGABRT, and nothing of the program after it. */
function expectStopped(result: Awaited<ReturnType<typeof runProgram>>): void {
  expect(result.stderr.trim().split('\n')).toHaveLength(1);
  expect(result.stderr).toMatch(
    /^netns-core: cannot return from .* to the namespace the thread came from \(setns: EPERM\)/,
  );
  expect(result.signal).toBe('SIGABRT');
  expect(result.stdout).toBe('');
}

describe('a function that gives up its rights inside', () => {
  it('stops the process, and is named as the reason', async () => {
    const result = await runProgram(`${FAILING}
      core.runInNamespace('${RED}', () => { process.seteuid(65534); });
      console.log('went on');`);
    expectStopped(result);
    expect(result.stderr).toContain('the function gave up CAP_SYS_ADMIN inside');
  });

  it('stops the process from a worker thread, too', async () => {
    // libuv's seteuid(2) is glibc's, which changes all threads; so the worker cannot, but the main thread can meanwhile.
    const result = await runProgram(`${FAILING}
      if (isMainThread) {
        const gate = new SharedArrayBuffer(8);
        const flags = new Int32Array(gate);
        const worker = new Worker(new URL(import.meta.url), { workerData: gate });
        worker.on('exit', () => console.log('the worker alone ended'));
        const timer = setInterval(() => {
          if (Atomics.load(flags, 0) === 0) return;
          clearInterval(timer);
          process.seteuid(65534);
          Atomics.store(flags, 1, 1);
          Atomics.notify(flags, 1);
        }, 5);
        setInterval(() => {}, 1000);
      } else {
        const { workerData } = await import('node:worker_threads');
        const flags = new Int32Array(workerData);
        core.runInNamespace('${RED}', () => {
          Atomics.store(flags, 0, 1);
          Atomics.wait(flags, 1, 0);
        });
        console.log('went on');
      }`);
    expectStopped(result);
  });

  it("with 'throw' leaves the thread there, and every later call refuses", async () => {
    const result = await runProgram(`
      import * as core from 'netns-core';
      try {
        core.runInNamespace('${RED}', () => { process.seteuid(65534); return 'done'; }, { onRestoreFailure: 'throw' });
      } catch (error) { console.log(error.name, error.result); }
      try { core.openSocket({ family: 'ipv4', type: 'stream' }); } catch (error) { console.log(error.name); }`);
    expect(result.stdout).toBe('NamespaceRestoreError done\nPoisonedThreadError\n');
  });
});
