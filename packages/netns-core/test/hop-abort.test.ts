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

describe('a return that fails stops the process with one line on stderr and SIGABRT', () => {
  for (const [what, call] of Object.entries({
    'by default': `core.runInNamespace('${RED}', () => 1)`,
    'when asked for': `core.runInNamespace('${RED}', () => 1, { onRestoreFailure: 'abort' })`,
    'in mustRunInNamespace': `core.mustRunInNamespace('${RED}', () => 1)`,
    'when the function threw': `core.runInNamespace('${RED}', () => { throw new Error('mine'); })`,
    'when the result is refused': `core.runInNamespace('${RED}', () => Promise.resolve())`,
    'in openSocket': `core.openSocket({ namespace: '${RED}', family: 'ipv4', type: 'stream' })`,
    'in spawnInNamespace': `core.spawnInNamespace('${RED}', 'true')`,
    'while a NamespaceWorker is started': `new core.NamespaceWorker('${RED}', '0', { eval: true })`,
  })) {
    it(what, async () => {
      expectStopped(await runProgram(`${FAILING} strand(() => ${call});`));
    });
  }

  it('in openSocket after a hop that would have thrown', async () => {
    expectStopped(
      await runProgram(`${FAILING}
      core.runInNamespace('${RED}', () => 1, { onRestoreFailure: 'throw' });
      strand(() => core.openSocket({ namespace: '${RED}', family: 'ipv4', type: 'stream' }));`),
    );
  });

  it('in addNamed, once the namespace is made', async () => {
    const name = uniqueName('a');
    const result = await runProgram(`${FAILING}
      replaceSyscalls((real) => ({ setns: () => -1 }));
      try { core.addNamed('${name}'); } catch { console.log('thrown'); }
      console.log('went on');`);
    expectStopped(result);
    expect(result.stderr).toContain(`the new namespace "${name}"`);
  });

  it('in newNamed, when a step after unshare fails', async () => {
    expectStopped(
      await runProgram(`${FAILING}
      replaceSyscalls((real) => ({ setns: () => -1, mount: (source, ...rest) => source.startsWith('/proc/thread-self/fd/') ? -12 : real.mount(source, ...rest) }));
      try { core.newNamed('${uniqueName('n')}'); } catch { console.log('thrown'); }
      console.log('went on');`),
    );
  });

  it('from a worker thread', async () => {
    expectStopped(
      await runProgram(`${FAILING}
      if (isMainThread) {
        const worker = new Worker(new URL(import.meta.url));
        worker.on('error', () => console.log('the worker alone ended'));
        worker.on('exit', () => console.log('the worker alone ended'));
        setInterval(() => {}, 1000);
      } else strand(() => core.runInNamespace('${RED}', () => 1));`),
    );
  });

  it('although the program has a handler for SIGABRT', async () => {
    expectStopped(
      await runProgram(`${FAILING}
      process.on('SIGABRT', () => console.log('handled'));
      strand(() => core.runInNamespace('${RED}', () => 1));`),
    );
  });

  it('although stderr is closed', async () => {
    const result = await runProgram(`${FAILING}
      import { closeSync } from 'node:fs';
      closeSync(2);
      strand(() => core.runInNamespace('${RED}', () => 1));`);
    expect(result).toMatchObject({ signal: 'SIGABRT', stdout: '', stderr: '' });
  });
});
