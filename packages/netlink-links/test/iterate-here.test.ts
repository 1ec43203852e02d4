import { resolveNamespace, runInNamespace } from 'netns-core';
import { describe, expect, it } from 'vitest';
import { ipJson, leakedFds, makeNamespaces, openFds, uniqueName } from '#testkit';
import { linkAdd, links, routes } from '../src/index.js';

describe('iterating where the caller is', () => {
  it('gives what `ip` gives, and leaves nothing open, also when it is left early', async () => {
    const name = uniqueName('it');
    linkAdd({ type: 'bridge', name });
    // The first look at the thread's namespace opens what is kept.
    resolveNamespace('').close();
    const before = openFds();
    const names: string[] = [];
    for await (const link of links()) names.push(link.name);
    expect(names).toEqual(ipJson<{ ifname: string }>('link show').map(({ ifname }) => ifname));
    for await (const link of links()) {
      expect(link.name).toBe('lo');
      break;
    }
    let count = 0;
    for await (const _ of routes({ table: 'local' })) count += 1;
    expect(count).toBeGreaterThan(0);
    links();
    expect(leakedFds(before)).toEqual([]);
  });

  it('never answers from outside what was asked inside a hop', async () => {
    const name = uniqueName('it');
    using _ = makeNamespaces(name);
    const inside = runInNamespace(name, () => [links()]);
    await expect(inside[0]?.next()).rejects.toMatchObject({
      code: 'ERR_ASYNC_CALLBACK',
      message: expect.stringContaining('Netlink.open'),
    });
  });
});
