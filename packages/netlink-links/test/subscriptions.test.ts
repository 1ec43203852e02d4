import { addrSubscribe, type Link, linkSubscribe, Netlink, neighSubscribe, routeSubscribe } from 'netlink-links';
import { linkAdd } from 'netlink-links/operations';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ipIn,
  ipJson,
  leakedFds,
  makeNamespaces,
  namespaceOfThreads,
  openFds,
  retryUntil,
  runProgram,
  uniqueName,
} from '#testkit';

let name = '';
let namespaces: Disposable;
beforeEach(() => {
  name = uniqueName('ns');
  namespaces = makeNamespaces(name);
});
afterEach(() => namespaces[Symbol.dispose]());

describe('subscriptions', () => {
  it('tell of existing links first, then of changes in their order', async () => {
    ipIn(name, 'link add v0 type veth peer name v1');
    const seen: string[] = [];
    for await (const update of linkSubscribe({ namespace: name, listExisting: true })) {
      if (update.type === 'resync') throw new Error('nothing was lost');
      seen.push(`${update.type} ${update.link.name}`);
      if (seen.length === 3) {
        ipIn(name, 'link add br0 type bridge');
        ipIn(name, 'link del br0');
      }
      if (update.type === 'deleted') break;
    }
    expect(seen.slice(0, 3)).toEqual(['existing lo', 'existing v1', 'existing v0']);
    expect(seen).toContain('new br0');
    expect(seen.at(-1)).toBe('deleted br0');
  });

  it('tell of addresses, routes and neighbours, of both families', async () => {
    ipIn(name, 'link add v0 type veth peer name v1');
    const options = { namespace: name };
    using addresses = addrSubscribe(options);
    using routes = routeSubscribe(options);
    using neighbours = neighSubscribe(options);
    ipIn(name, 'link set v0 up');
    ipIn(name, 'link set v1 up');
    ipIn(name, 'addr add 192.0.2.1/24 dev v0');
    ipIn(name, 'addr add 2001:db8::1/64 dev v0 nodad');
    ipIn(name, 'route add 198.51.100.0/24 via 192.0.2.9');
    ipIn(name, 'neigh add 192.0.2.7 lladdr 02:00:00:00:00:07 dev v0 nud permanent');
    const first = async <U>(updates: AsyncIterable<U>, wanted: (update: U) => boolean): Promise<U> => {
      for await (const update of updates) if (wanted(update)) return update;
      throw new Error('the subscription ended');
    };
    expect(await first(addresses, (u) => u.type === 'new' && u.address.address === '192.0.2.1/24')).toBeDefined();
    expect(await first(routes, (u) => u.type === 'new' && u.route.dst === '198.51.100.0/24')).toBeDefined();
    expect(await first(neighbours, (u) => u.type === 'new' && u.neighbour.dst === '192.0.2.7')).toBeDefined();
  });

  it('tell that changes were lost, with everything there is now, and go on', async () => {
    using netlink = Netlink.open(name);
    const view = new Map<number, Link>();
    let resyncs = 0;
    // The smallest buffer that the kernel gives, and a reader that does not read while much happens.
    const updates = linkSubscribe({ namespace: name, listExisting: true, bufferSize: 2048 });
    const apply = async (until: () => boolean | Promise<boolean>): Promise<void> => {
      for (;;) {
        const { value, done } = await updates.next();
        if (done) throw new Error('ended');
        if (value.type === 'resync') {
          resyncs += 1;
          view.clear();
          for (const link of value.links) view.set(link.index, link);
        } else if (value.type === 'deleted') view.delete(value.link.index);
        else view.set(value.link.index, value.link);
        if (await until()) return;
      }
    };
    await apply(() => view.size === 1);
    netlink.sync.batch(
      Array.from({ length: 60 }, (_, i) => linkAdd({ type: 'veth', name: `v${i}`, peer: { name: `p${i}` } })),
    );
    netlink.sync.linkDel('v3');
    await apply(() => resyncs > 0);
    ipIn(name, 'link add last type bridge');
    await apply(() => [...view.values()].some((link) => link.name === 'last'));
    updates.close();
    expect([...view.values()].map((link) => link.name).sort()).toEqual(
      ipJson('link show', name)
        .map((link) => String(link.ifname))
        .sort(),
    );
  });

  it('end by signal, by return and by close, and free their file descriptors', async () => {
    const before = openFds();
    const threads = namespaceOfThreads().size;
    const controller = new AbortController();
    const a = linkSubscribe({ namespace: name, signal: controller.signal });
    const b = linkSubscribe({ namespace: name });
    const c = linkSubscribe({ namespace: name });
    expect(namespaceOfThreads().size).toBe(threads);
    const waiting = a.next();
    controller.abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await b.return();
    c.close();
    c.close();
    expect(await c.next()).toEqual({ done: true, value: undefined });
    const aborted = linkSubscribe({ namespace: name, signal: AbortSignal.abort() });
    expect((await aborted.next()).done).toBe(true);
    await retryUntil(() => leakedFds(before).length === 0);
  });

  it('refuse a namespace that is not there, and leave nothing open', () => {
    const before = openFds();
    expect(() => linkSubscribe({ namespace: 'nowhere-at-all' })).toThrow('nowhere-at-all');
    expect(leakedFds(before)).toEqual([]);
  });

  it('ignore what bridges tell of their ports', async () => {
    ipIn(name, 'link add br0 type bridge');
    ipIn(name, 'link add v0 type veth peer name v1');
    using updates = linkSubscribe({ namespace: name });
    ipIn(name, 'link set v0 master br0');
    ipIn(name, 'link set v0 nomaster');
    ipIn(name, 'link set v0 up alias done');
    for await (const update of updates) {
      expect(update.type).toBe('new');
      if (update.type === 'new' && update.link.alias === 'done') break;
    }
  });
});

describe('a worker thread that is terminated', () => {
  it('leaves nothing open of its Netlink and its subscriptions', async () => {
    const program = `import { Worker } from 'node:worker_threads'; import { readdirSync, readlinkSync } from 'node:fs'; import 'netlink-links';
      const code = \`const { Netlink, linkSubscribe } = require('netlink-links');
        const netlink = Netlink.open(), subscription = linkSubscribe(); netlink.sync.linkList();
        netlink.linkList().then(() => require('node:worker_threads').parentPort.postMessage('up')); setInterval(() => {}, 1000);\`;
      const once = () => new Promise((resolve) => { const worker = new Worker(code, { eval: true }); worker.once('message', () => worker.terminate().then(resolve)); });
      const open = () => readdirSync('/proc/self/fd').filter((fd) => { try { return /^(socket|net):/.test(readlinkSync('/proc/self/fd/' + fd)); } catch { return false; } }).length;
      await once(); const before = open();
      for (let time = 0; time < 5; time += 1) await once();
      console.log(open() - before);`;
    const { stdout, stderr } = await runProgram(program);
    expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' });
  });
});
