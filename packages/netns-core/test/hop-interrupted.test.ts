import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeNamespaces, runProgram, uniqueName } from '#testkit';

const RED = uniqueName('red');
let made: ReturnType<typeof makeNamespaces>;
beforeAll(() => {
  made = makeNamespaces(RED);
});
afterAll(() => made.remove());

/** How many scripts are ended at random instructions for each operation; 2,000 by hand. */
const TRIES = Number(process.env.INTERRUPTED_TRIES ?? 60);

const IMPORTS = `
  import vm from 'node:vm';
  import net from 'node:net';
  import { closeSync, readdirSync, readlinkSync } from 'node:fs';
  import * as core from 'netns-core';
  const endWithin = (namespace) => {
    const f = () => core.runInNamespace(namespace, () => {
      process.kill(process.pid, 'SIGINT');
      for (;;);
    });
    try {
      vm.runInNewContext('f()', { f }, { breakOnSigint: true });
    } catch ({ code }) {
      if (code !== 'ERR_SCRIPT_EXECUTION_INTERRUPTED') throw new Error(code);
    }
  };
`;

const HEAD = `${IMPORTS}
  const where = () => readlinkSync('/proc/thread-self/ns/net');
  const home = core.get(), homeName = where(), homeCookie = core.namespaceCookie(home);
  const open = () => readdirSync('/proc/self/fd').length;
  let count = 0;
  const reserve = new core.SocketReserve({ namespace: '${RED}' });
  // Ended while it makes a Worker, Node leaves a MessagePort half made, and throws from within when that is closed.
  process.on('uncaughtException', (error) => {
    if (!/at MessagePort\\.onclose/.test(error.stack)) throw error;
  });
`;

/** Each loops until V8 ends it. Those that move the thread for good move it back. */
const OPERATIONS: Record<string, { readonly call: string; readonly stays?: true; readonly tries?: number }> = {
  runInNamespace: { call: `core.runInNamespace('${RED}', () => 1)` },
  'nested runInNamespace': { call: `core.runInNamespace('${RED}', () => core.runInNamespace(home, () => 1))` },
  openSocket: { call: `closeSync(core.openSocket({ namespace: '${RED}', family: 'ipv4', type: 'stream' }))` },
  SocketReserve: { call: `closeSync(reserve.open('ipv4', 'stream'))` },
  addNamed: {
    call: `{ const name = '${RED}a' + (count += 1); core.addNamed(name).close(); core.deleteNamed(name); }`,
    tries: TRIES / 2,
  },
  newNamed: {
    call: `{ const name = '${RED}n' + (count += 1); core.newNamed(name).close(); core.set(home); core.deleteNamed(name); }`,
    stays: true,
    tries: TRIES / 2,
  },
  NamespaceWorker: {
    call: `new core.NamespaceWorker('${RED}', '', { eval: true }).on('error', () => {})`,
    tries: TRIES / 10,
  },
};

describe('a script that V8 ends at a random instruction', () => {
  for (const [what, { call, stays = false, tries = TRIES }] of Object.entries(OPERATIONS))
    it(`leaves the thread at home and no descriptors: ${what}`, { timeout: 60_000 + TRIES * 60 }, async () => {
      const result = await runProgram(
        `${HEAD}
        const wrong = [];
        const before = open();
        for (let i = 0; i < ${Math.ceil(tries)}; i += 1) {
          try {
            vm.runInNewContext('for (;;) f()', { f: () => { ${call}; } }, { timeout: 1 + (i % 4) });
          } catch (error) {
            if (error.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
          }
          // In turns: a call of ours in the same turn, a socket that Node makes, nothing.
          if (i % 3 === 0 && !${stays}) {
            const fd = core.openSocket({ family: 'ipv4', type: 'dgram' });
            if (core.socketNamespaceCookie(fd) !== homeCookie) wrong.push('openSocket');
            closeSync(fd);
          }
          if (i % 3 === 1 && !${stays}) {
            const server = net.createServer().listen(0, '127.0.0.1').on('error', () => {});
            await new Promise((resolve) => server.once('listening', resolve).once('error', resolve));
            if (core.socketNamespaceCookie(server._handle.fd) !== homeCookie) wrong.push('a server of Node');
            server.close();
          }
          await new Promise(setImmediate);
          if (where() !== homeName) {
            // Ended between the move, which was finished, and the way back.
            if (!${stays}) wrong.push('the thread');
            core.set(home);
          }
        }
        await new Promise((resolve) => setTimeout(resolve, 300));
        console.log(JSON.stringify({ wrong, more: open() - before }));
        process.exit();`,
        { timeout: 60_000 + TRIES * 60 },
      );
      expect(result.stderr).toBe('');
      const { wrong, more } = JSON.parse(result.stdout) as { wrong: string[]; more: number };
      expect(wrong).toEqual([]);
      // What a call had returned when the script was ended was the script's. A worker has descriptors of its own.
      expect(more).toBeLessThanOrEqual(what === 'NamespaceWorker' ? 10 * tries : 5 + tries / 10);
    });

  it('goes on in the outer hop if only the inner one was ended', async () => {
    const result = await runProgram(
      `${HEAD}
      const cookie = core.namespaceCookie('${RED}');
      const [inner, thread] = core.runInNamespace('${RED}', () => {
        endWithin(home);
        const fd = core.openSocket({ family: 'ipv4', type: 'stream' });
        return [core.socketNamespaceCookie(fd) === cookie, where() !== homeName];
      });
      console.log(inner, thread, where() === homeName);`,
    );
    expect(result.stdout.trim()).toBe('true true true');
  });

  it.each([
    ['EPERM', /cannot return from the namespace .*the function gave up CAP_SYS_ADMIN inside/],
    ['EBADF', /cannot return from the namespace (?!.*CAP_SYS_ADMIN)/],
  ] as const)('stops the process if the thread cannot return: %s', async (errno, message) => {
    const result = await runProgram(
      `${HEAD}
      import { Errno, replaceSyscalls } from 'netns-core/sys';
      endWithin('${RED}');
      replaceSyscalls(() => ({ setns: () => -Errno.${errno} }));
      setTimeout(() => console.log('went on'), 100);`,
    );
    expect(result.stdout).toBe('');
    expect(result.stderr).toMatch(message);
  });

  it('goes on where it was ended in a move to where the thread is, whatever moves came before', async () => {
    const result = await runProgram(
      `${IMPORTS}
      endWithin('');
      await new Promise(setImmediate);
      endWithin('${RED}');
      await new Promise(setImmediate);
      endWithin('');
      await new Promise(setImmediate);
      // A move that stayed under way would be looked at by each later call.
      console.log(process[Symbol.for('netns-core.moves')].depth);
      console.log(core.runInNamespace('${RED}', () => 'there'));
      endWithin('');`,
    );
    expect(result).toMatchObject({ stdout: '0\nthere\n', stderr: '' });
  });
});
