import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { Netlink, type Qdisc, type QdiscSpec, type QdiscStatistics } from 'netlink-links';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ip, ipIn, makeNamespaces, retryUntil, run, uniqueName, vethBetween } from '#testkit';

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
const NOT_TOLD: ReadonlySet<string> = new Set(['averagePacket', 'burst', 'bandwidth']);

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
  ['drr', { kind: 'drr' }, {}],
  ['qfq', { kind: 'qfq' }, {}],
  [
    'pie limit 100 target 20ms tupdate 32ms alpha 2 beta 20 ecn bytemode dq_rate_estimator',
    {
      kind: 'pie',
      limit: 100,
      target: 20,
      updateInterval: 32,
      alpha: 2,
      beta: 20,
      ecn: true,
      byteMode: true,
      dequeueRateEstimator: true,
    },
    { limit: 100, alpha: 2 },
  ],
  [
    'fq_pie limit 1000 flows 64 target 20ms tupdate 32ms alpha 2 beta 20 quantum 1600 memory_limit 1000000 ecn_prob 20 ecn bytemode dq_rate_estimator',
    {
      kind: 'fq_pie',
      limit: 1000,
      flows: 64,
      target: 20,
      updateInterval: 32,
      alpha: 2,
      beta: 20,
      quantum: 1600,
      memoryLimit: 1_000_000,
      ecnProbability: 20,
      ecn: true,
      byteMode: true,
      dequeueRateEstimator: true,
    },
    { limit: 1000, flows: 64 },
  ],
  [
    'hhf limit 100 quantum 2000 hh_limit 50 reset_timeout 12ms admit_bytes 1000 evict_timeout 20ms non_hh_weight 3',
    {
      kind: 'hhf',
      limit: 100,
      quantum: 2000,
      heavyFlowsLimit: 50,
      resetTimeout: 12,
      admitBytes: 1000,
      evictTimeout: 20,
      lightWeight: 3,
    },
    {},
  ],
  [
    'ets bands 4 strict 2 quanta 3000 2000 priomap 0 1 2 3 3 2 1 0 0 1 2 3 3 2 1 0',
    {
      kind: 'ets',
      bands: 4,
      strict: 2,
      quanta: [3000, 2000],
      priomap: [0, 1, 2, 3, 3, 2, 1, 0, 0, 1, 2, 3, 3, 2, 1, 0],
    },
    { bands: 4, strict: 2 },
  ],
  [
    'red limit 400000 min 30000 max 90000 avpkt 1500 burst 40 bandwidth 100mbit probability 0.1 ecn harddrop adaptive nodrop',
    {
      kind: 'red',
      limit: 400_000,
      min: 30_000,
      max: 90_000,
      averagePacket: 1500,
      burst: 40,
      bandwidth: 100_000_000,
      probability: 10,
      ecn: true,
      hardDrop: true,
      adaptive: true,
      noDrop: true,
    },
    { limit: 400_000, min: 30_000, max: 90_000 },
  ],
  ['cake unlimited', { kind: 'cake', bandwidth: Number.POSITIVE_INFINITY }, { bandwidth: 'unlimited' }],
  [
    'cake bandwidth 8mbit besteffort dual-srchost nat wash ack-filter ingress no-split-gso rtt 50ms memlimit 1000000 overhead 18 mpu 64 atm fwmark 0xff',
    {
      kind: 'cake',
      bandwidth: 8_000_000,
      diffserv: 'besteffort',
      flowMode: 'dual-srchost',
      nat: true,
      wash: true,
      ackFilter: 'filter',
      ingress: true,
      splitGso: false,
      rtt: 50,
      target: 2.5,
      memoryLimit: 1_000_000,
      overhead: 18,
      minimumPacketUnit: 64,
      linklayer: 'atm',
      fwmark: 0xff,
      autorateIngress: false,
    },
    { bandwidth: 1_000_000, diffserv: 'besteffort' },
  ],
  ['skbprio limit 100', { kind: 'skbprio', limit: 100 }, { limit: 100 }],
  [
    'etf delta 200000 clockid CLOCK_TAI skip_sock_check',
    { kind: 'etf', delta: 0.2, clockid: 'tai', deadlineMode: false, offload: false, skipSockCheck: true },
    { delta: 200_000 },
  ],
  ['pfifo_head_drop limit 9', { kind: 'pfifo_head_drop', limit: 9 }, { limit: 9 }],
];

