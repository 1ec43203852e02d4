import fc from 'fast-check';
import { Netlink, type Qdisc, type QdiscSpec } from 'netlink-links';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ip, ipIn, makeNamespaces, run, uniqueName, vethBetween } from '#testkit';

interface ShownQdisc {
  kind: string;
  handle: string;
  options: Record<string, unknown>;
}

const namespace = uniqueName('vq');
const other = uniqueName('vr');
let namespaces: Disposable;
let netlink: Netlink;

beforeAll(() => {
  namespaces = makeNamespaces(namespace, other);
  vethBetween(
    { namespace, name: 'v0', addresses: ['192.0.2.1/24'] },
    { namespace: other, name: 'v1', addresses: ['192.0.2.2/24'] },
  );
  netlink = Netlink.open(namespace);
});
afterAll(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});
function clear(): void {
  // What stands below the root goes with it.
  for (const qdisc of netlink.sync.qdiscList({ link: 'v0', parent: 'root' }))
    if (qdisc.handle !== '0:') netlink.sync.qdiscDel(qdisc);
}
afterEach(clear);

const tc = (line: string): string => run('tc', ['-n', namespace, ...line.split(' ')]);
const shown = (): ShownQdisc[] =>
  JSON.parse(run('tc', ['-n', namespace, '-j', '-d', 'qdisc', 'show', 'dev', 'v0'])) as ShownQdisc[];
/** Without what counts, and without seeds that the kernel makes up. */
const read = (): Partial<Qdisc>[] =>
  netlink.sync.qdiscList('v0').map(({ statistics: _statistics, references: _references, ...qdisc }) => qdisc);

/** What we make, and what makes `tc` make the same. */
const CASES: readonly [string, QdiscSpec, Record<string, unknown>][] = [
  ['netem delay 10ms', { kind: 'netem', latency: 10 }, { delay: { delay: 0.01, jitter: 0, correlation: 0 } }],
  [
    'netem delay 100ms 20ms 25% loss 1.5% 10% duplicate 2% 5% reorder 5% 50% gap 5 corrupt 0.5% 20% rate 1mbit 20 100 5 limit 200 ecn',
    {
      kind: 'netem',
      latency: 100,
      jitter: 20,
      latencyCorrelation: 25,
      loss: 1.5,
      lossCorrelation: 10,
      duplicate: 2,
      duplicateCorrelation: 5,
      reorder: 5,
      reorderCorrelation: 50,
      gap: 5,
      corrupt: 0.5,
      corruptCorrelation: 20,
      rate: 1_000_000,
      packetOverhead: 20,
      cellSize: 100,
      cellOverhead: 5,
      limit: 200,
      ecn: true,
    },
    { limit: 200, gap: 5, ecn: true },
  ],
  [
    'prio bands 4 priomap 0 1 2 3 3 2 1 0 0 1 2 3 3 2 1 0',
    { kind: 'prio', bands: 4, priomap: [0, 1, 2, 3, 3, 2, 1, 0, 0, 1, 2, 3, 3, 2, 1, 0] },
    { bands: 4 },
  ],
  [
    'fq_codel limit 100 flows 16 quantum 300 interval 80ms target 4ms noecn memory_limit 1000000 drop_batch 32',
    {
      kind: 'fq_codel',
      limit: 100,
      flows: 16,
      quantum: 300,
      interval: 80,
      target: 4,
      ecn: false,
      memoryLimit: 1_000_000,
      dropBatch: 32,
    },
    { limit: 100, flows: 16, quantum: 300 },
  ],
  [
    'codel limit 100 target 4ms interval 30ms ecn ce_threshold 2ms',
    { kind: 'codel', limit: 100, target: 4, interval: 30, ecn: true, ceThreshold: 2 },
    { limit: 100, ecn: true },
  ],
  [
    'sfq perturb 10 quantum 2000 limit 100 divisor 512',
    { kind: 'sfq', perturb: 10, quantum: 2000, limit: 100, divisor: 512 },
    { quantum: 2000, perturb: 10, divisor: 512 },
  ],
  [
    'fq limit 500 flow_limit 50 buckets 256 quantum 3000 initial_quantum 9000 maxrate 8mbit nopacing refill_delay 40ms low_rate_threshold 800kbit',
    {
      kind: 'fq',
      limit: 500,
      flowLimit: 50,
      buckets: 256,
      quantum: 3000,
      initialQuantum: 9000,
      maxRate: 8_000_000,
      pacing: false,
      refillDelay: 40,
      lowRateThreshold: 800_000,
    },
    { limit: 500, buckets: 256 },
  ],
  ['pfifo_head_drop limit 9', { kind: 'pfifo_head_drop', limit: 9 }, { limit: 9 }],
];

