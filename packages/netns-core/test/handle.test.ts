import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import {
  CLONE_IO,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
  ClosedHandleError,
  get,
  getFromName,
  getFromPath,
  getFromPid,
  getFromThread,
  NetnsHandle,
  none,
  resolveNamespace,
  runInNamespace,
  set,
  setns,
} from 'netns-core';
import { F_GETFD, replaceSyscalls, sys } from 'netns-core/sys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leakedFds, makeNamespaces, openFds, runProgram, uniqueName } from '#testkit';

const RED = uniqueName('red');
let made: ReturnType<typeof makeNamespaces>;
beforeAll(() => {
  made = makeNamespaces(RED);
});
afterAll(() => made.remove());

describe('a handle', () => {
  it('prints as in Go: NS(fd: dev, ino), NS(dev:ino), NS(none), NS(fd: unknown), NS(unknown)', () => {
    const handle = getFromName(RED);
    const { dev, ino } = statSync(`/run/netns/${RED}`, { bigint: true });
    expect(handle.toString()).toBe(`NS(${handle.fd}: ${dev}, ${ino})`);
    expect(`${handle}`).toBe(handle.toString());
    expect(handle.uniqueId()).toBe(`NS(${dev}:${ino})`);
    expect([handle.dev, handle.ino]).toEqual([dev, ino]);
    handle.close();
    expect([handle.toString(), handle.uniqueId()]).toEqual(['NS(none)', 'NS(none)']);
    expect([none().toString(), none().uniqueId(), none().fd, none().isOpen()]).toEqual([
      'NS(none)',
      'NS(none)',
      -1,
      false,
    ]);

    const undo = replaceSyscalls(() => ({ fstat: () => -13 }));
    const unknown = getFromName(RED);
    undo();
    expect([unknown.toString(), unknown.uniqueId()]).toEqual([`NS(${unknown.fd}: unknown)`, 'NS(unknown)']);
    unknown.close();
  });

  it('equals another one on the same namespace, however it was opened, and itself; none equals none', () => {
    using red = getFromName(RED);
    using again = getFromPath(`/run/netns/${RED}`);
    using copy = red.dup();
    using home = get();
    expect(red.equals(again)).toBe(true);
    expect(red.equals(copy)).toBe(true);
    expect(red.equals(red)).toBe(true);
    expect(red.equals(home)).toBe(false);
    expect(none().equals(none())).toBe(true);
    expect(none().equals(red)).toBe(false);
    expect(red.equals(none())).toBe(false);
    const undo = replaceSyscalls(() => ({ fstat: () => -13 }));
    using unknown = getFromName(RED);
    using unknown2 = getFromName(RED);
    undo();
    expect(unknown.equals(red)).toBe(false);
    expect(unknown.equals(unknown2)).toBe(false);
    expect(unknown.equals(unknown)).toBe(true);
  });

  it('closes its file descriptor once: closing twice is harmless, also to who got the number next', () => {
    const handle = getFromName(RED);
    const { fd } = handle;
    handle.close();
    const next = openSync('/dev/null', 'r');
    handle.close();
    expect(next).toBe(fd);
    expect(fstatSync(next).isCharacterDevice()).toBe(true);
    closeSync(next);
    expect(handle.isOpen()).toBe(false);
    expect(handle.fd).toBe(-1);
  });

  it('closes at the end of a `using` block, also when that ends by an error', () => {
    getFromName(RED).close();
    const before = openFds();
    expect(() => {
      using handle = getFromName(RED);
      using copy = handle.dup();
      expect(copy.fd).not.toBe(handle.fd);
      throw new Error('mine');
    }).toThrow('mine');
    expect(leakedFds(before)).toEqual([]);
  });

  it('refuses to be used when it is closed', () => {
    const closed = getFromName(RED);
    closed.close();
    for (const handle of [closed, none()])
      for (const use of [
        () => handle.dup(),
        () => set(handle),
        () => setns(handle, 0),
        () => resolveNamespace(handle),
        () => runInNamespace(handle, () => 1),
      ])
        expect(use).toThrow(ClosedHandleError);
  });

  it('is close-on-exec, like every file descriptor that is opened here', () => {
    for (const handle of [
      get(),
      getFromName(RED),
      getFromPid(process.pid),
      getFromThread(process.pid, process.pid),
      resolveNamespace('default'),
    ]) {
      expect(sys().fcntl(handle.fd, F_GETFD, 0)).toBe(1);
      expect(sys().fcntl(handle.dup().fd, F_GETFD, 0)).toBe(1);
      handle.close();
    }
  });

  it('is a copy the caller owns, also where the reference was a handle or an fd', () => {
    const original = getFromName(RED);
    const copies = [resolveNamespace(original), resolveNamespace({ fd: original.fd })];
    original.close();
    for (const copy of copies) {
      expect(runInNamespace(copy, () => 'fine')).toBe('fine');
      copy.close();
    }
  });

  it('can be on file descriptor 0', async () => {
    const result = await runProgram(`
      import { closeSync } from 'node:fs';
      import { getFromName, runInNamespace, resolveNamespace, set, get } from 'netns-core';
      get().close();
      closeSync(0);
      const handle = getFromName('${RED}');
      const home = get();
      console.log(handle.fd, handle.isOpen(), handle.toString().startsWith('NS(0: '), runInNamespace(handle, () => 'in'),
        runInNamespace({ fd: 0 }, () => 'in'), resolveNamespace({ fd: 0 }).equals(handle));
      set(handle); set(home);
      handle.close();
      console.log(handle.isOpen(), handle.fd);
    `);
    expect(result).toMatchObject({ stderr: '', stdout: '0 true true in in true\nfalse -1\n' });
  });
});

