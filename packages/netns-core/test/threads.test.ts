import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeNamespaces, runProgram, uniqueName } from '#testkit';

const RED = uniqueName('red');
let made: ReturnType<typeof makeNamespaces>;
beforeAll(() => {
  made = makeNamespaces(RED);
});
afterAll(() => made.remove());

/** What makes threads, when it is done for the first time in the process. */
const FIRST_WORK: Record<string, string> = {
  'fs.readFile': "require('node:fs').readFile('/proc/self/status', () => {})",
  'dns.lookup': "require('node:dns').lookup('localhost', () => {})",
  'crypto.pbkdf2': "require('node:crypto').pbkdf2('a', 'b', 1, 8, 'sha1', () => {})",
  'zlib.gzip': "require('node:zlib').gzip('a', () => {})",
  "an asynchronous call of koffi's": 'sys().recvAsync(0x7ffffff, new Uint8Array(1), 0).catch(() => {})',
  'an fs promise': "require('node:fs/promises').stat('/').catch(() => {})",
};

/** Ends with the namespace of every thread, and how many there are. */
const REPORT = `
  const { readdirSync, readlinkSync } = require('node:fs');
  const report = () => {
    const threads = readdirSync('/proc/self/task').map((tid) => readlinkSync('/proc/self/task/' + tid + '/ns/net'));
    console.log(JSON.stringify({ home: readlinkSync('/proc/self/ns/net'), all: [...new Set(threads)], count: threads.length }));
  };
`;

describe('threads that are made lazily stay at home when the first work for them is inside a hop', () => {
  for (const [what, work] of Object.entries(FIRST_WORK)) {
    for (const type of ['module', 'commonjs'] as const) {
      it(`${what}, in ${type === 'module' ? 'an ES module' : 'a CommonJS'} program`, async () => {
        const head =
          type === 'module'
            ? `import { createRequire } from 'node:module'; import { runInNamespace } from 'netns-core'; import { sys } from 'netns-core/sys'; const require = createRequire(import.meta.url);`
            : `const { runInNamespace } = require('netns-core'); const { sys } = require('netns-core/sys');`;
        const result = await runProgram(
          `${head} ${REPORT}
          runInNamespace('${RED}', () => { for (let i = 0; i < 8; i += 1) { ${work}; } });
          setTimeout(report, 100);`,
          { type, env: { UV_USE_IO_URING: '1', UV_THREADPOOL_SIZE: '6' } },
        );
        expect(result.stderr).toBe('');
        const { home, all, count } = JSON.parse(result.stdout) as { home: string; all: string[]; count: number };
        expect(all).toEqual([home]);
        expect(count).toBeGreaterThan(6);
      });
    }
  }

  it('without the library they would not: the same program with setns alone strands the pool', async () => {
    const result = await runProgram(
      `const { openSync, readFile } = require('node:fs'); const { sys } = require('netns-core/sys'); ${REPORT}
      const calls = sys(); const home = openSync('/proc/thread-self/ns/net'); const red = openSync('/run/netns/${RED}');
      calls.setns(red, 0); readFile('/proc/self/status', () => {}); calls.setns(home, 0);
      setTimeout(report, 100);`,
      { type: 'commonjs' },
    );
    const { all } = JSON.parse(result.stdout) as { all: string[] };
    expect(all).toHaveLength(2);
  });

  for (const [what, move] of Object.entries({
    set: `core.set(core.getFromName('${RED}'))`,
    newNetns: 'core.newNetns().close()',
    newNamed: `core.newNamed('${uniqueName('n')}').close()`,
    addNamed: `core.addNamed('${uniqueName('a')}').close()`,
    openSocket: `core.openSocket({ namespace: '${RED}', family: 'ipv4', type: 'stream' })`,
    namespaceCookie: `core.namespaceCookie('${RED}')`,
    spawnInNamespace: `core.spawnInNamespace('${RED}', 'true')`,
    NamespaceWorker: `new core.NamespaceWorker('${RED}', 'setTimeout(() => {}, 1)', { eval: true })`,
  })) {
    it(`also when the first move is by ${what}`, async () => {
      const result = await runProgram(
        `const core = require('netns-core'); ${REPORT}
        const start = core.get();
        ${move};
        require('node:fs').readFile('/proc/self/status', () => {});
        core.set(start);
        const away = () => readdirSync('/proc/self/task').some((tid) => readlinkSync('/proc/self/task/' + tid + '/ns/net') !== readlinkSync('/proc/self/ns/net'));
        // The thread of a worker is elsewhere until it has ended; one that was made there by mistake stays.
        const end = Date.now() + 5000;
        const reportWhenHome = () => (away() && Date.now() < end ? setTimeout(reportWhenHome, 50) : report());
        setTimeout(reportWhenHome, 400);`,
        { type: 'commonjs' },
      );
      expect(result.stderr).toBe('');
      const { home, all } = JSON.parse(result.stdout) as { home: string; all: string[] };
      expect(all).toEqual([home]);
    });
  }

  it('also when the first hop is made by a worker thread', async () => {
    const result = await runProgram(
      `const core = require('netns-core'); const { Worker, isMainThread } = require('node:worker_threads'); ${REPORT}
      if (isMainThread) { new Worker(__filename); setTimeout(report, 500); }
      else core.runInNamespace('${RED}', () => { require('node:fs').readFile('/proc/self/status', () => {}); require('node:dns').lookup('localhost', () => {}); });`,
      { type: 'commonjs' },
    );
    const { home, all } = JSON.parse(result.stdout) as { home: string; all: string[] };
    expect(all).toEqual([home]);
  });
});
