import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import {
  addrSubscribe,
  type Link,
  type LinkPort,
  linkSubscribe,
  Netlink,
  neighSubscribe,
  routeSubscribe,
} from 'netlink-links';
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
  run,
  runProgram,
  uniqueName,
} from '#testkit';
import { attemptAll, comparable } from './subscription-view.js';

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
      if (update.type === 'resync' || update.type === 'port') throw new Error('nothing was lost');
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
        else if (value.type !== 'port') view.set(value.link.index, value.link);
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

  it('of links tell which flags have changed', async () => {
    ipIn(name, 'link add v0 type veth peer name v1');
    ipIn(name, 'link set v0 up');
    using updates = linkSubscribe({ namespace: name, listExisting: true });
    ipIn(name, 'link set v0 promisc on');
    ipIn(name, 'link set v0 alias other');
    ipIn(name, 'link add br0 type bridge');
    ipIn(name, 'link del br0');
    const seen: string[] = [];
    for await (const update of updates) {
      if (update.type === 'resync' || update.type === 'port') throw new Error('only links were changed');
      if (update.type === 'existing') {
        expect('changeMask' in update).toBe(false);
        continue;
      }
      const { type, link, changeMask, changedFlags } = update;
      seen.push(`${type} ${link.name} ${changeMask.toString(16)} ${changedFlags.join(' ')}`);
      if (type === 'deleted') break;
    }
    expect(seen).toContain('new v0 100 promisc');
    expect(seen).toContain('new v0 0 ');
    expect(seen).toContain('new br0 ffffffff ');
    expect(seen.at(-1)).toBe('deleted br0 ffffffff ');
  });

  it('of links tell what bridges tell of their ports', async () => {
    ipIn(name, 'link add br0 type bridge');
    ipIn(name, 'link add v0 type veth peer name v1');
    ipIn(name, 'link set v0 up');
    using updates = linkSubscribe({ namespace: name });
    ipIn(name, 'link set v0 master br0');
    run('bridge', ['-n', name, 'link', 'set', 'dev', 'v0', 'hairpin', 'on', 'cost', '7']);
    ipIn(name, 'link set v0 nomaster');
    ipIn(name, 'link set v0 alias done');
    using netlink = Netlink.open(name);
    const [v0, br0] = ['v0', 'br0'].map((link) => netlink.sync.linkByName(link).index);
    const told: string[] = [];
    for await (const update of updates) {
      if (update.type === 'new' && update.link.alias === 'done') break;
      if (update.type !== 'port') continue;
      expect(update).toMatchObject({ ifindex: v0, masterIndex: br0, message: { type: expect.any(Number) } });
      const { port } = update;
      told.push(port?.type === 'bridge' ? `${port.hairpin} ${port.cost}` : 'left');
    }
    expect(told.includes('true 7')).toBe(true);
    expect(told.at(-1)).toBe('left');
    expect(told[0]).toMatch(/^false /);
  });

  it('of links keep a view of ports that equals the list after random changes', { timeout: 120_000 }, async () => {
    for (const line of ['add br0 type bridge', 'set br0 up', 'add v0 type veth peer name v1', 'set v1 up', 'set v0 up'])
      ipIn(name, `link ${line}`);
    using netlink = Netlink.open(name);
    const commands = [
      'ip link set v0 master br0',
      'ip link set v0 nomaster',
      'ip link set v0 down',
      'ip link set v0 up',
      'ip link set v1 down',
      'ip link set v1 up',
      // Not `ip link set … type bridge_slave`: of a port that is down nothing is told then.
      ...['hairpin on', 'hairpin off', 'cost 7', 'priority 9', 'isolated on', 'learning off', 'state 0', 'state 3'].map(
        (setting) => `bridge link set dev v0 ${setting}`,
      ),
    ];
    // Those of the bridge itself, which change without a message about the port; timers and counters.
    const varying = [
      ...['rootId', 'bridgeId', 'designatedCost', 'designatedPort', 'topologyChangeAck', 'configPending'],
      ...['messageAgeTimer', 'forwardDelayTimer', 'holdTimer', 'multicastGroups', 'multicastEhtHosts'],
    ];
    const shownPorts = (ports: Iterable<readonly [number, LinkPort]>): string => comparable(ports, varying).join();
    const lines = fc.array(fc.constantFrom(...commands), { minLength: 5, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(lines, async (sequence) => {
        const ports = new Map<number, LinkPort>();
        const set = (index: number, port: LinkPort | undefined): unknown =>
          port === undefined ? ports.delete(index) : ports.set(index, port);
        const updates = linkSubscribe({ namespace: name, listExisting: true });
        const follow = async (): Promise<void> => {
          for await (const update of updates)
            if (update.type === 'port') set(update.ifindex, update.port);
            else if (update.type === 'resync') for (const { index, masterPort } of update.links) set(index, masterPort);
            else if (update.type === 'deleted') set(update.link.index, undefined);
            else set(update.link.index, update.link.masterPort);
        };
        const ended = follow();
        const listed = (): [number, LinkPort][] =>
          netlink.sync
            .linkList()
            .flatMap(({ index, masterPort }): [number, LinkPort][] =>
              masterPort === undefined ? [] : [[index, masterPort]],
            );
        const agree = async (): Promise<void> => {
          await retryUntil(() => shownPorts(ports) === shownPorts(listed())).catch((cause: unknown) => {
            throw new Error(`the view has\n${shownPorts(ports)}\nand the list\n${shownPorts(listed())}`, { cause });
          });
        };
        await agree();
        for (const line of sequence) {
          const [tool = '', ...args] = line.split(' ');
          attemptAll(() => run(tool, ['-n', name, ...args]), [line]);
          await nextTurn();
        }
        await agree();
        updates.close();
        await ended;
      }),
      { numRuns: 8 },
    );
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