describe('queueing disciplines on Debian’s kernel', () => {
  it.each(CASES)('%s: ours and tc’s are the same, and all of it is read back', (line, spec, part) => {
    netlink.sync.qdiscAdd({ ...spec, link: 'v0', handle: '7:' });
    const ours = read();
    const oursShown = shown();
    expect(ours).toMatchObject([{ kind: spec.kind, handle: '7:', parent: 'root' }]);
    for (const [name, value] of Object.entries(spec)) {
      const told = (ours[0] as Record<string, unknown>)[name];
      // codel counts time in units of 1024 ns, and cuts off what is left when it tells.
      if (typeof value === 'number') expect(Math.abs(Number(told) - value), name).toBeLessThan(0.003);
      else expect(told, name).toEqual(value);
    }
    expect(oursShown).toMatchObject([{ kind: spec.kind, handle: '7:', options: part }]);
    clear();
    tc(`qdisc add dev v0 root handle 7: ${line}`);
    expect(shown()).toEqual(oursShown);
    expect(read()).toEqual(ours);
  });

  it('spreads the delays of netem by a table, which the kernel takes and never tells', () => {
    for (const distribution of ['normal', [-8192, 0, 8191]] as const) {
      netlink.sync.qdiscAdd({ kind: 'netem', link: 'v0', handle: '7:', latency: 10, jitter: 2, distribution });
      const [read] = netlink.sync.qdiscList({ link: 'v0', kind: 'netem' });
      expect(read).toMatchObject({ kind: 'netem', latency: 10, jitter: 2 });
      expect(read).not.toHaveProperty('distribution');
      clear();
    }
  });

  it('agrees with tc on generated netem settings, written by either', () => {
    // Multiples of 8 µs, which are whole ticks of 64 ns: tc cuts off what is not.
    const ticks = (most: number) => fc.integer({ min: 1, max: most }).map((eighths) => (eighths * 8) / 1000);
    const hundredths = (most: number) => fc.integer({ min: 1, max: most * 100 }).map((value) => value / 100);
    fc.assert(
      fc.property(
        fc.record({
          latency: ticks(12_500),
          jitter: ticks(1250),
          loss: hundredths(100),
          duplicate: hundredths(50),
          corrupt: hundredths(50),
          reorder: hundredths(50),
          correlation: fc.integer({ min: 0, max: 100 }),
          limit: fc.integer({ min: 1, max: 100_000 }),
          rate: fc.integer({ min: 1000, max: 1_000_000_000 }).map((bytes) => bytes * 8),
        }),
        ({ latency, jitter, loss, duplicate, corrupt, reorder, correlation, limit, rate }) => {
          clear();
          netlink.sync.qdiscAdd({
            kind: 'netem',
            link: 'v0',
            handle: '7:',
            latency,
            jitter,
            loss,
            duplicate,
            corrupt,
            reorder,
            lossCorrelation: correlation,
            reorderCorrelation: correlation,
            limit,
            rate,
          });
          const ours = read();
          const oursShown = shown();
          expect(ours).toMatchObject([
            { latency, jitter, loss, duplicate, corrupt, reorder, lossCorrelation: correlation, limit, rate },
          ]);
          clear();
          tc(
            `qdisc add dev v0 root handle 7: netem delay ${Math.round(latency * 1000)}us ${Math.round(jitter * 1000)}us loss ${loss}% ${correlation}% duplicate ${duplicate}% corrupt ${corrupt}% reorder ${reorder}% ${correlation}% limit ${limit} rate ${rate}bit`,
          );
          expect(shown()).toEqual(oursShown);
          expect(read()).toEqual(ours);
        },
      ),
      { numRuns: 8 },
    );
  });

  it('keeps delays that ticks cannot tell, and longer ones than 32 bits of ticks', () => {
    netlink.sync.qdiscAdd({ kind: 'netem', link: 'v0', latency: 0.000_1, jitter: 0 });
    expect(read()).toMatchObject([{ latency: 0.000_1 }]);
    netlink.sync.qdiscReplace({ kind: 'netem', link: 'v0', latency: 600_000 });
    expect(read()).toMatchObject([{ latency: 600_000 }]);
  });

  it('really delays, and really loses', () => {
    const ping = (count: number, wait: string) =>
      run('sh', ['-c', `ip netns exec ${namespace} ping -n -c ${count} -i 0.05 -W ${wait} 192.0.2.2 || true`]);
    ping(1, '5');
    netlink.sync.qdiscAdd({ kind: 'netem', link: 'v0', latency: 250 });
    const [, least] = /rtt min\/avg\/max\/mdev = ([\d.]+)\//.exec(ping(2, '5')) ?? [];
    expect(Number(least)).toBeGreaterThanOrEqual(250);
    netlink.sync.qdiscReplace({ kind: 'netem', link: 'v0', loss: 100 });
    expect(ping(3, '0.2')).toContain('100% packet loss');
    const [netem] = netlink.sync.qdiscList({ link: 'v0', kind: 'netem' });
    expect(netem?.statistics?.drops).toBeGreaterThanOrEqual(3);
  });

  it('stands below a class, and reads what it does not know as it is', () => {
    netlink.sync.qdiscAdd({ kind: 'prio', link: 'v0', handle: '1:' });
    netlink.sync.qdiscAdd({ kind: 'netem', link: 'v0', parent: '1:2', handle: '20:', latency: 5 });
    expect(netlink.sync.qdiscList({ link: 'v0', parent: '1:2' })).toMatchObject([
      { kind: 'netem', handle: '20:', latency: 5 },
    ]);
    expect(shown()).toMatchObject([{ kind: 'prio' }, { kind: 'netem', handle: '20:', parent: '1:2' }]);
    clear();
    tc('qdisc add dev v0 root handle 9: cake bandwidth 8mbit');
    const [cake] = netlink.sync.qdiscList('v0');
    expect(cake).toMatchObject({ kind: 'generic', kernelKind: 'cake', handle: '9:' });
    const before = shown();
    clear();
    if (cake?.kind === 'generic' && cake.options !== undefined)
      netlink.sync.qdiscAdd({ kind: 'generic', kernelKind: 'cake', options: cake.options, link: 'v0', handle: '9:' });
    expect(shown()).toEqual(before);
  });
});

