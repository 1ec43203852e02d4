import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeNamespaces, runProgram, uniqueName } from '#testkit';

const RED = uniqueName('red');
let made: ReturnType<typeof makeNamespaces>;
beforeAll(() => {
  made = makeNamespaces(RED);
});
afterAll(() => made.remove());

/** How many workers are terminated while they start; 2,000 by hand. */
const STARTS = Math.ceil(Number(process.env.INTERRUPTED_TRIES ?? 60) / 5);

/**
 * What a worker is doing when it is terminated. `stuck()` tells the main thread and never returns; `stuckIn` has one
 * system call do that.
 */
const DOING: Record<string, string> = {
  'a hop': `core.runInNamespace('${RED}', stuck)`,
  'a hop in a hop': `core.runInNamespace('${RED}', () => core.runInNamespace('', () => core.runInNamespace('${RED}', stuck)))`,
  'openSocket, with the socket made': `stuckIn('setsockopt'); core.openSocket({ namespace: '${RED}', family: 'ipv4', type: 'stream', priority: 5 })`,
  'addNamed, with the directory locked': `stuckIn('mount'); core.addNamed('${RED}x')`,
  'deleteNamed, with the directory locked': `stuckIn('umount2'); core.deleteNamed('${RED}')`,
  newNetns: `stuckIn('fstat'); core.newNetns()`,
  'something else, with handles open': `kept.push(core.get(), core.getFromName('${RED}'), core.get().dup()); stuck()`,
  'waiting, with a watch and handles': `kept.push(core.watchNamed(), core.newNetns()); tell()`,
};

const HEAD = `
  import { fstatSync, openSync, readdirSync, readlinkSync } from 'node:fs';
  import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
  import * as core from 'netns-core';
  import { replaceSyscalls, sys } from 'netns-core/sys';
  const kept = [];
  const tell = (value = 1) => { Atomics.store(workerData.flag, 0, value); Atomics.notify(workerData.flag, 0); };
  const stuck = () => { tell(); for (;;); };
  const stuckIn = (call) => replaceSyscalls(() => ({ [call]: stuck }));
  setInterval(() => {}, 1000);

  /** Starts a worker, waits until it has told something, and returns both. */
  const start = async (work, make = (options) => new Worker(new URL(import.meta.url), options)) => {
    const flag = new Int32Array(new SharedArrayBuffer(4));
    const worker = make({ workerData: { work, flag } });
    const failed = new Promise((_, reject) => worker.once('error', reject));
    while (Atomics.load(flag, 0) === 0) await Promise.race([failed, new Promise((resolve) => setTimeout(resolve, 2))]);
    return { worker, told: Atomics.load(flag, 0) };
  };
  /** Namespaces, sockets and directories that are open. */
  const open = () => readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync('/proc/self/fd/' + fd);
      return /^(net|socket):|netns/.test(target) ? [fd + ' ' + target] : [];
    } catch { return []; }
  });
`;

