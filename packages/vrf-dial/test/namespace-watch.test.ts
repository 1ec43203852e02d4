import { NetnsError } from 'netns-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchNamespace } from '../src/target/namespace-watch.js';

type SubscribeNamed = typeof import('netns-core')['subscribeNamed'];
/** What the library was told by its subscribers; the kernel's limits cannot be lowered for a test alone. */
const subscriptions: { tell: Parameters<SubscribeNamed>[0]; fail: Parameters<SubscribeNamed>[1]; open: boolean }[] = [];
let refused = false;

vi.mock('netns-core', async (importOriginal) => {
  const subscribeNamed: SubscribeNamed = (tell, fail) => {
    if (refused) throw new NetnsError('cannot watch', { code: 'ENOSPC' });
    const entry = { tell, fail, open: true };
    subscriptions.push(entry);
    return {
      ref: () => {},
      unref: () => {},
      close: () => {
        entry.open = false;
      },
    };
  };
  return { ...(await importOriginal<typeof import('netns-core')>()), subscribeNamed };
});

beforeEach(() => {
  vi.useFakeTimers();
  refused = false;
  subscriptions.length = 0;
});
afterEach(() => {
  vi.advanceTimersByTime(10_000);
  vi.useRealTimers();
});

describe('the watch of a directory', () => {
  it('is one for all names, and ends some time after the last who asked', () => {
    const calls: string[] = [];
    const stop = ['red', 'blue'].map((name) => watchNamespace({ name, dir: '/run/a' }, () => calls.push(name)));
    expect(subscriptions).toHaveLength(1);
    subscriptions[0]?.tell({ type: 'added', name: 'blue' });
    subscriptions[0]?.tell({ type: 'added', name: 'green' });
    expect(calls).toEqual(['blue']);
    for (const one of stop) one();
    expect(subscriptions[0]?.open).toBe(true);
    vi.advanceTimersByTime(3000);
    expect(subscriptions[0]?.open).toBe(false);
  });

  it('that has ended is made anew as soon as the kernel allows, and no subscriber misses a change until then', () => {
    const calls: string[] = [];
    const stop = watchNamespace({ name: 'red', dir: '/run/b' }, () => calls.push('red'));
    // Once for what happened before.
    vi.advanceTimersByTime(1);
    expect(calls.splice(0)).toEqual(['red']);
    refused = true;
    subscriptions[0]?.fail(new NetnsError('cannot watch', { code: 'ENOSPC' }));
    vi.advanceTimersByTime(1600);
    expect(calls).toHaveLength(3);
    const stopOther = watchNamespace({ name: 'blue', dir: '/run/b' }, () => calls.push('blue'));
    vi.advanceTimersByTime(1);
    expect(calls.splice(3)).toEqual(['blue']);
    vi.advanceTimersByTime(499);
    expect(calls.slice(3)).toEqual(['red', 'blue']);
    refused = false;
    vi.advanceTimersByTime(500);
    // The new watch stands, and all have looked once more.
    expect(subscriptions).toHaveLength(2);
    expect(calls.slice(5)).toEqual(['red', 'blue']);
    vi.advanceTimersByTime(5000);
    expect(calls).toHaveLength(7);
    subscriptions[1]?.tell({ type: 'removed', name: 'red' });
    expect(calls.slice(7)).toEqual(['red']);
    stop();
    stopOther();
  });

  it('that has ended is not made anew without subscribers', () => {
    const stop = watchNamespace({ name: 'red', dir: '/run/c' }, () => {});
    refused = true;
    subscriptions[0]?.fail(new NetnsError('cannot watch', { code: 'EMFILE' }));
    stop();
    vi.advanceTimersByTime(4000);
    refused = false;
    vi.advanceTimersByTime(4000);
    expect(subscriptions).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that cannot be had is refused', () => {
    refused = true;
    expect(() => watchNamespace({ name: 'red', dir: '/run/d' }, () => {})).toThrow('cannot watch');
    refused = false;
    watchNamespace({ name: 'red', dir: '/run/d' }, () => {})();
    expect(subscriptions).toHaveLength(1);
  });
});
