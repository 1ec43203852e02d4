import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import {
  addNamed,
  addNamedAsync,
  addUnnamedAsync,
  deleteNamed,
  get,
  InvalidNameError,
  NetnsError,
  type NetnsHandle,
  runInNamespace,
} from 'netns-core';
import { LOCK_EX, O_DIRECTORY, O_RDONLY, sys } from 'netns-core/sys';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ip, ipJson, namespaceOfThreads, openFds, run, runProgram, uniqueName, untilNothingLeaks } from '#testkit';

let folder: string;
let fds: ReturnType<typeof openFds>;
beforeEach(() => {
  folder = mkdtempSync('/run/aside-');
  get().close();
  fds = openFds();
});
afterEach(async () => {
  run('sh', [
    '-c',
    `for mount in ${folder}/*; do umount -l $mount 2>/dev/null; done; while umount -l ${folder} 2>/dev/null; do :; done`,
  ]);
  rmSync(folder, { recursive: true, force: true });
  await untilNothingLeaks(fds);
});

/** Keeps all callers from making namespaces in a directory, as the kernel's lock does for all: until it is called. */
function blockDirectory(directory: string): () => void {
  addNamed('first', { dir: directory }).close();
  const fd = sys().open(directory, O_RDONLY | O_DIRECTORY, 0);
  expect(sys().flock(fd, LOCK_EX)).toBe(0);
  return () => sys().close(fd);
}

const codeOf = (error: unknown): string => (error instanceof NetnsError ? error.code : String(error));