describe('a worker thread that is terminated', () => {
  it('leaves nothing open, whatever it was doing', { timeout: 60_000 }, async () => {
    const result = await runProgram(
      `${HEAD}
      const doing = ${JSON.stringify(DOING)};
      if (!isMainThread) eval(doing[workerData.work]);
      else {
        const left = {};
        for (const work of Object.keys(doing)) {
          const before = open();
          const { worker } = await start(work);
          const meanwhile = open().filter((fd) => !before.includes(fd));
          await worker.terminate();
          left[work] = [meanwhile.length > 0, open().filter((fd) => !before.includes(fd))];
        }
        console.log(JSON.stringify(left));
        process.exit();
      }`,
      { timeout: 60_000 },
    );
    expect(result.stderr).toBe('');
    expect(JSON.parse(result.stdout)).toEqual(Object.fromEntries(Object.keys(DOING).map((work) => [work, [true, []]])));
  });

  it('leaves nothing open, however many handles it had before and however deep its hops were', async () => {
    const result = await runProgram(
      `${HEAD}
      const nest = (depth, inside) => core.runInNamespace('${RED}', () => (depth > 1 ? nest(depth - 1, inside) : inside()));
      const doing = {
        'many handles, one after the other': () => {
          for (let i = 0; i < 600; i += 1) core.getFromName('${RED}').close();
          kept.push(core.getFromName('${RED}'), core.get().dup());
        },
        'many handles at once': () => {
          for (let i = 0; i < 250; i += 1) kept.push(core.get());
          for (const handle of kept.splice(0, 200)) handle.close();
          for (let i = 0; i < 200; i += 1) kept.push(core.getFromName('${RED}'));
        },
        'hops in hops': () => {
          kept.push(core.getFromName('${RED}'));
          nest(12, () => kept.push(core.get()));
          kept.push(core.getFromName('${RED}'));
          nest(12, () => kept.push(core.get(), core.getFromName('${RED}')));
          for (const handle of kept) if (sys().fstat(handle.fd).ino !== handle.ino) throw new Error('another file: ' + handle);
        },
        'a hop in a hop, in a worker that was in deeper ones': () => {
          nest(4, () => 1);
          nest(2, () => { kept.push(core.get()); stuck(); });
        },
      };
      /** How many are open in the end. */
      const opens = { 'many handles, one after the other': 2, 'many handles at once': 250, 'hops in hops': 5, 'a hop in a hop, in a worker that was in deeper ones': 3 };
      if (!isMainThread) { doing[workerData.work](); tell(); }
      else {
        const left = {};
        for (const work of Object.keys(doing)) {
          const before = open();
          const { worker } = await start(work);
          const meanwhile = open().filter((fd) => !before.includes(fd)).length;
          await worker.terminate();
          left[work] = [meanwhile >= opens[work], open().filter((fd) => !before.includes(fd))];
        }
        console.log(JSON.stringify(left));
        process.exit();
      }`,
    );
    expect(result.stderr).toBe('');
    expect(JSON.parse(result.stdout)).toEqual({
      'many handles, one after the other': [true, []],
      'many handles at once': [true, []],
      'hops in hops': [true, []],
      'a hop in a hop, in a worker that was in deeper ones': [true, []],
    });
  });

  it('leaves nothing open at random instructions, nor do its own workers', { timeout: 60_000 }, async () => {
    const result = await runProgram(
      `${HEAD}
      const loop = { hop: () => core.runInNamespace('${RED}', () => 1), handle: () => core.getFromName('${RED}').dup() };
      if (!isMainThread && workerData.work === 'nested') await start('hop').then(() => tell());
      else if (!isMainThread) for (const call = loop[workerData.work]; ; tell()) { const made = call(); made.close?.(); }
      else {
        const before = open();
        for (const work of ['hop', 'handle', 'nested'])
          for (let times = 0; times < 4; times += 1) {
            const worker = work === 'hop' && times % 2 === 0 ? (options) => new core.NamespaceWorker('${RED}', new URL(import.meta.url), options) : undefined;
            await (await start(work, worker)).worker.terminate();
          }
        console.log(open().length - before.length);
        process.exit();
      }`,
      { timeout: 60_000 },
    );
    expect(result.stderr).toBe('');
    // A descriptor that was on its way from dup() into a variable of the program.
    expect(Number(result.stdout)).toBeLessThanOrEqual(2);
  });

  it('while it starts leaves nothing, and its sockets are where it belongs', {
    timeout: 60_000 + STARTS * 500,
  }, async () => {
    const result = await runProgram(
      `${HEAD}
      // Without netns-core: a worker that is terminated while it loads koffi ends the process, which is koffi's.
      const CODE = \`
        const { readlinkSync } = require('node:fs');
        require('node:net').createServer().listen(0, '127.0.0.1', () =>
          require('node:worker_threads').parentPort.postMessage(readlinkSync('/proc/thread-self/ns/net')));\`;
      const begin = () => new core.NamespaceWorker('${RED}', CODE, { eval: true });
      if (!isMainThread) {
        tell();
        for (;;) await begin().terminate();
      } else {
        const where = () => readlinkSync('/proc/thread-self/ns/net');
        const home = where(), red = core.runInNamespace('${RED}', where);
        const seen = { elsewhere: 0, away: 0, errors: [] };
        const watch = (worker) => worker
          .on('message', (place) => { if (place !== red) seen.elsewhere += 1; })
          .on('error', (error) => seen.errors.push(String(error)));
        const count = () => [open().length, readdirSync('/proc/self/fd').length, readdirSync('/proc/self/task').length];
        const started = performance.now();
        const first = watch(begin());
        await new Promise((resolve) => first.once('message', resolve));
        const startMs = performance.now() - started;
        await first.terminate();
        const before = count();
        for (let times = 0; times < ${STARTS}; times += 1) {
          // Every fourth is a worker that starts others.
          const worker = times % 4 === 3 ? (await start('starts')).worker : watch(begin());
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 1.2 * startMs));
          await worker.terminate();
          if (where() !== home) seen.away += 1;
        }
        const isMore = () => count().some((number, index) => number > before[index]);
        for (const end = Date.now() + 5000; isMore() && Date.now() < end; ) await new Promise((resolve) => setTimeout(resolve, 20));
        console.log(JSON.stringify({ ...seen, more: isMore() && { before, after: count() } }));
        process.exit();
      }`,
      { timeout: 60_000 + STARTS * 500 },
    );
    expect(result.stderr).toBe('');
    expect(JSON.parse(result.stdout)).toEqual({ elsewhere: 0, away: 0, errors: [], more: false });
  });

  it('takes nothing of other threads with it: a number that was used again, a namespace that was handed over', async () => {
    const result = await runProgram(
      `${HEAD}
      if (!isMainThread) {
        const handle = core.getFromName('${RED}'), { fd } = handle;
        if (workerData.work === 'closed') handle.close();
        else sys().close(fd);
        tell(fd);
      } else {
        // The number is that of another namespace, or of the same one once more.
        for (const [work, path] of [[undefined, '/proc/self/ns/net'], ['closed', '/run/netns/${RED}']]) {
          const { worker, told } = await start(work);
          const namespaces = [];
          do namespaces.push(openSync(path)); while (!namespaces.includes(told) && namespaces.length < 100);
          await worker.terminate();
          if (!namespaces.includes(told)) throw new Error('the number was not used again');
          if (sys().fstat(told).ino === undefined) throw new Error('what another thread has opened was closed');
          for (const fd of namespaces) sys().close(fd);
        }
        const { worker, told } = await start();
        const files = [];
        do files.push(openSync('/dev/null')); while (!files.includes(told) && files.length < 100);
        await worker.terminate();
        const made = await core.addNamedAsync('${RED}y');
        const threads = () => readdirSync('/proc/self/task').length;
        // Until the thread that has made it has ended.
        for (const most = threads(); threads() === most; ) await new Promise((resolve) => setTimeout(resolve, 20));
        console.log(files.includes(told), fstatSync(told).isCharacterDevice(), sys().fstat(made.fd).ino === made.ino);
        process.exit();
      }`,
    );
    expect(result.stderr).toBe('');
    expect(result.stdout).toBe('true true true\n');
  });
});
