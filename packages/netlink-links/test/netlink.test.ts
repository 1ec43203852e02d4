import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { DumpOperation, linkByName, Netlink, type NetlinkBatchError, type Route, routeList } from 'netlink-links';
import {
  addrAdd,
  linkByName as findLink,
  linkAdd,
  linkSetUp,
  routeList as listRoutes,
  routeAdd,
} from 'netlink-links/operations';
import { addNamed, addNamedAsync, resolveNamespace, runInNamespace } from 'netns-core';
import { LOCK_EX, replaceSyscalls, sys } from 'netns-core/sys';
import { describe, expect, it } from 'vitest';
import { ipIn, ipJson, leakedFds, makeNamespaces, openFds, retryUntil, run, uniqueName } from '#testkit';

describe('a Netlink', () => {
  it('works in its namespace, with promises and at once', async () => {
    const name = uniqueName('ns');
    using _ = makeNamespaces(name);
    using netlink = Netlink.open(name);
    await netlink.linkAdd({ type: 'veth', name: 'v0', up: true, mtu: 1400, peer: { name: 'v1' } });
    netlink.sync.addrAdd('v0', '192.0.2.1/24');
    const v0 = await netlink.linkByName('v0');
    expect(v0).toMatchObject({ type: 'veth', mtu: 1400 });
    expect(v0.flags).toContain('up');
    expect(ipJson('addr show v0', name)[0]).toMatchObject({ ifname: 'v0', mtu: 1400 });
    expect((await netlink.addrList('v0')).map(({ address }) => address)).toContain('192.0.2.1/24');
    expect(() => linkByName('v0')).toThrow('there is no link "v0"');
  });

  it('lets the event loop have its turns while a long list is decoded', async () => {
    const name = uniqueName('ns');
    using _ = makeNamespaces(name);
    using netlink = Netlink.open(name);
    await netlink.linkAdd({ type: 'veth', name: 'v0', up: true, peer: { name: 'v1', up: true } });
    const { index: oif } = await netlink.linkByName('v0');
    const routes = Array.from({ length: 4000 }, (_each, priority) =>
      routeAdd({ dst: '198.51.100.1/32', oif, scope: 'link', priority }),
    );
    await netlink.batch(routes);
    const list = listRoutes({ family: 'ipv4' });
    const request = list.single;
    if (request?.answer !== 'dump') throw new Error('a dump was expected');
    let turn = 0;
    let decoding = true;
    const count = (): void => {
      turn += 1;
      if (decoding) setImmediate(count);
    };
    setImmediate(count);
    // Objects in each turn, of a decoder that takes 2 ms for some 40 of them.
    const inTurns = new Map<number, number>();
    const slow = new DumpOperation<number>(list, {
      answer: 'dump',
      message: request.message,
      decode: () => {
        const until = performance.now() + 0.05;
        while (performance.now() < until);
        inTurns.set(turn, (inTurns.get(turn) ?? 0) + 1);
        return 1;
      },
    });
    expect((await netlink.execute(slow)).length).toBeGreaterThanOrEqual(routes.length);
    decoding = false;
    // Without a break in between, the eight parts that are received at once would be decoded in one turn.
    const part = Math.ceil((32 * 1024) / 50);
    expect(Math.max(...inTurns.values())).toBeLessThanOrEqual(2 * part);
    expect(inTurns.size).toBeGreaterThanOrEqual(4);
  });

  it('answers a moved link with its index over there', async () => {
    const [a, b] = [uniqueName('ns'), uniqueName('ns')];
    using _ = makeNamespaces(a, b);
    ipIn(b, 'link add x0 type veth peer name x1');
    ipIn(b, 'link add x2 type veth peer name x3');
    using there = resolveNamespace(b);
    using netlink = Netlink.open(a);
    await netlink.linkAdd({ type: 'veth', name: 'v0', peer: { name: 'v1' } });
    const before = await netlink.linkByName('v0');
    const index = await netlink.linkSetNsFd('v0', there.fd);
    expect(ipJson('link show v0', b)[0]?.ifindex).toBe(index);
    expect(index).not.toBe(before.index);
  });

  it('gives every one of many concurrent calls its own answer', async () => {
    const name = uniqueName('ns');
    using _ = makeNamespaces(name);
    using netlink = Netlink.open(name);
    await netlink.batch(
      Array.from({ length: 50 }, (_, i) => linkAdd({ type: 'veth', name: `v${i}`, peer: { name: `p${i}` } })),
    );
    const answers = await Promise.all(
      Array.from({ length: 500 }, (_, i) =>
        i % 7 === 0 ? netlink.linkList().then((l) => l.length) : netlink.linkByName(`v${i % 50}`).then((l) => l.name),
      ),
    );
    expect(answers).toEqual(answers.map((_, i) => (i % 7 === 0 ? 101 : `v${i % 50}`)));
  });

  it('sends on a thread of its own under load, whatever namespaces are made meanwhile, and not when idle', async () => {
    const name = uniqueName('ns');
    using _ = makeNamespaces(name);
    const directory = mkdtempSync('/run/aside-');
    const workers: Worker[] = [];
    const note = (worker: Worker): void => void workers.push(worker);
    process.on('worker', note);
    using first = Netlink.open(name);
    using second = Netlink.open(name);
    let onPool = 0;
    const restore = replaceSyscalls((real) => ({
      sendAsync: (...args) => {
        onPool += 1;
        return real.sendAsync(...args);
      },
    }));
    const ask = async (netlink: Netlink, times: number): Promise<void> => {
      for (let time = 0; time < times; time += 1) expect((await netlink.linkByName('lo')).name).toBe('lo');
    };
    try {
      // The tests before this one have sent a lot: their thread ends after a second, and their sends no longer count.
      await setTimeout(2200);
      await ask(first, 20);
      expect(onPool).toBe(20);
      expect(workers).toHaveLength(0);
      await retryUntil(async () => {
        await Promise.all(Array.from({ length: 50 }, (_, i) => ask(i % 2 === 0 ? first : second, 12)));
        return workers.length > 0;
      }, 20_000);
      addNamed('first', { dir: directory }).close();
      const lock = openSync(directory, 'r');
      expect(sys().flock(lock, LOCK_EX)).toBe(0);
      let made = false;
      const making = addNamedAsync('second', { dir: directory }).then((handle) => {
        made = true;
        handle.close();
      });
      await retryUntil(async () => {
        onPool = 0;
        await Promise.all([ask(first, 10), ask(second, 10)]);
        return onPool === 0;
      });
      expect(made).toBe(false);
      closeSync(lock);
      await making;
      const [sending] = workers;
      await new Promise((resolve) => sending?.once('exit', resolve));
      await ask(first, 1);
      expect(onPool).toBe(1);
    } finally {
      process.off('worker', note);
      restore();
      run('sh', ['-c', `umount -l ${directory}/* ${directory} 2>/dev/null; true`]);
      rmSync(directory, { recursive: true });
    }
  });

  it('lists objects that are larger than the parts the kernel usually sends, at every door', async () => {
    const name = uniqueName('ns');
    using _ = makeNamespaces(name);
    using netlink = Netlink.open(name);
    await netlink.linkAdd({ type: 'veth', name: 'v0', peer: { name: 'v1' } });
    const names = Array.from({ length: 400 }, (_, i) => `${'x'.repeat(120)}${i}`);
    for (let i = 0; i < names.length; i += 20) await netlink.linkAddAltName('v0', ...names.slice(i, i + 20));
    const expected = expect.arrayContaining([
      expect.objectContaining({ name: 'v0', altNames: names }),
      expect.objectContaining({ name: 'v1' }),
      expect.objectContaining({ name: 'lo' }),
    ]);
    // Twice: the second time it is known how large they are.
    for (let turn = 0; turn < 2; turn += 1) expect(await netlink.linkList()).toEqual(expected);
    expect(netlink.sync.linkList()).toEqual(expected);
    const streamed = [];
    for await (const link of netlink.links()) streamed.push(link);
    expect(streamed).toEqual(expected);
  });

  it('lists all routes, also when the first one is larger than the page in which the kernel starts', async () => {
    const name = uniqueName('ns');
    using _ = makeNamespaces(name);
    ipIn(name, 'link add v0 type veth peer name v1');
    ipIn(name, 'addr add 198.18.0.1/16 dev v0');
    ipIn(name, 'link set v0 up');
    ipIn(name, 'route add 203.0.113.0/24 via 198.18.0.2');
    const nexthops = Array.from({ length: 1000 }, (_, i) => ({ gateway: `198.18.${1 + (i >> 8)}.${i & 255}` }));
    {
      using netlink = Netlink.open(name);
      await netlink.routeAdd({ dst: '192.0.2.0/24', nexthops });
    }
    const shape = (routes: readonly Route[]): unknown => routes.map(({ dst, nexthops }) => [dst, nexthops?.length]);
    const expected = [
      ['192.0.2.0/24', 1000],
      ['198.18.0.0/16', undefined],
      ['203.0.113.0/24', undefined],
    ];
    // A connection each: what the kernel learns of one stays there.
    using promised = Netlink.open(name);
    expect(shape(await promised.routeList({ family: 'ipv4' }))).toEqual(expected);
    using atOnce = Netlink.open(name);
    expect(shape(atOnce.sync.routeList({ family: 'ipv4' }))).toEqual(expected);
    expect(shape(runInNamespace(name, () => routeList({ family: 'ipv4' })))).toEqual(expected);
    using streaming = Netlink.open(name);
    const streamed: Route[] = [];
    for await (const route of streaming.routes({ family: 'ipv4' })) streamed.push(route);
    expect(shape(streamed)).toEqual(expected);
  });

  it('executes a batch in order and names the first failure with its position', async () => {
    const name = uniqueName('ns');
    using _ = makeNamespaces(name);
    using netlink = Netlink.open(name);
    const results = await netlink.batch([
      linkAdd({ type: 'veth', name: 'v0', peer: { name: 'v1' } }),
      addrAdd('v0', '192.0.2.1/24'),
      linkSetUp('v0'),
      findLink('v0'),
    ]);
    expect(results[3].name).toBe('v0');
    await expect(
      netlink.batch([linkSetUp('v1'), linkSetUp('nope'), addrAdd('v1', '192.0.2.9/24')]),
    ).rejects.toMatchObject({
      name: 'NetlinkBatchError',
      position: 2,
      message:
        'operation 2 of 3 in the batch: cannot set up link nope: there is no link "nope" in the namespace (ENODEV)',
    });
  });

  it('says how each operation of a batch ended, but does not print it all', async () => {
    const name = uniqueName('ns');
    using _ = makeNamespaces(name);
    using netlink = Netlink.open(name);
    const failing = netlink.batch(Array.from({ length: 1000 }, (_, i) => linkSetUp(i === 0 ? 'lo' : `nope${i}`)));
    const error = (await failing.catch((thrown: unknown) => thrown)) as NetlinkBatchError;
    const [first, ...rest] = error.results.map(({ status }) => status);
    expect([first, rest.length]).toEqual(['done', 999]);
    expect(rest.indexOf('not executed')).toBeGreaterThan(0);
    expect(new Set(rest)).toEqual(new Set(['failed', 'not executed']));
    expect(inspect(error).split('\n').length).toBeLessThan(60);
  });

  it('iterates over links, with other calls in between, and frees the socket when left early', async () => {
    const name = uniqueName('ns');
    using _ = makeNamespaces(name);
    using netlink = Netlink.open(name);
    await netlink.batch(
      Array.from({ length: 50 }, (_, i) => linkAdd({ type: 'veth', name: `v${i}`, peer: { name: `p${i}` } })),
    );
    const before = openFds();
    let count = 0;
    for await (const link of netlink.links()) {
      expect((await netlink.linkByIndex(link.index)).name).toBe(link.name);
      count += 1;
    }
    expect(count).toBe(101);
    for await (const link of netlink.links()) {
      expect(link.name).toBeTruthy();
      break;
    }
    expect(leakedFds(before)).toEqual([]);
  });

  it('refuses work after it was closed, and leaves nothing open', async () => {
    const before = openFds();
    const netlink = Netlink.open();
    const waiting = netlink.linkList();
    netlink.close();
    netlink.close();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    await expect(netlink.linkList()).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    expect(() => netlink.sync.linkList()).toThrow('this Netlink is closed');
    expect(leakedFds(before)).toEqual([]);
  });
});
