import { closeSync, readlinkSync } from 'node:fs';
import vm from 'node:vm';
import {
  addNamed,
  attachNamed,
  deleteNamed,
  getFromName,
  type NetnsHandle,
  namespaceCookie,
  openSocket,
  resolveNamespace,
  runInNamespace,
  socketNamespaceCookie,
  spawnInNamespace,
} from 'netns-core';
import { replaceSyscalls, type Syscalls, sys } from 'netns-core/sys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ip, leakedFds, makeNamespaces, openFds, uniqueName } from '#testkit';

const [RED, BLUE] = [uniqueName('red'), uniqueName('blue')];
const here = (): string => readlinkSync('/proc/thread-self/ns/net');

let made: ReturnType<typeof makeNamespaces>;
let handle: NetnsHandle;
let start: NetnsHandle;
let home: string;
let name = '';

beforeAll(() => {
  made = makeNamespaces(RED, BLUE);
  handle = getFromName(BLUE);
  start = resolveNamespace('');
  home = here();
});
afterAll(() => {
  handle.close();
  start.close();
  made.remove();
});

interface Operation {
  run(): unknown;
  /** Gives back what a run that was not ended has returned. */
  undo?(result: never): void;
  /** The name of a namespace that is to exist, or not to exist, before each run. */
  name?: 'existing' | 'new';
}

const closeHandle = (result: NetnsHandle): void => result.close();

const OPERATIONS: Record<string, Operation> = {
  'runInNamespace by name': { run: () => runInNamespace(RED, () => 1) },
  'runInNamespace by handle': { run: () => runInNamespace(handle, () => 1) },
  "runInNamespace in 'default'": { run: () => runInNamespace('default', () => 1) },
  'runInNamespace, nested': {
    run: () => runInNamespace(RED, () => runInNamespace({ pid: process.pid }, () => runInNamespace(handle, () => 1))),
  },
  'openSocket with options': {
    run: () => openSocket({ namespace: RED, family: 'ipv4', type: 'stream', priority: 5, reuseAddress: true }),
    undo: closeSync,
  },
  'resolveNamespace of a name': { run: () => resolveNamespace(RED), undo: closeHandle },
  'resolveNamespace of a process': { run: () => resolveNamespace({ pid: process.pid }), undo: closeHandle },
  spawnInNamespace: { run: () => spawnInNamespace(RED, 'true', [], { stdio: 'ignore' }) },
  addNamed: { name: 'new', run: () => addNamed(name), undo: closeHandle },
  attachNamed: { name: 'new', run: () => attachNamed(name, RED), undo: closeHandle },
  deleteNamed: { name: 'existing', run: () => deleteNamed(name) },
};

/** Calls that give neither a descriptor nor take one away: a program can be ended between them and what follows. */
const WITHOUT_DESCRIPTOR = new Set<keyof Syscalls>(['setns', 'unshare', 'mount', 'umount2', 'unlinkat', 'setsockopt']);

type Call = (...args: unknown[]) => unknown;

/**
 * Puts a function before every system call, which gets its number, its name and the call itself. The type is asserted
 * since Object.fromEntries does not know that each name still has its own call.
 */
function intercept(before: (index: number, call: keyof Syscalls, real: () => unknown) => unknown): () => void {
  let index = 0;
  return replaceSyscalls(
    (real) =>
      Object.fromEntries(
        (Object.entries(real) as [keyof Syscalls, Call][]).map(([call, implementation]) => [
          call,
          (...args: unknown[]) => {
            const number = index;
            index += 1;
            return before(number, call, () => implementation(...args));
          },
        ]),
      ) as unknown as Partial<Syscalls>,
  );
}

