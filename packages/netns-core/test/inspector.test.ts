import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeNamespaces, runProgram, uniqueName } from '#testkit';

const RED = uniqueName('red');
let made: ReturnType<typeof makeNamespaces>;
beforeAll(() => {
  made = makeNamespaces(RED);
});
afterAll(() => made.remove());

const OPTIONS = { env: { NODE_OPTIONS: '--inspect-port=127.0.0.1:0' } };

describe('SIGUSR1, which starts the inspector of Node', () => {
  it.each([
    ['a hop', `runInNamespace('${RED}', signalled)`],
    [
      'openSocket',
      `{ const undo = replaceSyscalls((real) => ({ socket: (...args) => { signalled(); return real.socket(...args); } }));
        openSocket({ namespace: '${RED}', family: 'ipv4', type: 'stream' });
        undo(); }`,
    ],
  ])('sent while the thread is in the namespace of %s starts it in that of the process', async (_, call) => {
    const { stdout, stderr } = await runProgram(
      `import inspector from 'node:inspector';
      import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
      import { openSocket, runInNamespace } from 'netns-core';
      import { replaceSyscalls } from 'netns-core/sys';
      const place = (tid) => readlinkSync('/proc/self/task/' + tid + '/ns/net');
      const home = place(process.pid);
      const signalled = () => {
        process.kill(process.pid, 'SIGUSR1');
        for (const end = performance.now() + 200; performance.now() < end; );
      };
      ${call};
      const meanwhile = inspector.url();
      while (inspector.url() === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
      const port = Number(new URL(inspector.url()).port).toString(16).toUpperCase().padStart(4, '0');
      const listens = () => readFileSync('/proc/thread-self/net/tcp', 'utf8').includes('0100007F:' + port);
      console.log(meanwhile, readdirSync('/proc/self/task').every((tid) => place(tid) === home), listens(), runInNamespace('${RED}', listens));
      process.exit();`,
      OPTIONS,
    );
    expect(stderr).toMatch(/^Debugger listening on ws:\/\/127\.0\.0\.1:/);
    expect(stdout).toBe('undefined true true false\n');
  });

  for (const when of ['before', 'after'])
    it(`has no effect of its own in a program that listens for it since ${when} the first hop`, async () => {
      const { stdout, stderr } = await runProgram(
        `import inspector from 'node:inspector';
        import { runInNamespace } from 'netns-core';
        let heard = 0;
        const listen = () => process.on('SIGUSR1', () => (heard += 1));
        if (process.argv[2] === 'before') listen();
        runInNamespace('${RED}', () => 1);
        if (process.argv[2] === 'after') listen();
        process.kill(process.pid, 'SIGUSR1');
        while (heard === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        await new Promise(setImmediate);
        console.log(process.listenerCount('SIGUSR1'), inspector.url());`,
        { args: [when], ...OPTIONS },
      );
      expect([stdout, stderr]).toEqual([`${when === 'before' ? 1 : 2} undefined\n`, '']);
    });

  it('does not keep the process running, and keeps its default where Node was told to leave it', async () => {
    const program = `import { runInNamespace } from 'netns-core';
      runInNamespace('${RED}', () => 1);
      console.log(process.listenerCount('SIGUSR1'));`;
    expect((await runProgram(program)).stdout).toBe('1\n');
    const flag = '--disable-sigusr1';
    const known = process.allowedNodeEnvironmentFlags.has(flag);
    const { stdout } = await runProgram(program, { env: { NODE_OPTIONS: known ? flag : '' } });
    expect(stdout).toBe(known ? '0\n' : '1\n');
  });
});
