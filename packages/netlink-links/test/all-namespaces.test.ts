import {
  bridgeVlanSubscribe,
  linkSubscribe,
  Netlink,
  nsidSubscribe,
  rawSubscribe,
  routeSubscribe,
} from 'netlink-links';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ip, ipIn, leakedFds, makeNamespaces, openFds, retryUntil, runProgram, uniqueName } from '#testkit';
import { ToolMonitor } from './subscription-view.js';

let names: readonly [here: string, known: string, stranger: string];
let namespaces: Disposable;
beforeEach(() => {
  names = [uniqueName('na'), uniqueName('nb'), uniqueName('nc')];
  namespaces = makeNamespaces(...names);
  ip(`-n ${names[0]} netns set ${names[1]} 7`);
});
afterEach(() => namespaces[Symbol.dispose]());

describe('subscriptions to all namespaces', () => {
  it('tell of those that have an identifier, by it, and of their own without; of others nothing', async () => {
    const [here, known, stranger] = names;
    using updates = linkSubscribe({ namespace: here, allNamespaces: true, listExisting: true });
    using monitor = new ToolMonitor('ip', ['-n', here, 'monitor', 'link', 'label', 'all-nsid']);
    const seen: string[] = [];
    const follow = async (): Promise<void> => {
      for await (const update of updates)
        if (update.type === 'new' || update.type === 'existing' || update.type === 'deleted')
          seen.push(`${update.nsid ?? 'own'} ${update.type} ${update.link.name}`);
    };
    const ended = follow();
    await retryUntil(() => seen.includes('own existing lo'));
    await monitor.begin(() => ipIn(here, 'link set lo alias x'));
    ipIn(stranger, 'link add s0 type bridge');
    ipIn(known, 'link add k0 type bridge');
    ipIn(here, 'link add h0 type bridge');
    ipIn(known, 'link del k0');
    ipIn(here, 'link del h0');
    await retryUntil(() => seen.includes('own deleted h0'));
    const told = seen.filter((line) => / [kh]0$/.test(line));
    expect(told[0]).toBe('7 new k0');
    expect(told).toContain('own new h0');
    expect(told.slice(-2)).toEqual(['7 deleted k0', 'own deleted h0']);
    expect(seen.filter((line) => line.includes('s0') || line.startsWith('7 existing'))).toEqual([]);
    // Another program hears the same.
    const shown = await retryUntil(() => {
      const lines = monitor.lines.filter((line) => /[kh]0:/.test(line));
      return lines.some((line) => /Deleted .*h0:/.test(line)) && lines;
    });
    expect(
      shown.map(
        (line) =>
          `${/nsid (\d+)/.exec(line)?.[1] ?? 'own'} ${/Deleted/.test(line) ? 'deleted' : 'new'} ${/[kh]0(?=:)/.exec(line)?.[0]}`,
      ),
    ).toEqual(told);
    updates.close();
    await ended;
  });

  it('list what is lost of their own namespace only', async () => {
    const [here, known] = names;
    const updates = routeSubscribe({ namespace: here, allNamespaces: true });
    for (const name of [known, here]) {
      ipIn(name, 'link add v0 type veth peer name v1');
      for (const line of ['link set v1 up', 'link set v0 up', 'addr add 192.0.2.1/24 dev v0']) ipIn(name, line);
    }
    ipIn(known, 'route add 203.0.113.0/24 via 192.0.2.2');
    ipIn(known, 'link set v0 down');
    const told: string[] = [];
    ipIn(here, 'route add 198.51.100.0/24 via 192.0.2.2');
    for await (const update of updates) {
      if (update.type === 'resync') {
        expect(update.routes.some(({ dst }) => dst === '203.0.113.0/24')).toBe(false);
        continue;
      }
      told.push(`${update.nsid ?? 'own'} ${update.route.dst}`);
      if (update.route.dst === '198.51.100.0/24') break;
    }
    expect(told).toContain('7 203.0.113.0/24');
    expect(told.at(-1)).toBe('own 198.51.100.0/24');
  });

  it('tell of messages as they are', async () => {
    const [here, known] = names;
    using updates = rawSubscribe({ namespace: here, groups: [1], allNamespaces: true });
    ipIn(known, 'link add k0 type bridge');
    ipIn(here, 'link add h0 type bridge');
    const seen: unknown[] = [];
    for await (const update of updates) {
      if (update.type === 'lost') throw new Error('nothing was lost');
      seen.push(update.nsid);
      if (update.nsid === undefined) break;
    }
    expect(seen[0]).toBe(7);
    expect(seen.at(-1)).toBeUndefined();
  });

  it('stop reading when nobody reads them, and go on; nothing is lost in between', async () => {
    const [here, known] = names;
    using updates = linkSubscribe({ namespace: here, allNamespaces: true });
    using netlink = Netlink.open(known);
    for (let round = 0; round < 40; round += 1)
      for (let n = 0; n < 50; n += 1) netlink.sync.linkSetAlias('lo', `${round}.${n}`);
    // Read by the loop below, long after the first thousand waits here.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const aliases: (string | undefined)[] = [];
    for await (const update of updates) {
      if (update.type !== 'new') throw new Error(`${update.type} was not expected`);
      aliases.push(update.link.alias);
      if (update.link.alias === '39.49') break;
    }
    expect(new Set(aliases).size).toBe(2000);
  });

  it('tell of losses', async () => {
    const [here, known] = names;
    using updates = linkSubscribe({ namespace: here, allNamespaces: true, bufferSize: 2048 });
    using netlink = Netlink.open(known);
    for (let n = 0; n < 200; n += 1) netlink.sync.linkSetAlias('lo', `${n}`);
    for await (const update of updates)
      if (update.type === 'resync') {
        expect(update.links.map(({ name }) => name)).toEqual(['lo']);
        break;
      }
    ipIn(known, 'link set lo alias after');
    for await (const update of updates) if (update.type === 'new' && update.link.alias === 'after') break;
  });

  it('leave nothing open, in worker threads that are terminated either', async () => {
    const before = openFds();
    for (const early of [true, false]) {
      const updates = linkSubscribe({ namespace: names[0], allNamespaces: true });
      if (!early) await new Promise((resolve) => setTimeout(resolve, 20));
      updates.close();
    }
    await retryUntil(() => leakedFds(before).length === 0);
    const program = `import { Worker } from 'node:worker_threads'; import { readdirSync } from 'node:fs'; import 'netlink-links';
      const code = \`const { linkSubscribe } = require('netlink-links');
        const updates = linkSubscribe({ namespace: '${names[0]}', allNamespaces: true, listExisting: true });
        updates.next().then(() => require('node:worker_threads').parentPort.postMessage('up')); setInterval(() => {}, 1000);\`;
      const once = () => new Promise((resolve) => { const worker = new Worker(code, { eval: true }); worker.once('message', () => worker.terminate().then(resolve)); });
      const open = () => readdirSync('/proc/self/fd').length;
      await once(); const before = open();
      for (let time = 0; time < 5; time += 1) await once();
      console.log(open() - before);`;
    expect(await runProgram(program)).toMatchObject({ stdout: '0\n', stderr: '' });
  });

  it('take a capability, which the error names', async () => {
    const program = `import { linkSubscribe } from 'netlink-links';
      try { linkSubscribe({ allNamespaces: true }); } catch (error) { console.log(error.code, error.message); }
      linkSubscribe().close();`;
    const { stdout, stderr } = await runProgram(program, {
      through: ['setpriv', '--bounding-set=-all', '--inh-caps=-all'],
    });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^EPERM .*CAP_NET_BROADCAST/);
  });

  it('are not to be had of identifiers, which each namespace has for itself', () => {
    const options = { allNamespaces: true } as object;
    expect(() => nsidSubscribe(options)).toThrow("nsidSubscribe has no property 'allNamespaces'");
    expect(() => linkSubscribe({ allNamespaces: 1 as never })).toThrow('allNamespaces must be true or false, got 1');
    expect(() => bridgeVlanSubscribe({ 'all-nsid': true } as object)).toThrow('did you mean allNamespaces?');
  });
});
