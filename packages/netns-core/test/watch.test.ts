import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { addNamed, deleteNamed, type NamedEvent, runInNamespace, subscribeNamed, watchNamed } from 'netns-core';
import { Errno, replaceSyscalls } from 'netns-core/sys';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ip, leakedFds, openFds, retryUntil, run, runProgram, uniqueName } from '#testkit';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync('/run/watch-');
  // Made a mount of its own beforehand, so that nothing but the names happens in it.
  addNamed('first', { dir }).close();
});
afterEach(() => {
  run('sh', ['-c', `for mount in ${dir}/* ${dir}; do while umount -l $mount 2>/dev/null; do :; done; done`]);
  rmSync(dir, { recursive: true, force: true });
});

/** Collects events without awaiting them one by one. */
function collect(options: { dir: string; listExisting?: boolean }): { events: string[]; close(): void } {
  const events: string[] = [];
  const subscription = subscribeNamed(
    ({ type, name }: NamedEvent) => events.push(`${type} ${name}`),
    (error) => events.push(`failed ${error.code}`),
    options,
  );
  return { events, close: () => subscription.close() };
}

const inotifyWatches = (): number => {
  let count = 0;
  for (const fd of readdirSync('/proc/self/fdinfo')) {
    try {
      count += (readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8').match(/^inotify /gm) ?? []).length;
    } catch {
      // Gone again.
    }
  }
  return count;
};

describe('watchNamed', () => {
  it('tells of no removal while the process has no descriptor to read the directory with', async () => {
    const { stdout } = await runProgram(
      `import { closeSync, mkdirSync, openSync } from 'node:fs';
      import { setTimeout as delay } from 'node:timers/promises';
      import { subscribeNamed } from 'netns-core';
      const events = [];
      const listener = ({ type, name }) => events.push(type + ' ' + name);
      subscribeNamed(listener, (error) => events.push(error.code), { dir: '${dir}', listExisting: true });
      await delay(50);
      const taken = [];
      try { for (;;) taken.push(openSync('/dev/null')); } catch {}
      mkdirSync('${dir}/something');
      await delay(150);
      for (const fd of taken) closeSync(fd);
      await delay(150);
      console.log(events.join());
      process.exit();`,
      { through: ['sh', '-c', 'ulimit -n 100; exec "$@"', 'sh'] },
    );
    expect(stdout).toBe('added first\n');
  });

  it('tells of names that come and go, by our calls and by iproute2', async () => {
    using controller = Object.assign(new AbortController(), { [Symbol.dispose]() {} });
    const watcher = watchNamed({ signal: controller.signal });
    const name = uniqueName('w');
    const next = async (): Promise<string> => {
      for (;;) {
        const { value } = (await watcher.next()) as { value: NamedEvent };
        // Other test files make names in the same directory.
        if (value.name === name) return value.type;
      }
    };
    ip(`netns add ${name}`);
    expect(await next()).toBe('added');
    ip(`netns del ${name}`);
    expect(await next()).toBe('removed');
    addNamed(name).close();
    expect(await next()).toBe('added');
    deleteNamed(name);
    expect(await next()).toBe('removed');
    controller.abort();
    expect(await watcher.next()).toEqual({ done: true, value: undefined });
  });

  it("says 'added' only once the namespace can be entered, however long its mount takes", async () => {
    const watch = collect({ dir });
    writeFileSync(`${dir}/slow`, '');
    await delay(120);
    expect(watch.events).toEqual([]);
    run('mount', ['--bind', '/proc/self/ns/net', `${dir}/slow`]);
    const start = performance.now();
    await retryUntil(() => watch.events.length > 0, 500, 1);
    const took = performance.now() - start;
    console.info(`'added' followed the mount by ${took.toFixed(1)} ms`);
    expect(took).toBeLessThan(500);
    expect(watch.events).toEqual(['added slow']);
    runInNamespace({ name: 'slow', dir }, () => 1);
    watch.close();
    deleteNamed('slow', { dir });
  });

  it('never says it of a file that no namespace is mounted on, or of something else', async () => {
    const watch = collect({ dir });
    writeFileSync(`${dir}/empty`, '');
    writeFileSync(`${dir}/text`, 'text');
    mkdirSync(`${dir}/directory`);
    run('mkfifo', [`${dir}/fifo`]);
    writeFileSync(`${dir}/uts`, '');
    run('mount', ['--bind', '/proc/self/ns/uts', `${dir}/uts`]);
    addNamed('real', { dir }).close();
    await retryUntil(() => watch.events.includes('added real'));
    await delay(50);
    expect(watch.events).toEqual(['added real']);
    watch.close();
    run('umount', [`${dir}/uts`]);
    deleteNamed('real', { dir });
  });

  it('tells of a namespace that was replaced under its name: removed, then added', async () => {
    const watch = collect({ dir, listExisting: true });
    expect(watch.events).toEqual(['added first']);
    for (let round = 0; round < 5; round += 1) {
      watch.events.length = 0;
      // In one turn, so that both arrive together; the inode is often the same.
      deleteNamed('first', { dir });
      addNamed('first', { dir }).close();
      await retryUntil(() => watch.events.length >= 2);
      expect(watch.events).toEqual(['removed first', 'added first']);
    }
    watch.close();
  });

  it('lists what is there when asked, and nothing otherwise', async () => {
    addNamed('second', { dir }).close();
    const listed: string[] = [];
    for await (const { type, name } of watchNamed({ dir, listExisting: true })) {
      listed.push(`${type} ${name}`);
      if (listed.length === 2) break;
    }
    expect(listed.sort()).toEqual(['added first', 'added second']);
    const watch = collect({ dir });
    await delay(30);
    expect(watch.events).toEqual([]);
    watch.close();
  });

  it("gives handles when asked, which are the reader's to close", async () => {
    const watcher = watchNamed({ dir, handles: true, listExisting: true });
    const { value } = (await watcher.next()) as { value: NamedEvent };
    expect(value.name).toBe('first');
    expect(value.handle?.isOpen()).toBe(true);
    value.handle?.close();
    await watcher.return?.();
  });

  it('survives the directory itself appearing, disappearing and coming back', async () => {
    const missing = `${dir}/deep/er`;
    const watch = collect({ dir: missing });
    mkdirSync(missing, { recursive: true });
    for (let round = 0; round < 3; round += 1) {
      mkdirSync(missing, { recursive: true });
      addNamed('x', { dir: missing }).close();
      await retryUntil(() => watch.events.includes('added x'));
      deleteNamed('x', { dir: missing });
      run('sh', ['-c', `while umount -l ${missing} 2>/dev/null; do :; done`]);
      rmSync(`${dir}/deep`, { recursive: true });
      await retryUntil(() => watch.events.includes('removed x'));
      watch.events.length = 0;
      await delay(20);
    }
    watch.close();
  });

  it('holds one inotify watch per directory, whatever the number of watchers, and lets go of it', async () => {
    const before = inotifyWatches();
    const watchers = Array.from({ length: 100 }, () => watchNamed({ dir }));
    expect(inotifyWatches()).toBe(before + 1);
    const all = Promise.all(watchers.map((watcher) => watcher.next()));
    addNamed('many', { dir }).close();
    expect((await all).map(({ value }) => (value as NamedEvent).name)).toEqual(watchers.map(() => 'many'));
    for (const watcher of watchers.slice(1)) await watcher.return?.();
    expect(inotifyWatches()).toBe(before + 1);
    await watchers[0]?.[Symbol.asyncDispose]();
    await retryUntil(() => inotifyWatches() === before);
    deleteNamed('many', { dir });
  });

  it('frees everything when its loop is left, by break, error, signal or dispose', async () => {
    // libuv keeps one inotify descriptor per loop from the first watch on.
    await watchNamed({ dir }).return?.();
    const before = { fds: openFds(), watches: inotifyWatches() };
    for await (const _ of watchNamed({ dir, listExisting: true })) break;
    await expect(
      (async () => {
        for await (const _ of watchNamed({ dir, listExisting: true })) throw new Error('mine');
      })(),
    ).rejects.toThrow('mine');
    const controller = new AbortController();
    const waiting = watchNamed({ dir, signal: controller.signal }).next();
    controller.abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await watchNamed({ dir, signal: AbortSignal.abort() }).next()).toEqual({ done: true, value: undefined });
    {
      await using watcher = watchNamed({ dir });
      void watcher;
    }
    await retryUntil(() => inotifyWatches() === before.watches);
    expect(leakedFds(before.fds)).toEqual([]);
  });

  it('does not poll while no unmounted file is there, and does while one is', async () => {
    const idle = await runProgram(
      `import { watchNamed } from 'netns-core';
      const watcher = watchNamed({ dir: ${JSON.stringify(dir)}, listExisting: true });
      await watcher.next();
      const next = watcher.next();
      await new Promise((resolve) => setTimeout(resolve, 50));
      console.log(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length);
      process.exit();`,
    );
    expect(idle.stdout).toBe('0\n');

    // As strace sees it: no system call looks at the directory during a quiet second.
    const reads = async (): Promise<number> => {
      const log = `${dir}-strace`;
      const tracer = spawn(
        'strace',
        [
          '-f',
          '-o',
          log,
          '-e',
          'trace=getdents64,statfs,newfstatat,stat,statx,openat,open',
          process.execPath,
          '--input-type=module',
          '-e',
          `const { watchNamed } = await import(${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)});
          const watcher = watchNamed({ dir: ${JSON.stringify(dir)} });
          const next = watcher.next();
          await new Promise((resolve) => setTimeout(resolve, 300));
          process._rawDebug('quiet');
          const { openSync } = await import('node:fs');
          try { openSync('/begin-of-the-quiet-time'); } catch {}
          await new Promise((resolve) => setTimeout(resolve, 700));
          try { openSync('/end-of-the-quiet-time'); } catch {}
          process.exit();`,
        ],
        { stdio: 'ignore' },
      );
      await new Promise((resolve) => tracer.once('exit', resolve));
      const lines = readFileSync(log, 'utf8').split('\n');
      rmSync(log);
      const begin = lines.findIndex((line) => line.includes('/begin-of-the-quiet-time'));
      const end = lines.findIndex((line) => line.includes('/end-of-the-quiet-time'));
      expect(end).toBeGreaterThan(begin);
      return lines.slice(begin + 1, end).filter((line) => line.includes(dir)).length;
    };
    expect(await reads()).toBe(0);
    writeFileSync(`${dir}/unmounted`, '');
    expect(await reads()).toBeGreaterThan(1);
  });

  it('fails with the advice of which limit to raise when inotify has none left, and with nothing left open', async () => {
    const result = await runProgram(
      `import fs from 'node:fs'; import { syncBuiltinESMExports } from 'node:module';
      const real = fs.watch;
      fs.watch = () => { throw Object.assign(new Error('no space left'), { code: 'ENOSPC' }); };
      syncBuiltinESMExports();
      const { watchNamed, subscribeNamed } = await import('netns-core');
      try { watchNamed({ dir: ${JSON.stringify(dir)} }); } catch (error) { console.log(error.name, error.code, error.message.includes('fs.inotify.max_user_watches')); }
      fs.watch = real;
      syncBuiltinESMExports();
      const watcher = watchNamed({ dir: ${JSON.stringify(dir)}, listExisting: true });
      console.log((await watcher.next()).value.name);
      await watcher.return();`,
    );
    expect(result).toMatchObject({ stderr: '', stdout: 'NetnsError ENOSPC true\nfirst\n', code: 0 });
  });

  it('goes on when a file descriptor is lacking for a moment, and says nothing wrong meanwhile', async () => {
    const watch = collect({ dir, listExisting: true });
    watch.events.length = 0;
    const undo = replaceSyscalls(() => ({ open: () => -Errno.EMFILE }));
    try {
      writeFileSync(`${dir}/new`, '');
      run('mount', ['--bind', '/proc/self/ns/net', `${dir}/new`]);
      await delay(150);
      expect(watch.events).toEqual([]);
    } finally {
      undo();
    }
    await retryUntil(() => watch.events.length > 0);
    expect(watch.events).toEqual(['added new']);
    watch.close();
    deleteNamed('new', { dir });
  });

  it('keeps other listeners informed when one of them throws, subscribes or closes in its turn', async () => {
    const result = await runProgram(
      `import { addNamed, deleteNamed, subscribeNamed } from 'netns-core';
      const dir = ${JSON.stringify(dir)};
      const fail = (error) => console.log(error);
      process.on('uncaughtException', (error) => console.log('uncaught', error.message));
      const late = [];
      subscribeNamed(() => { throw new Error('mine'); }, fail, { dir });
      const second = subscribeNamed(({ type, name }) => {
        if (late.length === 0) subscribeNamed((event) => late.push(event.type + ' ' + event.name), fail, { dir, listExisting: true });
        second.close();
      }, fail, { dir });
      const seen = [];
      subscribeNamed(({ type, name }) => seen.push(type + ' ' + name), fail, { dir });
      addNamed('a', { dir }).close();
      addNamed('b', { dir }).close();
      setTimeout(() => { console.log(seen.sort().join(), '|', late.sort().join()); deleteNamed('a', { dir }); deleteNamed('b', { dir }); process.exit(); }, 300);`,
    );
    expect(result.stdout.trim().split('\n')).toEqual([
      'uncaught mine',
      'uncaught mine',
      'added a,added b | added a,added b,added first',
    ]);
  });

  it('lets the program end when it is unreferenced', async () => {
    const result = await runProgram(
      `import { subscribeNamed } from 'netns-core';
      subscribeNamed(() => {}, () => {}, { dir: ${JSON.stringify(dir)} }).unref();
      console.log('ends');`,
      { timeout: 5000 },
    );
    expect(result).toMatchObject({ code: 0, stdout: 'ends\n' });
  });

  it('copes with hundreds of names made at once', async () => {
    const watch = collect({ dir });
    const made = Array.from({ length: 300 }, (_, index) => `m${index}`);
    for (const name of made) addNamed(name, { dir }).close();
    await retryUntil(() => watch.events.length >= made.length, 10_000);
    expect(watch.events.sort()).toEqual(made.map((name) => `added ${name}`).sort());
    watch.events.length = 0;
    for (const name of made) deleteNamed(name, { dir });
    await retryUntil(() => watch.events.length >= made.length, 10_000);
    expect(watch.events.every((event) => event.startsWith('removed'))).toBe(true);
    watch.close();
    expect(existsSync(`${dir}/m1`)).toBe(false);
  });

  it('tells within 50 ms of a name that comes to mean another namespace, by whatever change, and of nothing else', async () => {
    const [a, b] = [uniqueName(), uniqueName()];
    ip(`netns add ${a}`);
    ip(`netns add ${b}`);
    const pids = [a, b].map((name) => spawn('ip', ['netns', 'exec', name, 'sleep', '60']));
    const elsewhere = mkdtempSync('/run/elsewhere-');
    const file = `${dir}/name`;
    const shell = (line: string): void => {
      run('sh', ['-ec', line]);
    };
    try {
      await retryUntil(() =>
        pids.every(({ pid }) => run('ip', ['netns', 'pids', a]) + run('ip', ['netns', 'pids', b]) && pid),
      );
      writeFileSync(`${elsewhere}/target`, '');
      shell(`mount --bind /run/netns/${a} ${elsewhere}/target; touch ${file}; mount --bind /run/netns/${a} ${file}`);
      const { events, close } = collect({ dir });
      const replaced = ['removed name', 'added name'];
      const changes: Record<string, { change: string; told: string[] }> = {
        'unmounted and mounted': { change: `umount ${file}; mount --bind /run/netns/${b} ${file}`, told: replaced },
        'a mount over it': { change: `mount --bind /run/netns/${a} ${file}`, told: replaced },
        'that mount is gone': { change: `umount ${file}`, told: replaced },
        'an unrelated mount': {
          change: `mount --bind ${elsewhere} ${elsewhere}; umount ${elsewhere}`,
          told: [],
        },
        'a link in its place': { change: `umount ${file}; ln -sfn ${elsewhere}/target ${file}`, told: replaced },
        'what the link leads to': {
          change: `umount ${elsewhere}/target; mount --bind /run/netns/${b} ${elsewhere}/target`,
          told: replaced,
        },
        'a link to a process in the same namespace': {
          change: `ln -sfn /proc/${pids[1]?.pid}/ns/net ${file}`,
          told: [],
        },
        nothing: { change: 'true', told: [] },
        'a link to another process': { change: `ln -sfn /proc/${pids[0]?.pid}/ns/net ${file}`, told: replaced },
        'a process that is gone': { change: `kill -9 ${pids[0]?.pid}; sleep 0.01`, told: ['removed name'] },
      };
      await delay(60);
      for (const [what, { change, told }] of Object.entries(changes)) {
        events.length = 0;
        shell(change);
        await delay(60);
        // Between the two halves of a change there may be nothing at all; that is told by the same two events.
        expect([what, ...events]).toEqual([what, ...told]);
      }
      close();
    } finally {
      for (const child of pids) child.kill('SIGKILL');
      run('sh', ['-c', `umount ${elsewhere}/target; rm -rf ${elsewhere}; ip netns del ${a}; ip netns del ${b}`]);
    }
  });

  it('warns of a file that stays without a namespace, once', async () => {
    writeFileSync(`${dir}/lost`, '');
    const result = await runProgram(
      `import { watchNamed } from 'netns-core';
      process.on('warning', ({ code, message }) => console.log(code, message.includes('lost')));
      const watcher = watchNamed({ dir: ${JSON.stringify(dir)} });
      setTimeout(() => watcher.return(), 3500);
      for await (const event of watcher) console.log(event.name);`,
    );
    expect(result).toMatchObject({ stdout: 'NETNS_CORE_UNMOUNTED_NAME true\n', code: 0 });
  });
});