describe('addNamedAsync', () => {
  it('makes what addNamed makes, and the caller stays at home', async () => {
    const name = uniqueName('a');
    const home = readlinkSync('/proc/thread-self/ns/net');
    using handle = await addNamedAsync(name);
    expect(ip('netns list')).toMatch(new RegExp(`^${name}( |$)`, 'm'));
    expect(ip('netns', 'exec', name, 'stat', '-L', '-c', '%i', '/proc/self/ns/net').trim()).toBe(String(handle.ino));
    expect(runInNamespace(handle, () => readlinkSync('/proc/thread-self/ns/net'))).toBe(`net:[${handle.ino}]`);
    expect(readlinkSync('/proc/thread-self/ns/net')).toBe(home);
    deleteNamed(name);
  });

  it('fails as addNamed does, and says the same', async () => {
    const name = uniqueName('a');
    addNamed(name).close();
    let thrown: NetnsError | undefined;
    try {
      addNamed(name);
    } catch (error) {
      thrown = error as NetnsError;
    }
    const rejected = (await addNamedAsync(name).catch((error: unknown) => error)) as NetnsError;
    expect(rejected).toBeInstanceOf(NetnsError);
    expect({ ...rejected, message: rejected.message }).toEqual({ ...thrown, message: thrown?.message });
    expect(rejected).toMatchObject({ code: 'EEXIST', syscall: 'open', path: `/run/netns/${name}` });
    deleteNamed(name);
    await expect(addNamedAsync('../x')).rejects.toThrow(InvalidNameError);
    await expect(addNamedAsync('x', { dir: '' })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
    await expect(addNamedAsync('x', { dir: '/proc/none' })).rejects.toMatchObject({ code: 'ENOENT', syscall: 'mkdir' });
  });

  it('makes hundreds at once, each its own, while some fail', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 300 }, (_, index) => addNamedAsync(`n${index % 10 === 9 ? 0 : index}`, { dir: folder })),
    );
    const made = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(made).toHaveLength(270);
    expect(new Set(made.map(({ ino }) => ino)).size).toBe(270);
    expect(readdirSync(folder)).toHaveLength(270);
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(codeOf(outcome.reason)).toBe('EEXIST');
    for (const handle of made) handle.close();
  });

  it('takes long names and directories', async () => {
    const dir = `${folder}${'/.'.repeat(1900)}`;
    using handle = await addNamedAsync(`${'ä'.repeat(120)}`, { dir });
    expect(handle.isOpen()).toBe(true);
    const far = `${folder}/${'\u0001'.repeat(2000)}`;
    await expect(addNamedAsync('x', { dir: far })).rejects.toMatchObject({ code: 'ENAMETOOLONG' });
  });

  it('does not hold the event loop while it waits', async () => {
    // The thread is up.
    (await addUnnamedAsync()).close();
    const release = blockDirectory(folder);
    let made: NetnsHandle | undefined;
    const making = addNamedAsync('second', { dir: folder }).then((handle) => {
      made = handle;
    });
    let turns = 0;
    for (const end = performance.now() + 200; performance.now() < end; turns += 1) await delay(1);
    expect(made).toBeUndefined();
    expect(turns).toBeGreaterThan(20);
    release();
    await making;
    made?.close();
  });

  it('is born at home, even if it is first asked for inside a hop', async () => {
    const program = `import { addUnnamedAsync, newNetns, get, set, runInNamespace } from 'netns-core';
      import { readdirSync, readlinkSync } from 'node:fs';
      const home = get(); const other = newNetns(); set(home);
      let making; runInNamespace(other, () => { making = addUnnamedAsync(); });
      const made = await making;
      const all = new Set(readdirSync('/proc/self/task').map((task) => readlinkSync('/proc/self/task/' + task + '/ns/net')));
      console.log(all.size, made.equals(other), made.equals(home));`;
    expect(await runProgram(program)).toMatchObject({ stderr: '', stdout: '1 false false\n' });
  });

  it('works, on the calling thread, where no thread may be started', async () => {
    const program = `import { addNamedAsync, addUnnamedAsync } from 'netns-core';
      const [one, two] = await Promise.all([addNamedAsync('one', { dir: '${folder}' }), addUnnamedAsync()]);
      console.log(one.isOpen(), two.isOpen(), one.equals(two));
      console.log(await addNamedAsync('one', { dir: '${folder}' }).catch(({ code }) => code));`;
    const permission = Number.parseInt(process.versions.node, 10) >= 24 ? '--permission' : '--experimental-permission';
    const { stdout, stderr } = await runProgram(program, {
      through: ['env', `NODE_OPTIONS=${permission} --allow-fs-read=* --allow-fs-write=* --allow-addons --no-warnings`],
    });
    expect(stderr).toBe('');
    expect(stdout).toBe('true true false\nEEXIST\n');
  });

  it('does what it can with the last file descriptors, and says what is missing', async () => {
    const program = `import { addUnnamedAsync } from 'netns-core'; import { openSync, closeSync } from 'node:fs'; import { sys } from 'netns-core/sys';
      sys(); await import('node:worker_threads');
      const taken = []; try { for (;;) taken.push(openSync('/dev/null')); } catch {}
      for (let free = Number(process.argv[2]); free > 0; free -= 1) closeSync(taken.pop());
      console.log(await addUnnamedAsync().then((handle) => handle.isOpen(), ({ code }) => code));`;
    const answers = [];
    for (let free = 0; free < 12; free += 1) {
      const { stdout, stderr } = await runProgram(program, {
        args: [String(free)],
        through: ['sh', '-c', 'ulimit -n 100; exec "$@"', 'sh'],
      });
      expect(stderr).toBe('');
      answers.push(stdout.trim());
    }
    expect(answers[0]).toBe('EMFILE');
    expect(answers.at(-1)).toBe('true');
    for (const answer of answers) expect(['EMFILE', 'true']).toContain(answer);
  });
});

describe('addUnnamedAsync', () => {
  it('makes a namespace with a loopback interface and nothing else, which goes with its handle', async () => {
    const home = get();
    const handle = await addUnnamedAsync();
    expect(handle.equals(home)).toBe(false);
    home.close();
    const links = runInNamespace(handle, () => ipJson<{ ifname: string; operstate: string }>('link show'));
    expect(links).toMatchObject([{ ifname: 'lo', operstate: 'DOWN' }]);
    // A process can find it by our descriptor alone.
    const { fd, ino } = handle;
    expect(readlinkSync(`/proc/self/fd/${fd}`)).toBe(`net:[${ino}]`);
    handle.close();
    expect([...openFds().values()]).not.toContain(`net:[${ino}]`);
    expect([...namespaceOfThreads().values()]).not.toContain(`net:[${ino}]`);
  });
});