/** Two flows that are longer than a short queue; one can be marked in the place of being dropped. */
const BLAST = `
import socket
flows = [socket.socket(type=socket.SOCK_DGRAM) for _ in range(2)]
flows[0].setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 2)
for _ in range(150):
    for flow in flows: flow.sendto(b"x" * 800, ("192.0.2.2", 9))
`;

/** What tc says of a queueing discipline; it leaves out some counters that are 0. */
type Shown = Readonly<Record<string, unknown>>;
const n = (shown: Shown, name: string): number => Number(shown[name] ?? 0);
const big = (shown: Shown, name: string): bigint => BigInt(n(shown, name));

/** What a queueing discipline has counted. */
type Counted = Partial<QdiscStatistics> & { readonly kind?: Record<string, unknown> };

interface Counting {
  /** Its settings, with which it drops or marks. */
  readonly line: string;
  /** What we tell, by what tc tells. */
  readonly ours: (shown: Shown) => Record<string, unknown>;
  /** Counters that must have counted something. */
  readonly some: readonly string[];
}

const COUNTING: readonly [kind: string, Counting][] = [
  [
    'red',
    {
      line: 'limit 60000 min 5000 max 15000 avpkt 1000 burst 10 probability 1 bandwidth 4mbit ecn',
      ours: (shown) => ({
        early: n(shown, 'early'),
        full: n(shown, 'pdrop'),
        other: n(shown, 'other'),
        marked: n(shown, 'marked'),
      }),
      some: ['early', 'marked'],
    },
  ],
  [
    'codel',
    {
      line: 'limit 30 target 1ms interval 10ms ecn',
      ours: (shown) => ({
        maxPacket: n(shown, 'maxpacket'),
        count: n(shown, 'count'),
        lastCount: n(shown, 'lastcount'),
        delay: n(shown, 'ldelay') / 1000,
        dropNext: n(shown, 'drop_next') / 1000,
        dropOverlimit: n(shown, 'drop_overlimit'),
        ecnMark: n(shown, 'ecn_mark'),
        dropping: shown.dropping === true,
        ceMark: n(shown, 'ce_mark'),
      }),
      some: ['maxPacket', 'dropOverlimit'],
    },
  ],
  [
    'fq_codel',
    {
      line: 'limit 40 flows 16 target 1ms interval 10ms ecn ce_threshold 1ms',
      ours: (shown) => ({
        maxPacket: n(shown, 'maxpacket'),
        dropOverlimit: n(shown, 'drop_overlimit'),
        ecnMark: n(shown, 'ecn_mark'),
        newFlowCount: n(shown, 'new_flow_count'),
        newFlowsLength: n(shown, 'new_flows_len'),
        oldFlowsLength: n(shown, 'old_flows_len'),
        ceMark: n(shown, 'ce_mark'),
        memoryUsage: n(shown, 'memory_used'),
        dropOvermemory: n(shown, 'drop_overmemory'),
      }),
      some: ['maxPacket', 'dropOverlimit', 'newFlowCount', 'ceMark'],
    },
  ],
  [
    'fq',
    {
      line: 'limit 40 flow_limit 10 nopacing',
      ours: (shown) => ({
        gcFlows: big(shown, 'gc'),
        highPriorityPackets: big(shown, 'highprio'),
        tcpRetransmits: big(shown, 'retrans'),
        // tc gives two things this name; the second is what JSON.parse leaves.
        throttled: big(shown, 'throttled'),
        flowsLimit: big(shown, 'flows_plimit'),
        packetsTooLong: big(shown, 'pkts_too_long'),
        allocationErrors: big(shown, 'alloc_errors'),
        flows: n(shown, 'flows'),
        inactiveFlows: n(shown, 'inactive'),
        throttledFlows: expect.any(Number),
        unthrottleLatency: n(shown, 'latency') / 1e6,
        ceMark: big(shown, 'ce_mark'),
        horizonDrops: big(shown, 'horizon_drops'),
        horizonCaps: big(shown, 'horizon_caps'),
      }),
      some: ['flowsLimit', 'flows'],
    },
  ],
  [
    'pie',
    {
      line: 'limit 30 target 1ms tupdate 1ms ecn',
      ours: (shown) => ({
        probability: expect.closeTo(n(shown, 'prob') * 100, 4),
        delay: n(shown, 'delay') / 1000,
        averageDequeueRate: n(shown, 'avg_dq_rate') * 8,
        packetsIn: n(shown, 'pkts_in'),
        dropped: n(shown, 'dropped'),
        overlimit: n(shown, 'overlimit'),
        maxQueue: n(shown, 'maxq'),
        ecnMark: n(shown, 'ecn_mark'),
      }),
      some: ['packetsIn', 'overlimit', 'maxQueue'],
    },
  ],
  [
    'fq_pie',
    {
      line: 'limit 30 flows 16 target 1ms tupdate 1ms ecn',
      ours: (shown) => ({
        packetsIn: n(shown, 'pkts_in'),
        dropped: n(shown, 'dropped'),
        overlimit: n(shown, 'overlimit'),
        overmemory: n(shown, 'overmemory'),
        ecnMark: n(shown, 'ecn_mark'),
        newFlowCount: n(shown, 'new_flow_count'),
        newFlowsLength: n(shown, 'new_flows_len'),
        oldFlowsLength: n(shown, 'old_flows_len'),
        memoryUsage: n(shown, 'memory_used'),
      }),
      some: ['packetsIn', 'overlimit', 'newFlowCount'],
    },
  ],
  [
    'hhf',
    {
      line: 'limit 30 admit_bytes 1000 reset_timeout 1s evict_timeout 1s',
      ours: (shown) => ({
        dropOverlimit: n(shown, 'drop_overlimit'),
        heavyOverlimit: n(shown, 'hh_overlimit'),
        heavyTotal: n(shown, 'tot_hh'),
        heavyCurrent: n(shown, 'cur_hh'),
      }),
      some: ['dropOverlimit', 'heavyTotal'],
    },
  ],
  [
    'cake',
    {
      line: 'bandwidth 4mbit diffserv3 memlimit 40000',
      ours: (shown) => ({
        capacityEstimate: n(shown, 'capacity_estimate') * 8,
        memoryLimit: n(shown, 'memory_limit'),
        memoryUsed: n(shown, 'memory_used'),
        averageNetworkOffset: n(shown, 'avg_hdr_offset'),
        minNetworkLength: n(shown, 'min_network_size'),
        maxNetworkLength: n(shown, 'max_network_size'),
        minAdjustedLength: n(shown, 'min_adj_size'),
        maxAdjustedLength: n(shown, 'max_adj_size'),
        tins: (shown.tins as Shown[]).map((tin) =>
          // tc tells fewer of them.
          expect.objectContaining({
            sentPackets: n(tin, 'sent_packets'),
            sentBytes: big(tin, 'sent_bytes'),
            droppedPackets: n(tin, 'drops'),
            acksDroppedPackets: n(tin, 'ack_drops'),
            ecnMarkedPackets: n(tin, 'ecn_mark'),
            backlogBytes: n(tin, 'backlog_bytes'),
            thresholdRate: n(tin, 'threshold_rate') * 8,
            target: n(tin, 'target_us') / 1000,
            interval: n(tin, 'interval_us') / 1000,
            peakDelay: n(tin, 'peak_delay_us') / 1000,
            averageDelay: n(tin, 'avg_delay_us') / 1000,
            baseDelay: n(tin, 'base_delay_us') / 1000,
            wayIndirectHits: n(tin, 'way_indirect_hits'),
            wayMisses: n(tin, 'way_misses'),
            wayCollisions: n(tin, 'way_collisions'),
            sparseFlows: n(tin, 'sparse_flows'),
            bulkFlows: n(tin, 'bulk_flows'),
            unresponsiveFlows: n(tin, 'unresponsive_flows'),
            maxPacketLength: n(tin, 'max_pkt_len'),
            flowQuantum: n(tin, 'flow_quantum'),
          }),
        ),
      }),
      some: ['capacityEstimate', 'memoryUsed', 'maxNetworkLength'],
    },
  ],
];