describe('set and setns', () => {
  it('move the calling thread and leave it there', () => {
    using home = get();
    using red = getFromName(RED);
    try {
      set(red);
      expect(get().equals(red)).toBe(true);
      setns(home, CLONE_NEWNET);
      expect(get().equals(home)).toBe(true);
      setns(red, 0);
      expect(get().equals(red)).toBe(true);
    } finally {
      set(home);
    }
  });

  it('pass the type on: the kernel refuses a network namespace as anything else', () => {
    using home = get();
    for (const type of [CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_IO])
      expect(() => setns(home, type)).toThrow(expect.objectContaining({ syscall: 'setns', code: 'EINVAL' }));
  });

  it('know the constants of <linux/sched.h>', () => {
    expect([CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET, CLONE_IO]).toEqual([
      0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000, 0x80000000,
    ]);
  });
});

describe('get and its kin', () => {
  it('open the same namespace for one thread', () => {
    using handle = get();
    using byPid = getFromPid(process.pid);
    using byThread = getFromThread(process.pid, process.pid);
    using byPath = getFromPath('/proc/self/ns/net');
    for (const other of [byPid, byThread, byPath]) expect(other.equals(handle)).toBe(true);
    expect(handle).toBeInstanceOf(NetnsHandle);
  });

  it("get is the calling thread's, also on a worker whose main thread is elsewhere", async () => {
    const result = await runProgram(`
      import { Worker, isMainThread, parentPort } from 'node:worker_threads';
      import { get, getFromName, set, getFromThread } from 'netns-core';
      import { sys } from 'netns-core/sys';
      if (isMainThread) {
        const worker = new Worker(new URL(import.meta.url));
        worker.on('message', ({ ino, tid }) => {
          const red = getFromName('${RED}');
          console.log(ino === red.ino, get().equals(red), getFromThread(process.pid, tid).equals(red));
          worker.terminate();
        });
      } else {
        set(getFromName('${RED}'));
        parentPort.postMessage({ ino: get().ino, tid: sys().gettid() });
        parentPort.on('message', () => {});
      }
    `);
    expect(result).toMatchObject({ stderr: '', stdout: 'true false true\n' });
  });
});
