import { mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import vm from 'node:vm';
import { getFromName } from 'netns-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeNamespaces, uniqueName } from '#testkit';
import { resolveTarget } from '../src/target/target.ts';
import { canBeReplaced, WatchedReference, watchedReference } from '../src/target/watched-reference.ts';

const [RED, BLUE] = [uniqueName('red'), uniqueName('blue')];
let made: ReturnType<typeof makeNamespaces>;
let folder: string;
let path: string;

beforeAll(() => {
  made = makeNamespaces(RED, BLUE);
  folder = mkdtempSync('/run/watched-');
  path = `${folder}/link`;
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  made.remove();
});

/** Lets the link lead to a namespace, or nowhere. */
function point(to: string): void {
  symlinkSync(`/run/netns/${to}`, `${path}.new`);
  renameSync(`${path}.new`, path);
}

const idOf = (name: string): string => {
  using handle = getFromName(name);
  return handle.uniqueId();
};
/** Without inotify, which would hear of changes in its own time. */
const reference = (): WatchedReference => new WatchedReference({ namespace: { path }, watched: undefined });

// The clock of the library is the test's. What is looked at is the kernel's.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  point(RED);
});
afterEach(() => {
  vi.useRealTimers();
});

describe('what a reference means', () => {
  it('is the identity of the namespace it leads to, or that it leads nowhere', () => {
    const watched = reference();
    expect(watched.lookedAt).toBe(Number.NEGATIVE_INFINITY);
    expect(watched.look()).toBe(idOf(RED));
    point(BLUE);
    expect(watched.look()).toBe(idOf(BLUE));
    point('no-such-name');
    expect(watched.look()).toBe('missing');
    expect(watched.current()).toBe('missing');
  });

  it('is looked up again once the last look is 20 ms old', () => {
    const watched = reference();
    expect(watched.current()).toBe(idOf(RED));
    const first = performance.now();
    point(BLUE);
    vi.advanceTimersByTime(19);
    expect(watched.current()).toBe(idOf(RED));
    expect(watched.lookedAt).toBe(first);
    vi.advanceTimersByTime(1);
    expect(watched.current()).toBe(idOf(BLUE));
    expect(watched.lookedAt).toBe(first + 20);
  });

  it('is unknown while it cannot be found out, and stays what it was if that happens later', () => {
    const watched = reference();
    symlinkSync(path, `${path}.new`);
    renameSync(`${path}.new`, path);
    expect(watched.look()).toBeUndefined();
    point(RED);
    expect(watched.look()).toBe(idOf(RED));
    symlinkSync(path, `${path}.new`);
    renameSync(`${path}.new`, path);
    expect(watched.look()).toBe(idOf(RED));
  });

  it('is that of the object at the time: it may be changed afterwards', () => {
    const namespace = { path };
    const watched = new WatchedReference({ namespace, watched: undefined });
    namespace.path = '/no/such/file';
    expect(watched.look()).toBe(idOf(RED));
  });

  it('can change for a name, a path and a process, and cannot for a handle and where the thread is', () => {
    using handle = getFromName(RED);
    expect([RED, { path }, { pid: 1 }, { name: RED }].map(canBeReplaced)).toEqual([true, true, true, true]);
    expect(['', handle].map(canBeReplaced)).toEqual([false, false]);
    const watched = new WatchedReference({ namespace: handle, watched: undefined });
    expect(watched.look()).toBe(handle.uniqueId());
  });
});