describe('queueing disciplines on Debian’s kernel', () => {
  it.each(CASES)('%s: ours and tc’s are the same, and all of it is read back', (line, spec, part) => {
    netlink.sync.qdiscAdd({ ...spec, link: 'v0', handle: '7:' });
    const ours = read();
    const oursShown = shown();
    expect(ours).toMatchObject([{ kind: spec.kind, handle: '7:', parent: 'root' }]);
    for (const [name, value] of Object.entries(spec)) {
      // What a red was made from is not told, only what followed.
      if (spec.kind === 'red' && NOT_TOLD.has(name)) continue;
      const told = (ours[0] as Record<string, unknown>)[name];
      if (value === Number.POSITIVE_INFINITY) {
        expect(told, name).toBe(value);
        continue;
      }
      // codel counts time in units of 1024 ns, and cuts off what is left when it tells.
      if (typeof value === 'number') expect(Math.abs(Number(told) - value), name).toBeLessThan(0.003);
      else expect(told, name).toEqual(value);
    }
    expect(oursShown).toMatchObject([{ kind: spec.kind, handle: '7:', options: part }]);
    clear();
    tc(`qdisc add dev v0 root handle 7: ${line}`);
    expect(shown()).toEqual(oursShown);
    expect(read()).toEqual(ours);
    // Given back as it was read.
    const [first] = netlink.sync.qdiscList('v0');
    clear();
    netlink.sync.qdiscAdd(first as QdiscSpec);
    expect(shown()).toEqual(oursShown);
    expect(read()).toEqual(ours);
  });

  /** Those of which tc writes no proper JSON. */
  const text = () => run('tc', ['-n', namespace, '-d', 'qdisc', 'show', 'dev', 'v0']);
  it.each<[string, QdiscSpec, RegExp]>([
    ['hfsc default 1a', { kind: 'hfsc', defaultClass: 0x1a }, /default (0x)?1a/],
    [
      'choke limit 1000 min 100 max 300 avpkt 1500 burst 200 bandwidth 100mbit probability 0.1 ecn',
      {
        kind: 'choke',
        limit: 1000,
        min: 100,
        max: 300,
        averagePacket: 1500,
        burst: 200,
        bandwidth: 100_000_000,
        probability: 10,
        ecn: true,
      },
      /limit 1000p min 100p max 300p/,
    ],
    [
      'cbs hicredit 30 locredit -1470 sendslope -980000 idleslope 20000',
      { kind: 'cbs', hiCredit: 30, loCredit: -1470, sendSlope: -980_000_000, idleSlope: 20_000_000, offload: false },
      /hicredit 30 locredit -1470 sendslope -980000 idleslope 20000/,
    ],
    ['choke limit 1000 bandwidth 10mbit', { kind: 'choke', limit: 1000, bandwidth: 10_000_000 }, /limit 1000p/],
    ['sfb', { kind: 'sfb' }, /max 25p? target 20/],
    [
      'sfb rehash 30000 db 5000 limit 500 max 40 target 30 increment 0.01 decrement 0.001 penalty_rate 50 penalty_burst 60',
      {
        kind: 'sfb',
        rehashInterval: 30_000,
        warmupTime: 5000,
        limit: 500,
        max: 40,
        target: 30,
        increment: 1,
        decrement: 0.1,
        penaltyRate: 50,
        penaltyBurst: 60,
      },
      /limit 500p? max 40p? target 30/,
    ],
  ])('%s is the same of ours and of tc’s, as text', (line, spec, told) => {
    netlink.sync.qdiscAdd({ ...spec, link: 'v0', handle: '7:' });
    const ours = text();
    expect(ours).toMatch(told);
    const before = read();
    const [first] = netlink.sync.qdiscList('v0');
    expect(first).toMatchObject({ kind: spec.kind, handle: '7:' });
    if (spec.kind === 'cbs') expect(first).toMatchObject(spec);
    expect(first).not.toHaveProperty('unknown');
    clear();
    netlink.sync.qdiscAdd(first as QdiscSpec);
    expect(text()).toBe(ours);
    expect(read()).toEqual(before);
    clear();
    tc(`qdisc add dev v0 root handle 7: ${line}`);
    expect(text()).toBe(ours);
  });

  const answers = (address: string): number => {
    const line = `ip netns exec ${namespace} ping -q -n -c 3 -i 0.05 -W 1 ${address} || true`;
    return Number(/(\d+) received/.exec(run('sh', ['-c', line]))?.[1] ?? Number.NaN);
  };

  it('a plug holds packets back until it is told to let them go', () => {
    const { sync } = netlink;
    sync.qdiscAdd({ kind: 'plug', link: 'v0', limit: 100_000 });
    expect(answers('192.0.2.2')).toBe(0);
    expect(read()).toMatchObject([{ kind: 'plug' }]);
    expect(sync.qdiscList('v0')[0]?.statistics?.queuedPackets).toBeGreaterThan(0);
    sync.qdiscChange({ kind: 'plug', link: 'v0', action: 'release_indefinite' });
    expect(answers('192.0.2.2')).toBe(3);
    expect(sync.qdiscList('v0')[0]?.statistics?.queuedPackets).toBe(0);
    sync.qdiscChange({ kind: 'plug', link: 'v0', action: 'buffer' });
    expect(answers('192.0.2.2')).toBe(0);
  });

  it('an etf drops what asks for no time, unless told otherwise', () => {
    const { sync } = netlink;
    sync.qdiscAdd({ kind: 'etf', link: 'v0' });
    expect(answers('192.0.2.2')).toBe(0);
    expect(sync.qdiscList('v0')[0]?.statistics?.drops).toBeGreaterThan(0);
  });

  describe('of links with several queues', () => {
    beforeAll(() => {
      ipIn(namespace, 'link add m0 numtxqueues 4 type veth peer name m1');
      ipIn(namespace, `link set m1 netns ${other}`);
      ipIn(namespace, 'addr add 198.51.100.1/24 dev m0');
      ipIn(other, 'addr add 198.51.100.2/24 dev m1');
      ipIn(namespace, 'link set m0 up');
      ipIn(other, 'link set m1 up');
    });
    const root = (): Partial<Qdisc> | undefined => {
      const [first] = netlink.sync.qdiscList({ link: 'm0', parent: 'root' });
      const { statistics: _statistics, references: _references, ...qdisc } = first ?? {};
      return qdisc as Partial<Qdisc>;
    };
    afterEach(() => {
      if (root()?.handle !== '0:') netlink.sync.qdiscDel({ link: 'm0' });
    });
    const MAP = {
      trafficClasses: 2,
      priomap: [0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      queues: [
        { count: 1, offset: 0 },
        { count: 3, offset: 1 },
      ],
    };

    it.each<[string, QdiscSpec]>([
      ['mqprio num_tc 2 map 0 0 1 1 queues 1@0 3@1 hw 0', { kind: 'mqprio', ...MAP, hardware: false }],
      [
        'taprio num_tc 2 map 0 0 1 1 queues 1@0 3@1 base-time 1000 sched-entry S 01 30000000 sched-entry S 03 40000001 cycle-time 80000000 cycle-time-extension 7 clockid CLOCK_TAI',
        {
          kind: 'taprio',
          ...MAP,
          baseTime: 1000n,
          entries: [
            { gates: 1, interval: 30, command: 'set' },
            { gates: 3, interval: 40.000001, command: 'set' },
          ],
          cycleTime: 80,
          cycleTimeExtension: 0.000007,
          clockid: 'tai',
        },
      ],
      [
        'taprio num_tc 2 map 0 0 1 1 queues 1@0 3@1 base-time 7000000000000000000 sched-entry S 01 30000000 sched-entry S 03 40000001 flags 0x1 txtime-delay 200000 clockid CLOCK_MONOTONIC',
        {
          kind: 'taprio',
          ...MAP,
          baseTime: 7_000_000_000_000_000_000n,
          entries: [
            { gates: 1, interval: 30, command: 'set' },
            { gates: 3, interval: 40.000001, command: 'set' },
          ],
          flags: ['txtime-assist'],
          txtimeDelay: 0.2,
          clockid: 'monotonic',
        },
      ],
    ])('%s is the same of ours and of tc’s, and is given back', (line, spec) => {
      const { sync } = netlink;
      // tc shows a first schedule otherwise until it has begun.
      const text = () =>
        line.includes('base-time 1000 ')
          ? ''
          : run('tc', ['-n', namespace, '-d', 'qdisc', 'show', 'dev', 'm0', 'root']);
      const list = () => sync.qdiscList({ link: 'm0', parent: 'root' });
      const now = () => [root(), text()];
      sync.qdiscAdd({ ...spec, link: 'm0', handle: '7:' });
      const ours = now();
      expect(ours[0]).toMatchObject({ ...spec, handle: '7:' });
      expect(ours[0]).not.toHaveProperty('unknown');
      const [given] = list();
      expect(JSON.parse(JSON.stringify(given))).toMatchObject({ kind: spec.kind, trafficClasses: 2 });
      sync.qdiscDel({ link: 'm0' });
      sync.qdiscAdd(given as QdiscSpec);
      expect(now()).toEqual(ours);
      sync.qdiscDel({ link: 'm0' });
      tc(`qdisc add dev m0 root handle 7: ${line}`);
      expect(now()).toEqual(ours);
    });

    it('taprio lets a traffic class send while its gate is open', async () => {
      const { sync } = netlink;
      const schedule = (gates: number): QdiscSpec => ({
        kind: 'taprio',
        link: 'm0',
        handle: '7:',
        ...MAP,
        clockid: 'monotonic',
        entries: [{ gates, interval: 50 }],
      });
      sync.qdiscAdd(schedule(0b01));
      await retryUntil(() => answers('198.51.100.2') === 3);
      // What is sent has the priority 0, which is of the first traffic class.
      sync.qdiscReplace(schedule(0b10));
      await retryUntil(() => answers('198.51.100.2') === 0);
      sync.qdiscReplace(schedule(0b11));
      await retryUntil(() => answers('198.51.100.2') === 3);
    });
  });

  it('choke and sfb count what they drop', () => {
    for (const spec of [
      { kind: 'choke', limit: 1000 },
      { kind: 'sfb', limit: 1000 },
    ] as const) {
      netlink.sync.qdiscAdd({ ...spec, link: 'v0', handle: '7:' });
      const [first] = netlink.sync.qdiscList('v0');
      expect(first?.statistics).toMatchObject({ kind: { marked: 0 } });
      clear();
    }
  });

  it.each(COUNTING)('counts what %s counts, as tc does', async (kind, { line, ours: told, some }) => {
    // What it is to hold back, a bucket below it lets through slowly; cake does so itself.
    if (kind !== 'cake') tc('qdisc add dev v0 root handle 1: tbf rate 4mbit burst 5kb limit 1mb');
    tc(`qdisc add dev v0 ${kind === 'cake' ? 'root' : 'parent 1:1'} handle 7: ${kind} ${line}`);
    run('ip', ['netns', 'exec', namespace, 'python3', '-c', BLAST]);
    /** Without the time of fq, which is counted from now on. */
    const ours = (): Counted => {
      const { statistics } = netlink.sync.qdiscList('v0').find(({ handle }) => handle === '7:') ?? {};
      const { kind: counted, ...common } = (statistics ?? {}) as Counted;
      const { timeNextDelayedFlow: _, ...lasting } = counted ?? {};
      return { ...common, kind: lasting };
    };
    let theirs: Record<string, unknown> = {};
    // Until the queue is empty, and nothing has changed while tc was asked.
    await retryUntil(() => {
      const before = ours();
      theirs = JSON.parse(run('tc', ['-n', namespace, '-j', '-s', 'qdisc', 'show', 'dev', 'v0'])).find(
        ({ handle }: ShownQdisc) => handle === '7:',
      );
      return before.queuedPackets === 0 && isDeepStrictEqual(before, ours());
    }, 30_000);
    const { kind: counted } = ours();
    expect(counted).toEqual(told(theirs));
    // Without these, zeros would have been compared with zeros.
    for (const name of some) expect(Number(counted?.[name]), name).toBeGreaterThan(0);
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
    tc('qdisc add dev v0 root handle 9: gred setup vqs 4 default 2');
    expect(netlink.sync.qdiscList('v0')).toMatchObject([
      { kind: 'generic', kernelKind: 'gred', handle: '9:', options: expect.any(Uint8Array) },
    ]);
    clear();
    // `struct tc_skbprio_qopt`, as the kernel wants it.
    const options = Uint8Array.of(77, 0, 0, 0);
    netlink.sync.qdiscAdd({ kind: 'generic', kernelKind: 'skbprio', link: 'v0', handle: '9:', options });
    expect(shown()).toMatchObject([{ kind: 'skbprio', handle: '9:', options: { limit: 77 } }]);
    expect(netlink.sync.qdiscList('v0')).toMatchObject([{ kind: 'skbprio', handle: '9:', limit: 77 }]);
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