/** Runs an operation until it comes to one of its system calls, and ends it there, as Ctrl-C ends a script. */
function endAt(target: number, when: 'before' | 'after', run: () => unknown): void {
  const undo = intercept((index, _call, real) => {
    if (index !== target) return real();
    if (when === 'after') real();
    process.kill(process.pid, 'SIGINT');
    for (;;);
  });
  try {
    expect(() => vm.runInNewContext('run()', { run }, { breakOnSigint: true })).toThrow(
      expect.objectContaining({ code: 'ERR_SCRIPT_EXECUTION_INTERRUPTED' }),
    );
  } finally {
    undo();
  }
}

function prepare({ name: needed }: Operation): void {
  if (needed === undefined) return;
  name = uniqueName('i');
  if (needed === 'existing') ip(`netns add ${name}`);
}

function cleanUp(): void {
  if (here() !== home) sys().setns(start.fd, 0);
  if (name === '') return;
  try {
    deleteNamed(name);
  } catch {
    // It was not made, or is gone already.
  }
  name = '';
}

/** The system calls of an operation that runs to its end. */
function callsOf(operation: Operation): (keyof Syscalls)[] {
  const calls: (keyof Syscalls)[] = [];
  prepare(operation);
  const undo = intercept((_index, call, real) => {
    calls.push(call);
    return real();
  });
  let result: unknown;
  try {
    result = operation.run();
  } finally {
    undo();
  }
  operation.undo?.(result as never);
  cleanUp();
  return calls;
}

describe('a call that V8 ends at one of its system calls leaves the thread at home, and no descriptor', () => {
  for (const [what, operation] of Object.entries(OPERATIONS))
    it(what, async () => {
      // What is made once in a process.
      callsOf(operation);
      const calls = callsOf(operation);
      expect(calls.length).toBeGreaterThan(0);
      const points = calls.flatMap((call, index) => [
        { index, when: 'before' as const },
        ...(WITHOUT_DESCRIPTOR.has(call) ? [{ index, when: 'after' as const }] : []),
      ]);
      for (const [turn, { index, when }] of points.entries()) {
        const title = `ended ${when} ${calls[index]} (call ${index + 1} of ${calls.length}: ${calls.join(' ')})`;
        prepare(operation);
        const before = openFds();
        endAt(index, when, operation.run);
        // In turns: by a call of ours in the same turn of the event loop, and by its end.
        if (turn % 2 === 0) {
          const fd = openSocket({ family: 'ipv4', type: 'dgram' });
          expect(socketNamespaceCookie(fd), title).toBe(namespaceCookie(start));
          closeSync(fd);
        } else await new Promise((resolve) => setImmediate(resolve));
        expect(here(), title).toBe(home);
        expect(leakedFds(before), title).toEqual([]);
        cleanUp();
      }
    });
});

describe('a call that is ended after a hop that failed', () => {
  it('leaves the thread where it was', async () => {
    for (const target of callsOf({ run: () => resolveNamespace(RED), undo: closeHandle }).keys()) {
      const before = openFds();
      expect(() => runInNamespace({ path: '/etc/passwd' }, () => 1)).toThrow(/not a network namespace/);
      endAt(target, 'before', () => resolveNamespace(RED));
      await new Promise((resolve) => setImmediate(resolve));
      expect(here()).toBe(home);
      expect(leakedFds(before)).toEqual([]);
    }
  });
});

describe('a hop in which another call is ended', () => {
  it('goes on where it was, and comes home', () => {
    const inner = (): number => openSocket({ namespace: handle, family: 'ipv4', type: 'stream', priority: 5 });
    const calls = callsOf({ run: inner, undo: closeSync });
    const [red, cookie] = [runInNamespace(RED, here), namespaceCookie(RED)];
    const before = openFds();
    for (const index of calls.keys()) {
      runInNamespace(RED, () => {
        endAt(index, 'before', inner);
        const fd = openSocket({ family: 'ipv4', type: 'stream' });
        expect(socketNamespaceCookie(fd), `${calls[index]}`).toBe(cookie);
        closeSync(fd);
        expect(here(), `${calls[index]}`).toBe(red);
      });
      expect(here()).toBe(home);
      expect(leakedFds(before)).toEqual([]);
    }
  });
});
