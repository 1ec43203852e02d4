import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import type * as NetnsCore from 'netns-core';
import { get, getFromName, resolveNamespace, set, UnsupportedPlatformError } from 'netns-core';
import { checkRuntime } from 'netns-core/checks';
import type * as Sys from 'netns-core/sys';
import {
  Errno,
  O_CLOEXEC,
  O_RDONLY,
  PIDFD_GET_INFO,
  PIDFD_GET_NET_NAMESPACE,
  replaceSyscalls,
  type Syscalls,
} from 'netns-core/sys';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { leakedFds, makeNamespaces, openFds, runProgram, uniqueName } from '#testkit';

const [RED, BLUE] = [uniqueName('red'), uniqueName('blue')];
let made: ReturnType<typeof makeNamespaces>;
beforeAll(() => {
  made = makeNamespaces(RED, BLUE);
});
afterAll(() => made.remove());

const here = readlinkSync('/proc/thread-self/ns/net');

/** The descriptors of this process that lead to the namespace that it is in. */
function ownNamespaceFds(): number[] {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === here;
      } catch {
        return false;
      }
    });
}

describe('the descriptor that is kept of the start namespace', () => {
  it('is not used when other code has closed it and its number is another file', () => {
    const [kept] = ownNamespaceFds();
    if (kept === undefined) throw new Error('nothing is kept');
    closeSync(kept);
    // The lowest number that is free is given away next.
    const other = openSync('/proc/self/ns/mnt', 'r');
    try {
      expect(other).toBe(kept);
      using start = resolveNamespace('default');
      expect(`net:[${start.ino}]`).toBe(here);
      // It was not closed: it is not ours.
      expect(readlinkSync(`/proc/self/fd/${other}`)).toMatch(/^mnt:/);
    } finally {
      closeSync(other);
    }
    using again = resolveNamespace('default');
    expect(`net:[${again.ino}]`).toBe(here);
  });

  it('is refused, by name and number, when it was closed and the main thread has left that namespace', () => {
    using home = get();
    using red = getFromName(RED);
    const [kept] = ownNamespaceFds().filter((fd) => fd !== home.fd);
    if (kept === undefined) throw new Error('nothing is kept');
    const before = openFds();
    set(red);
    try {
      closeSync(kept);
      for (let times = 0; times < 2; times += 1)
        expect(() => resolveNamespace('default')).toThrow(
          expect.objectContaining({
            code: 'EBADF',
            message: expect.stringContaining(`the file descriptor ${kept} that this package kept of it`),
          }),
        );
      expect(leakedFds(before)).toEqual([]);
    } finally {
      set(home);
    }
    using again = resolveNamespace('default');
    expect(`net:[${again.ino}]`).toBe(here);
  });

  it.each<[string, (real: Syscalls) => Partial<Syscalls>, string]>([
    [
      'cannot be examined',
      () => ({ fstat: () => -Errno.ENOMEM }),
      'cannot examine the namespace that the process started',
    ],
    [
      'was closed and cannot be opened again',
      (real) => ({
        fstat: () => -Errno.EBADF,
        open: (path, flags, mode) => (path === '/proc/self/ns/net' ? -Errno.EMFILE : real.open(path, flags, mode)),
      }),
      'cannot open the namespace that the process started in',
    ],
    [
      'was closed, and what is opened cannot be examined',
      () => ({ fstat: () => -Errno.EBADF }),
      'the namespace that the process started in is not known any more',
    ],
  ])('is an error when it %s, and nothing stays open', (_, faults, message) => {
    const before = openFds();
    const undo = replaceSyscalls(faults);
    try {
      expect(() => resolveNamespace('default')).toThrow(message);
    } finally {
      undo();
    }
    expect(leakedFds(before)).toEqual([]);
    using start = resolveNamespace('default');
    expect(`net:[${start.ino}]`).toBe(here);
  });

  it('is opened by the first who needs it where it could not be when the package was loaded', async () => {
    const { stdout, stderr } = await runProgram(
      `const fs = require('node:fs'), { readlinkSync, openSync } = fs;
      fs.openSync = (path, ...rest) => {
        if (String(path).endsWith('/ns/net')) throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
        return openSync(path, ...rest);
      };
      const { resolveNamespace, getFromName, runInNamespace, set } = require('netns-core');
      fs.openSync = openSync;
      const home = readlinkSync('/proc/thread-self/ns/net');
      const one = resolveNamespace('default'), two = resolveNamespace('default');
      console.log('net:[' + one.ino + ']' === home, one.equals(two));
      set(getFromName('${RED}'));
      console.log(resolveNamespace('default').equals(one), runInNamespace('default', () => readlinkSync('/proc/thread-self/ns/net')) === home);`,
      { type: 'commonjs' },
    );
    expect(stderr).toBe('');
    expect(stdout).toBe('true true\ntrue true\n');
  });

  it('is what later worker threads use where it could not be opened when the package was loaded', async () => {
    const { stdout, stderr } = await runProgram(
      `const fs = require('node:fs'), { readlinkSync, openSync } = fs;
      fs.openSync = () => { throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' }); };
      const { resolveNamespace, getFromName, set } = require('netns-core');
      fs.openSync = openSync;
      const home = readlinkSync('/proc/thread-self/ns/net');
      resolveNamespace('default').close();
      set(getFromName('${RED}'));
      const { Worker } = require('node:worker_threads');
      const code = "const { parentPort, workerData } = require('node:worker_threads'); const { resolveNamespace } = require(workerData); parentPort.postMessage('net:[' + resolveNamespace('default').ino + ']');";
      new Worker(code, { eval: true, execArgv: [], workerData: require.resolve('netns-core') }).on('message', (found) => console.log(found === home));`,
      { type: 'commonjs' },
    );
    expect(stderr).toBe('');
    expect(stdout).toBe('true\n');
  });
});