describe('the thread', () => {
  it('is one for many calls, ends by itself, and starts again', async () => {
    const workers: Worker[] = [];
    const note = (worker: Worker): void => void workers.push(worker);
    process.on('worker', note);
    try {
      const many = await Promise.all(Array.from({ length: 20 }, () => addUnnamedAsync()));
      for (const handle of many) handle.close();
      (await addUnnamedAsync()).close();
      expect(workers.length).toBeLessThanOrEqual(1);
      await untilNothingLeaks(fds);
      (await addUnnamedAsync()).close();
      expect(workers.length).toBeLessThanOrEqual(2);
      expect(workers.length).toBeGreaterThan(0);
    } finally {
      process.off('worker', note);
    }
  });

  it('fails only the namespace that it was making when it is terminated; the others are made by a new one', async () => {
    const program = `import { addNamed, addNamedAsync, addUnnamedAsync } from 'netns-core';
      import { LOCK_EX, sys } from 'netns-core/sys'; import { openSync, closeSync } from 'node:fs';
      const dir = '${folder}'; const workers = []; process.on('worker', (worker) => workers.push(worker));
      addNamed('first', { dir }); const lock = openSync(dir); sys().flock(lock, LOCK_EX);
      await addUnnamedAsync();
      const waiting = Promise.allSettled([addNamedAsync('second', { dir }), addUnnamedAsync(), addUnnamedAsync()]);
      await new Promise((resolve) => setTimeout(resolve, 50));
      const ended = workers[0].terminate(); closeSync(lock); await ended;
      const [second, ...others] = await waiting;
      console.log(second.reason.code, second.reason.message);
      console.log(...others.map(({ value }) => value.isOpen()), (await addUnnamedAsync()).isOpen(), workers.length);`;
    const { stdout, stderr } = await runProgram(program);
    const message = 'the thread that was making the namespace has ended: it was terminated. Try again';
    expect(stderr).toBe('');
    expect(stdout).toBe(`ERR_SYSCALL_THREAD ${message}\ntrue true true 2\n`);
  });

  it('has others for what waits behind a lock, and hands out what was made before at once', async () => {
    (await addUnnamedAsync()).close();
    const release = blockDirectory(folder);
    let stuck = true;
    const handles = [addUnnamedAsync(), addUnnamedAsync()];
    const second = addNamedAsync('second', { dir: folder }).finally(() => {
      stuck = false;
    });
    for (let more = 0; more < 40; more += 1) handles.push(addUnnamedAsync());
    for (const handle of await Promise.all(handles)) handle.close();
    expect(stuck).toBe(true);
    release();
    (await second).close();
    await untilNothingLeaks(fds);
  });

  it('keeps the process while a namespace is made, and not after', async () => {
    const program = `import { addUnnamedAsync } from 'netns-core'; const started = performance.now();
      addUnnamedAsync().then((handle) => { console.log(handle.isOpen()); const at = performance.now();
        process.on('exit', () => console.log(performance.now() - at < 500)); });`;
    expect(await runProgram(program)).toMatchObject({ stderr: '', stdout: 'true\ntrue\n' });
    const exits = `import { addUnnamedAsync } from 'netns-core'; await addUnnamedAsync(); process.exit(7);`;
    expect(await runProgram(exits)).toMatchObject({ code: 7, stderr: '' });
  });

  it('loads nothing of what the process loads for itself', async () => {
    const program = `import { addUnnamedAsync } from 'netns-core'; (await addUnnamedAsync()).close(); console.log('made');`;
    const preload = `data:text/javascript,console.log('preload')`;
    const { stdout } = await runProgram(program, { through: ['env', `NODE_OPTIONS=--import=${preload}`] });
    expect(stdout).toBe('preload\nmade\n');
  });
});