describe('a listener', () => {
  it('is called by the look that finds a change, and not for what is known when it comes', () => {
    const watched = reference();
    const calls: string[] = [];
    const stop = watched.use(() => calls.push(watched.current() ?? ''));
    expect(watched.look()).toBe(idOf(RED));
    expect(calls).toEqual([]);
    point(BLUE);
    watched.look();
    expect(calls).toEqual([idOf(BLUE)]);
    watched.look();
    expect(calls).toHaveLength(1);
    stop();
    point(RED);
    watched.look();
    expect(calls).toHaveLength(1);
  });

  it('that was passed twice is called twice, until each is taken back', () => {
    const watched = reference();
    let calls = 0;
    const listener = (): void => {
      calls += 1;
    };
    const [first, second] = [watched.use(listener), watched.use(listener)];
    point(BLUE);
    watched.look();
    expect(calls).toBe(2);
    first();
    first();
    point(RED);
    watched.look();
    expect(calls).toBe(3);
    second();
    point(BLUE);
    watched.look();
    expect(calls).toBe(3);
  });

  it('that throws keeps the news from no other; its error is an uncaught exception', async () => {
    const watched = reference();
    const calls: number[] = [];
    const stop = [
      watched.use(() => {
        throw new Error('mine');
      }),
      watched.use(() => calls.push(2)),
    ];
    const listeners = process.rawListeners('uncaughtException') as NodeJS.UncaughtExceptionListener[];
    process.removeAllListeners('uncaughtException');
    const uncaught = new Promise((resolve) => process.once('uncaughtException', resolve));
    try {
      point(BLUE);
      expect(watched.look()).toBe(idOf(BLUE));
      expect(await uncaught).toMatchObject({ message: 'mine' });
    } finally {
      for (const listener of listeners) process.on('uncaughtException', listener);
    }
    expect(calls).toEqual([2]);
    for (const end of stop) end();
  });
});

describe('a reference that is in use', () => {
  it('is looked at every 25 ms, and no longer than it is used', () => {
    const watched = reference();
    let calls = 0;
    const stop = watched.use(() => {
      calls += 1;
    });
    for (const to of [BLUE, RED, BLUE]) {
      const before = calls;
      point(to);
      vi.advanceTimersByTime(25);
      expect(calls).toBe(before + 1);
    }
    expect(vi.getTimerCount()).toBe(1);
    stop();
    expect(vi.getTimerCount()).toBe(0);
    const again = watched.use(() => {
      calls += 1;
    });
    point(RED);
    vi.advanceTimersByTime(25);
    expect(calls).toBe(4);
    again();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('shares one timer with all others, which goes on for those that are left', () => {
    const [one, other] = [reference(), reference()];
    const calls: string[] = [];
    const stopOne = one.use(() => calls.push('one'));
    const stopOther = other.use(() => calls.push('other'));
    expect(vi.getTimerCount()).toBe(1);
    point(BLUE);
    vi.advanceTimersByTime(25);
    expect(calls).toEqual(['one', 'other']);
    stopOne();
    stopOne();
    expect(vi.getTimerCount()).toBe(1);
    point(RED);
    vi.advanceTimersByTime(25);
    expect(calls).toEqual(['one', 'other', 'other']);
    stopOther();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is looked at less often where there are more than 500: every 50 ms with a thousand', () => {
    let calls = 0;
    const stop = Array.from({ length: 1000 }, () =>
      reference().use(() => {
        calls += 1;
      }),
    );
    vi.advanceTimersByTime(25);
    expect(calls).toBe(0);
    point(BLUE);
    vi.advanceTimersByTime(49);
    expect(calls).toBe(0);
    vi.advanceTimersByTime(1);
    expect(calls).toBe(1000);
    for (const end of stop) end();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the reference of a target', () => {
  it('is one for all targets that mean the same, and another for each other', () => {
    const of = (namespace: Parameters<typeof resolveTarget>[0]['namespace']): WatchedReference =>
      watchedReference(resolveTarget({ namespace }));
    const red = of(RED);
    expect(of(RED)).toBe(red);
    expect(of({ name: RED })).toBe(red);
    for (const other of [BLUE, { name: RED, dir: folder }, { path: `/run/netns/${RED}` }, { pid: process.pid }])
      expect(of(other)).not.toBe(red);
  });

  it('is the one that is there, also after an earlier one was collected', async () => {
    setFlagsFromString('--expose-gc');
    const gc = vm.runInNewContext('gc') as () => void;
    const target = resolveTarget({ namespace: { path: `${path}-collected` } });
    void watchedReference(target);
    await new Promise((resolve) => setImmediate(resolve));
    gc();
    const later = watchedReference(target);
    // What is done about the collected one is done now.
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(watchedReference(target)).toBe(later);
  });
});