describe('the pidfd that is kept, by which the namespace of the main thread is opened', () => {
  let core: typeof NetnsCore;
  let calls: typeof Sys;
  const pidfds = (): number[] => [...openFds()].flatMap(([fd, target]) => (target.includes('pidfd') ? [fd] : []));
  const isPidfd = (fd: number): boolean => pidfds().includes(fd);
  const isOpen = (fd: number): boolean => openFds().has(fd);
  const inRed = (): boolean => core.runInNamespace(RED, () => readlinkSync('/proc/thread-self/ns/net') !== here);
  /** What is called, and how often. */
  let count: Record<'pidfdOpen' | 'info' | 'byPidfd' | 'byPath', number>;
  /** Answers in the place of the kernel; `undefined` for what it says itself. */
  let faults: { pidfdOpen?: number; info?: number; byPidfd?: number };
  let undo: () => void;

  beforeEach(async () => {
    // What is kept is kept by each copy of the package.
    vi.resetModules();
    calls = await import('netns-core/sys');
    core = await import('netns-core');
    count = { pidfdOpen: 0, info: 0, byPidfd: 0, byPath: 0 };
    faults = {};
    undo = calls.replaceSyscalls((real) => ({
      pidfdOpen: (pid, flags) => {
        count.pidfdOpen += 1;
        return faults.pidfdOpen ?? real.pidfdOpen(pid, flags);
      },
      // As Linux 6.13 and later have them.
      ioctl: (fd, request, argument) => {
        if (request === PIDFD_GET_INFO) {
          count.info += 1;
          const error = faults.info ?? (isOpen(fd) ? (isPidfd(fd) ? 0 : -Errno.ENOTTY) : -Errno.EBADF);
          if (error === 0) new Uint32Array((argument as Uint8Array).buffer)[4] = process.pid;
          return error;
        }
        if (request !== PIDFD_GET_NET_NAMESPACE) return real.ioctl(fd, request, argument);
        count.byPidfd += 1;
        return faults.byPidfd ?? real.open('/proc/self/ns/net', O_RDONLY | O_CLOEXEC, 0);
      },
      open: (path, flags, mode) => {
        if (path === '/proc/thread-self/ns/net') count.byPath += 1;
        return real.open(path, flags, mode);
      },
    }));
  });
  afterEach(() => {
    undo();
    expect(readlinkSync('/proc/thread-self/ns/net')).toBe(here);
  });

  const hops = (times: number): void => {
    for (let hop = 0; hop < times; hop += 1) expect(inRed()).toBe(true);
  };

  it('is opened by the first hop, and used by each', () => {
    hops(1);
    hops(10);
    expect(count).toMatchObject({ pidfdOpen: 1, byPath: 0, byPidfd: 11 });
  });

  it('is not asked for again where the kernel has none', () => {
    faults.pidfdOpen = -Errno.ENOSYS;
    hops(3);
    expect(count).toEqual({ pidfdOpen: 1, info: 0, byPidfd: 0, byPath: 3 });
  });

  it('is asked for again by the next hop where it could not be opened just then', () => {
    faults.pidfdOpen = -Errno.EMFILE;
    hops(3);
    expect(count).toEqual({ pidfdOpen: 3, info: 0, byPidfd: 0, byPath: 3 });
  });

  it('is closed where the kernel does not tell whose it is, and not asked for again', () => {
    const before = openFds();
    faults.info = -Errno.ENOTTY;
    hops(3);
    expect(count).toEqual({ pidfdOpen: 1, info: 1, byPidfd: 0, byPath: 3 });
    expect(leakedFds(before)).toEqual([]);
  });

  it('is closed where that could not be told just then, and asked for again', () => {
    const before = openFds();
    faults.info = -Errno.ENOMEM;
    hops(3);
    expect(count).toEqual({ pidfdOpen: 3, info: 3, byPidfd: 0, byPath: 3 });
    expect(leakedFds(before)).toEqual([]);
  });

  it('is passed over once where it is not told whose it is, and used again afterwards', () => {
    hops(1);
    const before = pidfds();
    faults.info = -Errno.ENOMEM;
    hops(2);
    expect(count.byPath).toBe(2);
    faults = {};
    hops(2);
    expect(count).toMatchObject({ pidfdOpen: 1, byPath: 2 });
    expect(pidfds()).toEqual(before);
  });

  it('is closed when the kernel does not answer for it any more, and not asked for again', () => {
    hops(1);
    const before = pidfds();
    faults.info = -Errno.ENOTTY;
    hops(3);
    expect(count).toMatchObject({ pidfdOpen: 1, byPath: 3 });
    expect(pidfds()).toHaveLength(before.length - 1);
  });

  it.each(['closed', 'that of another file'])('is opened anew when its number is %s, which stays as it is', (is) => {
    const known = pidfds();
    hops(1);
    const [kept] = pidfds().filter((fd) => !known.includes(fd));
    if (kept === undefined) throw new Error('nothing is kept');
    const other = openSync('/proc/self/ns/mnt', 'r');
    if (is === 'closed') closeSync(kept);
    else calls.sys().dup3(other, kept, O_CLOEXEC);
    try {
      hops(2);
      expect(count).toMatchObject({ pidfdOpen: 2, byPath: 1 });
      hops(2);
      expect(count).toMatchObject({ pidfdOpen: 2, byPath: 1 });
      if (is !== 'closed') expect(openFds().get(kept)).toMatch(/^mnt:/);
    } finally {
      closeSync(other);
      if (is !== 'closed') closeSync(kept);
    }
  });

  it.each([Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM])('fails as the walk through /proc would: error %i', (errno) => {
    hops(1);
    faults.byPidfd = -errno;
    expect(() => inRed()).toThrow(expect.objectContaining({ errno }));
    expect(count.byPath).toBe(0);
  });

  it('is passed over where it is refused: the walk through /proc remains', () => {
    hops(1);
    faults.byPidfd = -Errno.EPERM;
    hops(2);
    expect(count.byPath).toBe(2);
  });
});

describe('a runtime that is not Node.js', () => {
  it('is refused by name', () => {
    expect(() => checkRuntime({ node: '24.0.0', bun: '1.3.0' })).toThrow(UnsupportedPlatformError);
    expect(() => checkRuntime({ node: '24.0.0', bun: '1.3.0' })).toThrow('Bun 1.3.0 cannot take over sockets');
    expect(() => checkRuntime({ deno: '2.1.0' })).toThrow('Deno 2.1.0');
    checkRuntime({ node: '20.0.0', v8: '11' });
  });
});