describe('VLANs of bridge ports on Debian’s kernel', () => {
  interface ShownPort {
    ifname: string;
    vlans: { vlan: number; vlanEnd?: number; flags?: string[] }[];
  }
  const vlans = (): ShownPort[] =>
    JSON.parse(run('ip', ['netns', 'exec', namespace, 'bridge', '-j', 'vlan', 'show'])) as ShownPort[];

  it('writes and reads what bridge does', () => {
    ipIn(namespace, 'link add br0 type bridge vlan_filtering 1 vlan_default_pvid 0');
    ipIn(namespace, 'link add p0 type dummy');
    ipIn(namespace, 'link add p1 type dummy');
    ipIn(namespace, 'link set p0 master br0');
    ipIn(namespace, 'link set p1 master br0');
    const { sync } = netlink;
    sync.bridgeVlanAdd({ link: 'p0', vid: 10, vidEnd: 13 });
    sync.bridgeVlanAdd({ link: 'p0', vid: 20, pvid: true, untagged: true });
    sync.bridgeVlanAdd({ link: 'br0', vid: 30, self: true });
    for (const vlan of ['vid 10-13 dev p1', 'vid 20 dev p1 pvid untagged'])
      run('ip', ['netns', 'exec', namespace, 'bridge', 'vlan', 'add', ...vlan.split(' ')]);
    const shownPorts = vlans();
    const port = (name: string) => shownPorts.find(({ ifname }) => ifname === name)?.vlans;
    expect(port('p0')).toEqual(port('p1'));
    expect(port('p0')).toContainEqual({ vlan: 20, flags: ['PVID', 'Egress Untagged'] });
    expect(port('br0')).toEqual([{ vlan: 30 }]);
    const ours = (name: string) => sync.bridgeVlanList(name).map(({ ifindex: _ifindex, ...vlan }) => vlan);
    expect(ours('p0')).toEqual([
      ...[10, 11, 12, 13].map((vid) => ({ vid, pvid: false, untagged: false })),
      { vid: 20, pvid: true, untagged: true },
    ]);
    expect(ours('p1')).toEqual(ours('p0'));
    expect(sync.bridgeVlanList()).toHaveLength(11);
    sync.bridgeVlanDel({ link: 'p0', vid: 11, vidEnd: 12 });
    expect(ours('p0').map(({ vid }) => vid)).toEqual([10, 13, 20]);
    expect(() => sync.bridgeVlanDel({ link: 'v0', vid: 5 })).toThrow(/^cannot remove VLAN 5 from v0: /);
    expect(() => sync.bridgeVlanAdd({ link: 'p0', vid: 4095 })).toThrow(/^vid must be an integer from 1 to 4094/);
    expect(() => sync.bridgeVlanAdd({ link: 'p0', vid: 5, vidEnd: 9, pvid: true })).toThrow(/^pvid is for one VLAN: /);
    for (const name of ['br0', 'p0', 'p1']) ip('-n', namespace, 'link', 'del', name);
  });
});
