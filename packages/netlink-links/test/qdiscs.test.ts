import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { LinkNotFoundError, Netlink, type Qdisc, type QdiscSpec, type TbfAttributes } from 'netlink-links';
import { type AttributeSpec, attr } from 'netlink-links/attributes';
import * as operations from 'netlink-links/operations';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ipIn, makeNamespaces, run, uniqueName } from '#testkit';
import { MessageBytes } from '../src/message/message-bytes.js';
import { formatHandle, parseHandle } from '../src/qdisc/handle.js';
import { readQdisc } from '../src/qdisc/read.js';

interface ShownQdisc {
  kind: string;
  handle: string;
  dev: string;
  root?: true;
  parent?: string;
  options: Record<string, number | string>;
}

const namespace = uniqueName('qd');
let namespaces: Disposable;
let netlink: Netlink;

beforeAll(() => {
  namespaces = makeNamespaces(namespace);
  ipIn(namespace, 'link add v0 type veth peer name v1');
  // Without an IPv6 address, interfaces send nothing by themselves: what a qdisc counts stays as it is.
  for (const name of ['v0', 'v1']) ipIn(namespace, `link set ${name} addrgenmode none up`);
  netlink = Netlink.open(namespace);
});
afterAll(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});
function clear(): void {
  for (const qdisc of netlink.sync.qdiscList('v0')) if (qdisc.handle !== '0:') netlink.sync.qdiscDel(qdisc);
}
afterEach(clear);

const tc = (line: string): string => run('tc', ['-n', namespace, ...line.split(' ')]);
const shown = (): ShownQdisc[] =>
  JSON.parse(run('tc', ['-n', namespace, '-j', '-d', 'qdisc', 'show', 'dev', 'v0'])) as ShownQdisc[];
/** Without what counts. */
const read = (): Omit<Qdisc, 'statistics' | 'references'>[] =>
  netlink.sync.qdiscList('v0').map(({ statistics: _statistics, references: _references, ...qdisc }) => qdisc);

describe('queueing disciplines, in agreement with tc', () => {
  it('shapes with tbf: rates in bits per second, times in milliseconds', () => {
    netlink.sync.qdiscAdd({ kind: 'tbf', link: 'v0', handle: '1:', rate: 1_000_000, burst: 10_240, latency: 50 });
    const [theirs] = shown();
    expect(theirs).toMatchObject({
      kind: 'tbf',
      handle: '1:',
      root: true,
      options: { rate: 125_000, burst: '10Kb/1', lat: 50_000 },
    });
    const [ours] = netlink.sync.qdiscList({ link: 'v0', kind: 'tbf' });
    expect(ours).toMatchObject({
      kind: 'tbf',
      handle: '1:',
      parent: 'root',
      rate: 1_000_000,
      burst: 10_240,
      latency: 50,
      limit: 16_490,
    });
  });

  it('agrees with tc on generated tbf settings, written by either', () => {
    fc.assert(
      fc.property(
        fc.record({
          rate: fc.integer({ min: 1000, max: 125_000_000 }).map((bytes) => bytes * 8),
          burst: fc.integer({ min: 1600, max: 1_000_000 }),
          latency: fc.integer({ min: 1, max: 1000 }),
          peak: fc.option(
            fc.record({ factor: fc.integer({ min: 2, max: 5 }), burst: fc.integer({ min: 1600, max: 9000 }) }),
            { nil: undefined },
          ),
          mpu: fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined }),
        }),
        ({ rate, burst, latency, peak, mpu }) => {
          // The bucket of tc ends at 32 bits of ticks.
          fc.pre((burst * 8) / rate < 200);
          clear();
          netlink.sync.qdiscReplace({
            kind: 'tbf',
            link: 'v0',
            handle: '7:',
            rate,
            burst,
            latency,
            ...(peak !== undefined && { peakRate: rate * peak.factor, peakBurst: peak.burst }),
            ...(mpu !== undefined && { minimumPacketUnit: mpu }),
          });
          const ours = read();
          const oursShown = shown();
          expect(ours).toMatchObject([{ kind: 'tbf', rate }]);
          // The kernel keeps how long the bucket lasts, in ticks of 64 ns.
          const [first] = ours as Partial<TbfAttributes>[];
          expect(Math.abs((first?.burst ?? 0) - burst)).toBeLessThanOrEqual(1 + rate / 8 / 15_625_000);
          clear();
          tc(
            `qdisc add dev v0 root handle 7: tbf rate ${rate}bit burst ${burst}b latency ${latency}ms${peak === undefined ? '' : ` peakrate ${rate * peak.factor}bit mtu ${peak.burst}`}${mpu === undefined ? '' : ` mpu ${mpu}`}`,
          );
          expect(read()).toEqual(ours);
          expect(shown()).toEqual(oursShown);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('refuses a tbf whose limit and latency do not agree, one that was read and edited too', () => {
    netlink.sync.qdiscReplace({ kind: 'tbf', link: 'v0', handle: '7:', rate: 8_000_000, burst: 20_000, latency: 50 });
    const [read] = netlink.sync.qdiscList({ link: 'v0', kind: 'tbf' });
    if (read?.kind !== 'tbf') throw new Error('there is no tbf');
    netlink.sync.qdiscReplace(read);
    expect(netlink.sync.qdiscList({ link: 'v0', kind: 'tbf' })[0]).toMatchObject({ limit: read.limit, latency: 50 });
    const refusal = /^a limit of 70000 bytes means a latency of 50 ms, not 90: leave out `limit` or `latency`$/;
    expect(() => netlink.sync.qdiscReplace({ ...read, latency: 90 })).toThrow(refusal);
    expect(() => netlink.sync.qdiscReplace({ ...read, limit: 90_000 })).toThrow(/means a latency of 70 ms, not 50/);
    expect(() => netlink.sync.qdiscReplace({ ...read, rate: 16_000_000 })).toThrow(/leave out `limit` or `latency`$/);
    netlink.sync.qdiscReplace({ ...read, latency: 90, limit: undefined });
    expect(netlink.sync.qdiscList({ link: 'v0', kind: 'tbf' })[0]).toMatchObject({ limit: 110_000, latency: 90 });
    // Whole bytes are as exact as they can agree.
    netlink.sync.qdiscReplace({ kind: 'tbf', link: 'v0', rate: 8_000_000, burst: 20_000, latency: 50, limit: 70_001 });
  });

  it('agrees with tc on rates beyond 32 bits', () => {
    netlink.sync.qdiscAdd({
      kind: 'tbf',
      link: 'v0',
      handle: '7:',
      rate: 80_000_000_000,
      burst: 1_000_000,
      latency: 1,
    });
    const ours = read();
    const oursShown = shown();
    expect(ours).toMatchObject([{ rate: 80_000_000_000 }]);
    expect(oursShown[0]?.options.rate).toBe(10_000_000_000);
    clear();
    tc('qdisc add dev v0 root handle 7: tbf rate 80gbit burst 1000000b latency 1ms');
    expect(shown()).toEqual(oursShown);
    expect(read()).toEqual(ours);
  });

  it('writes the other kinds that every kernel has', () => {
    netlink.sync.qdiscAdd({
      kind: 'htb',
      link: 'v0',
      handle: '2:',
      defaultClass: 0x30,
      rateToQuantum: 20,
      directQueueLength: 50,
    });
    netlink.sync.qdiscAdd({ kind: 'clsact', link: 'v0' });
    expect(shown()).toMatchObject([
      { kind: 'htb', handle: '2:', root: true, options: { r2q: 20, default: '0x30', direct_qlen: 50 } },
      { kind: 'clsact', handle: 'ffff:', parent: 'ffff:fff1' },
    ]);
    expect(read()).toMatchObject([
      {
        kind: 'htb',
        handle: '2:',
        parent: 'root',
        defaultClass: 0x30,
        rateToQuantum: 20,
        directQueueLength: 50,
        directPackets: 0,
      },
      { kind: 'clsact', handle: 'ffff:', parent: 'ingress' },
    ]);
    netlink.sync.qdiscDel({ kind: 'clsact', link: 'v0' });
    netlink.sync.qdiscAdd({ kind: 'ingress', link: 'v0' });
    netlink.sync.qdiscReplace({ kind: 'pfifo', link: 'v0', limit: 7 });
    expect(shown()).toMatchObject([{ kind: 'pfifo', root: true, options: { limit: 7 } }, { kind: 'ingress' }]);
    netlink.sync.qdiscReplace({ kind: 'bfifo', link: 'v0', limit: 70_000 });
    expect(shown()).toMatchObject([{ kind: 'bfifo', options: { limit: 70_000 } }, { kind: 'ingress' }]);
  });

  it('reads the kernel’s own, which have no handle', () => {
    expect(read()).toEqual([
      { kind: 'noqueue', handle: '0:', parent: 'root', ifindex: netlink.sync.linkByName('v0').index },
    ]);
    netlink.sync.qdiscAdd({ kind: 'pfifo_fast', link: 'v0' });
    expect(shown()[0]).toMatchObject({ kind: 'pfifo_fast', options: { bands: 3 } });
    expect(read()[0]).toMatchObject({
      kind: 'pfifo_fast',
      bands: 3,
      priomap: [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1],
    });
  });

  it('changes and replaces one, counts, and says what the kernel says', async () => {
    const { sync } = netlink;
    sync.qdiscAdd({ kind: 'pfifo', link: 'v0', handle: '5:', limit: 7 });
    expect(() => sync.qdiscAdd({ kind: 'pfifo', link: 'v0', handle: '5:', limit: 7 })).toThrow(
      /^cannot add qdisc pfifo at root of v0: .*\(EEXIST\)$/,
    );
    sync.qdiscChange({ kind: 'pfifo', link: 'v0', handle: '5:', limit: 9 });
    expect(read()).toMatchObject([{ handle: '5:', limit: 9 }]);
    sync.qdiscReplace({ kind: 'tbf', link: 'v0', handle: '6:', rate: 8_000_000, burst: 5000, limit: 10_000 });
    const [tbf] = await netlink.qdiscList('v0');
    expect(tbf).toMatchObject({ handle: '6:', limit: 10_000, statistics: { drops: 0, queuedPackets: 0 } });
    expect(tbf?.statistics?.bytes).toBeTypeOf('bigint');
    sync.qdiscDel({ link: 'v0' });
    expect(() => sync.qdiscDel({ link: 'v0' })).toThrow(/^cannot remove qdisc at root of v0: .*\(ENOENT\)$/);
    expect(() => sync.qdiscList('nolink')).toThrow(LinkNotFoundError);
  });
});

/** The `TCA_OPTIONS` that `tc` sends, whether the kernel takes them or not. */
function optionsOfTc(line: string): string {
  // strace itself has to be in the namespace: it asks there what kind of socket it sees.
  const { stderr } = spawnSync(
    'ip',
    ['netns', 'exec', namespace, 'strace', '-e', 'trace=sendmsg', '-xx', '-s', '65536', 'tc', ...line.split(' ')],
    { encoding: 'utf8' },
  );
  const match = /nla_type=(NLA_F_NESTED\|)?TCA_OPTIONS\}, "((?:\\x[0-9a-f]{2})*)"/.exec(stderr);
  return `${match?.[1] === undefined ? '' : 'nested '}${(match?.[2] ?? '').replaceAll('\\x', '')}`;
}

const NLA_TYPE_MASK = 0x3fff;
const TCA_OPTIONS = 2;

/** Ours. */
function optionsOf(spec: QdiscSpec): string {
  const request = operations.qdiscAdd(spec).single;
  if (request === undefined) throw new Error('a single request was expected');
  const message = Buffer.from(request.message);
  // struct nlmsghdr, struct tcmsg, then attributes.
  for (let at = 36; at < message.length; ) {
    const length = message.readUInt16LE(at);
    const type = message.readUInt16LE(at + 2);
    if ((type & NLA_TYPE_MASK) === TCA_OPTIONS)
      return `${type === TCA_OPTIONS ? '' : 'nested '}${message.subarray(at + 4, at + length).toString('hex')}`;
    at += (length + 3) & ~3;
  }
  return '';
}

describe('the options of queueing disciplines, byte for byte what tc sends', () => {
  it.each<[string, QdiscSpec]>([
    [
      'tbf rate 1mbit burst 10kb latency 50ms',
      { kind: 'tbf', ifindex: 1, rate: 1_000_000, burst: 10_240, latency: 50 },
    ],
    [
      'tbf rate 1mbit burst 10kb limit 20000',
      { kind: 'tbf', ifindex: 1, rate: 1_000_000, burst: 10_240, limit: 20_000 },
    ],
    [
      'tbf rate 8mbit burst 10kb latency 5ms peakrate 16mbit mtu 1600 mpu 64',
      {
        kind: 'tbf',
        ifindex: 1,
        rate: 8_000_000,
        burst: 10_240,
        latency: 5,
        peakRate: 16_000_000,
        peakBurst: 1600,
        minimumPacketUnit: 64,
      },
    ],
    // Not beyond 32 bits: there tc 6.1 computes the bucket, which the kernel ignores, with a rate cut off.
    ['netem delay 10ms', { kind: 'netem', ifindex: 1, latency: 10 }],
    [
      'netem delay 10ms 2ms 25% loss 1.5% 10% duplicate 2% reorder 5% 50% gap 5 corrupt 0.1% rate 1mbit 20 100 5 limit 200 ecn',
      {
        kind: 'netem',
        ifindex: 1,
        latency: 10,
        jitter: 2,
        latencyCorrelation: 25,
        loss: 1.5,
        lossCorrelation: 10,
        duplicate: 2,
        reorder: 5,
        reorderCorrelation: 50,
        gap: 5,
        corrupt: 0.1,
        rate: 1_000_000,
        packetOverhead: 20,
        cellSize: 100,
        cellOverhead: 5,
        limit: 200,
        ecn: true,
      },
    ],
    [
      'fq_codel limit 100 flows 16 quantum 300 interval 80ms target 4ms noecn ce_threshold 1ms memory_limit 1000000',
      {
        kind: 'fq_codel',
        ifindex: 1,
        limit: 100,
        flows: 16,
        quantum: 300,
        interval: 80,
        target: 4,
        ecn: false,
        ceThreshold: 1,
        memoryLimit: 1_000_000,
      },
    ],
    [
      'codel limit 100 target 4ms interval 30ms ecn',
      { kind: 'codel', ifindex: 1, limit: 100, target: 4, interval: 30, ecn: true },
    ],
    [
      'htb default 10 r2q 20 direct_qlen 50',
      { kind: 'htb', ifindex: 1, defaultClass: 0x10, rateToQuantum: 20, directQueueLength: 50 },
    ],
    ['pfifo limit 7', { kind: 'pfifo', ifindex: 1, limit: 7 }],
    [
      'netem delay 10ms loss gemodel 1% 10% 60% 0.1%',
      { kind: 'netem', ifindex: 1, latency: 10, lossModel: { type: 'gemodel', p: 1, r: 10, h: 40, k1: 0.1 } },
    ],
    [
      'netem loss state 5% 10% 20% 1% 2%',
      { kind: 'netem', ifindex: 1, lossModel: { type: 'state', p13: 5, p31: 10, p32: 20, p23: 1, p14: 2 } },
    ],
    [
      'netem delay 10ms rate 1mbit slot 2ms 4ms packets 10 bytes 3000',
      {
        kind: 'netem',
        ifindex: 1,
        latency: 10,
        rate: 1_000_000,
        slot: { minDelay: 2, maxDelay: 4, maxPackets: 10, maxBytes: 3000 },
      },
    ],
    [
      'netem delay 10ms 2ms distribution normal',
      { kind: 'netem', ifindex: 1, latency: 10, jitter: 2, distribution: 'normal' },
    ],
    [
      'netem delay 10ms 2ms distribution pareto rate 1mbit slot distribution paretonormal 5ms 1ms packets 10',
      {
        kind: 'netem',
        ifindex: 1,
        latency: 10,
        jitter: 2,
        distribution: 'pareto',
        rate: 1_000_000,
        slot: { distribution: 'paretonormal', distributionDelay: 5, distributionJitter: 1, maxPackets: 10 },
      },
    ],
    [
      'sfq perturb 10 quantum 2000 limit 100 divisor 512 flows 64 depth 20 headdrop',
      {
        kind: 'sfq',
        ifindex: 1,
        perturb: 10,
        quantum: 2000,
        limit: 100,
        divisor: 512,
        flows: 64,
        depth: 20,
        headDrop: true,
      },
    ],
    [
      'fq limit 500 flow_limit 50 buckets 256 quantum 3000 initial_quantum 9000 nopacing maxrate 8mbit low_rate_threshold 800kbit refill_delay 40ms orphan_mask 511 ce_threshold 4ms timer_slack 20us horizon 5s horizon_drop',
      {
        kind: 'fq',
        ifindex: 1,
        limit: 500,
        flowLimit: 50,
        buckets: 256,
        quantum: 3000,
        initialQuantum: 9000,
        pacing: false,
        maxRate: 8_000_000,
        lowRateThreshold: 800_000,
        refillDelay: 40,
        orphanMask: 511,
        ceThreshold: 4,
        timerSlack: 0.02,
        horizon: 5000,
        horizonDrop: true,
      },
    ],
    ['clsact', { kind: 'clsact', ifindex: 1 }],
    ['drr', { kind: 'drr', ifindex: 1 }],
    ['qfq', { kind: 'qfq', ifindex: 1 }],
    ['pie', { kind: 'pie', ifindex: 1 }],
    [
      'pie limit 100 target 20ms tupdate 30ms alpha 2 beta 20 ecn bytemode dq_rate_estimator',
      {
        kind: 'pie',
        ifindex: 1,
        limit: 100,
        target: 20,
        updateInterval: 30,
        alpha: 2,
        beta: 20,
        ecn: true,
        byteMode: true,
        dequeueRateEstimator: true,
      },
    ],
    [
      'fq_pie limit 1000 flows 64 target 20ms tupdate 30ms alpha 2 beta 20 quantum 1600 memory_limit 1000000 ecn_prob 20 ecn bytemode dq_rate_estimator',
      {
        kind: 'fq_pie',
        ifindex: 1,
        limit: 1000,
        flows: 64,
        target: 20,
        updateInterval: 30,
        alpha: 2,
        beta: 20,
        quantum: 1600,
        memoryLimit: 1_000_000,
        ecnProbability: 20,
        ecn: true,
        byteMode: true,
        dequeueRateEstimator: true,
      },
    ],
    [
      'hhf limit 100 quantum 2000 hh_limit 50 reset_timeout 10ms admit_bytes 1000 evict_timeout 20ms non_hh_weight 3',
      {
        kind: 'hhf',
        ifindex: 1,
        limit: 100,
        quantum: 2000,
        heavyFlowsLimit: 50,
        resetTimeout: 10,
        admitBytes: 1000,
        evictTimeout: 20,
        lightWeight: 3,
      },
    ],
    [
      'ets bands 4 strict 2 quanta 3000 2000 priomap 0 1 2 3',
      { kind: 'ets', ifindex: 1, bands: 4, strict: 2, quanta: [3000, 2000], priomap: [0, 1, 2, 3] },
    ],
    [
      'cbs hicredit 30 locredit -1470 sendslope -980000 idleslope 20000 offload 1',
      {
        kind: 'cbs',
        ifindex: 1,
        hiCredit: 30,
        loCredit: -1470,
        sendSlope: -980_000_000,
        idleSlope: 20_000_000,
        offload: true,
      },
    ],
    [
      'etf delta 200000 clockid CLOCK_TAI offload deadline_mode skip_sock_check',
      { kind: 'etf', ifindex: 1, delta: 0.2, clockid: 'tai', offload: true, deadlineMode: true, skipSockCheck: true },
    ],
    ['etf clockid CLOCK_TAI', { kind: 'etf', ifindex: 1 }],
    ['skbprio limit 100', { kind: 'skbprio', ifindex: 1, limit: 100 }],
    ['skbprio', { kind: 'skbprio', ifindex: 1 }],
    ['plug limit 1000', { kind: 'plug', ifindex: 1, limit: 1000 }],
    ['plug', { kind: 'plug', ifindex: 1 }],
    ['plug block', { kind: 'plug', ifindex: 1, action: 'buffer' }],
    ['plug release', { kind: 'plug', ifindex: 1, action: 'release_one' }],
    ['plug release_indefinite', { kind: 'plug', ifindex: 1, action: 'release_indefinite' }],
    [
      'mqprio num_tc 2 map 0 0 1 1 queues 1@0 3@1 hw 0',
      {
        kind: 'mqprio',
        ifindex: 1,
        priomap: [0, 0, 1, 1],
        queues: [
          { count: 1, offset: 0 },
          { count: 3, offset: 1 },
        ],
      },
    ],
    [
      'mqprio num_tc 2 map 0 0 1 1 queues 1@0 1@1 hw 1 mode channel shaper bw_rlimit min_rate 1Gbit 2Gbit max_rate 4Gbit 5Gbit',
      {
        kind: 'mqprio',
        ifindex: 1,
        trafficClasses: 2,
        priomap: [0, 0, 1, 1],
        queues: [
          { count: 1, offset: 0 },
          { count: 1, offset: 1 },
        ],
        hardware: true,
        mode: 'channel',
        shaper: 'bw_rlimit',
        // tc sends all sixteen.
        minRates: [1e9, 2e9, ...new Array<number>(14).fill(0)],
        maxRates: [4e9, 5e9, ...new Array<number>(14).fill(0)],
      },
    ],
    [
      'taprio num_tc 2 map 0 0 1 1 queues 1@0 1@1 base-time 1000 sched-entry S 01 300000 sched-entry S 03 300001 sched-entry S 00 7 cycle-time 500000 cycle-time-extension 7 flags 0x1 txtime-delay 200000 clockid CLOCK_TAI',
      {
        kind: 'taprio',
        ifindex: 1,
        priomap: [0, 0, 1, 1],
        queues: [
          { count: 1, offset: 0 },
          { count: 1, offset: 1 },
        ],
        baseTime: 1000n,
        entries: [
          { gates: 1, interval: 0.3 },
          { gates: 3, interval: 0.300001, command: 'set' },
          { gates: 0, interval: 0.000007 },
        ],
        cycleTime: 0.5,
        cycleTimeExtension: 0.000007,
        flags: ['txtime-assist'],
        txtimeDelay: 0.2,
        clockid: 'tai',
      },
    ],
    ['ets strict 1 quanta 3000 2000', { kind: 'ets', ifindex: 1, strict: 1, quanta: [3000, 2000] }],
    ['red limit 400000 avpkt 1000', { kind: 'red', ifindex: 1, limit: 400_000 }],
    [
      'red limit 400000 min 30000 max 90000 avpkt 1500 burst 40 ecn harddrop adaptive bandwidth 100mbit probability 0.1',
      {
        kind: 'red',
        ifindex: 1,
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
      },
    ],
    [
      'red limit 60000 avpkt 800 ecn nodrop',
      { kind: 'red', ifindex: 1, limit: 60_000, averagePacket: 800, ecn: true, noDrop: true },
    ],
    ['cake bandwidth 8mbit', { kind: 'cake', ifindex: 1, bandwidth: 8_000_000, autorateIngress: false }],
    [
      'cake unlimited raw',
      {
        kind: 'cake',
        ifindex: 1,
        bandwidth: Number.POSITIVE_INFINITY,
        linklayer: 'none',
        overhead: 0,
        raw: true,
        autorateIngress: false,
      },
    ],
    [
      'cake bandwidth 8mbit besteffort dual-srchost nat wash ack-filter ingress no-split-gso rtt 50ms memlimit 1000000 overhead 18 mpu 64 atm fwmark 0xff',
      {
        kind: 'cake',
        ifindex: 1,
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
    ],
  ])('%s', (line, spec) => {
    expect(optionsOf(spec)).toBe(optionsOfTc(`qdisc add dev v1 ${spec.kind === 'clsact' ? '' : 'root '}${line}`));
  });
});

it('the options of hfsc are what tc sends, in a whole word', () => {
  const options = optionsOf({ kind: 'hfsc', ifindex: 1, defaultClass: 0x1a });
  expect(options).toBe(`${optionsOfTc('qdisc add dev v1 root hfsc default 1a')}0000`);
});

it('the counters of a cake are read, of the whole and of each tin', () => {
  const attribute = (type: number, ...values: Uint8Array[]): Uint8Array => {
    const value = Buffer.concat(values);
    const header = Buffer.alloc(4);
    header.writeUInt16LE(value.length + 4, 0);
    header.writeUInt16LE(type, 2);
    return Buffer.concat([header, value, Buffer.alloc(-value.length & 3)]);
  };
  const u32 = (value: number): Uint8Array => Uint8Array.from(Buffer.from(Uint32Array.of(value).buffer));
  const u64 = (value: bigint): Uint8Array => Uint8Array.from(Buffer.from(BigUint64Array.of(value).buffer));
  const [TCA_KIND, TCA_STATS2, TCA_STATS_APP] = [1, 7, 4];
  const [CAPACITY, MEMORY_LIMIT, MEMORY_USED, TIN_STATS] = [2, 3, 4, 10];
  const [SENT_PACKETS, SENT_BYTES, THRESHOLD_RATE, TARGET_US, FLOW_QUANTUM] = [2, 3, 12, 13, 25];
  const tin = [
    attribute(SENT_PACKETS, u32(7)),
    attribute(SENT_BYTES, u64(5_000_000_000n)),
    attribute(THRESHOLD_RATE, u64(1_000_000n)),
    attribute(TARGET_US, u32(5000)),
    attribute(FLOW_QUANTUM, u32(300)),
  ];
  const message = Buffer.concat([
    Buffer.alloc(36),
    attribute(TCA_KIND, Buffer.from('cake\0')),
    attribute(
      TCA_STATS2,
      attribute(
        TCA_STATS_APP,
        attribute(CAPACITY, u64(125_000n)),
        attribute(MEMORY_LIMIT, u32(4_194_304)),
        attribute(MEMORY_USED, u32(8)),
        attribute(TIN_STATS, attribute(1, ...tin), attribute(2, attribute(SENT_PACKETS, u32(9)))),
      ),
    ),
  ]);
  const read = readQdisc(MessageBytes.from(Uint8Array.from(message)), 16, message.length);
  expect(read?.kind === 'cake' && read.statistics?.kind).toEqual({
    capacityEstimate: 1_000_000,
    memoryLimit: 4_194_304,
    memoryUsed: 8,
    tins: [
      { sentPackets: 7, sentBytes: 5_000_000_000n, thresholdRate: 8_000_000, target: 5, flowQuantum: 300 },
      { sentPackets: 9 },
    ],
  });
  expect(JSON.stringify(read)).toContain('"sentBytes":5000000000');
});

describe('the distribution of delays', () => {
  const netem = { kind: 'netem', ifindex: 1, latency: 10, jitter: 2 } as const;

  it("needs no table where it is 'uniform'", () => {
    expect(optionsOf({ ...netem, distribution: 'uniform' })).toBe(optionsOf(netem));
  });

  it('is a table of numbers of 16 bits, as an array of either kind', () => {
    const table = [-8192, 0, 8191, 32_767];
    const TCA_NETEM_DELAY_DIST = '0c000200';
    const expected = `${optionsOf(netem)}${TCA_NETEM_DELAY_DIST}00e00000ff1fff7f`;
    expect(optionsOf({ ...netem, distribution: table })).toBe(expected);
    expect(optionsOf({ ...netem, distribution: Int16Array.from(table) })).toBe(expected);
  });

  it('is read from the folder that TC_LIB_DIR names', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'tc-'));
    writeFileSync(path.join(folder, 'own.dist'), '# a comment, 7\n -1 2\n3\n');
    vi.stubEnv('TC_LIB_DIR', folder);
    try {
      expect(optionsOf({ ...netem, distribution: 'own' })).toBe(optionsOf({ ...netem, distribution: [-1, 2, 3] }));
      expect(() => optionsOf({ ...netem, distribution: 'normal' })).toThrow(
        `there is no readable normal.dist in ${folder}`,
      );
    } finally {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true });
    }
  });
});

describe('queueing disciplines that were read', () => {
  it('are given back as they were: read, deleted, added as read, and read again', () => {
    const settings = fc.oneof(
      fc
        .record({
          rate: fc.integer({ min: 1000, max: 125_000_000 }),
          burst: fc.integer({ min: 1600, max: 100_000 }),
          latency: fc.integer({ min: 1, max: 1000 }),
          overhead: fc.integer({ min: 0, max: 60 }),
          peak: fc.option(fc.integer({ min: 1600, max: 9000 }), { nil: undefined }),
          more: fc.subarray([' mpu 64', ' linklayer atm']),
        })
        .filter(({ rate, burst }) => burst / rate < 200)
        .map(
          ({ rate, burst, latency, overhead, peak, more }) =>
            `tbf rate ${rate}bps burst ${burst} latency ${latency}ms overhead ${overhead}${peak === undefined ? '' : ` peakrate ${rate * 2}bps mtu ${peak}`}${more.join('')}`,
        ),
      fc
        .record({ rate: fc.integer({ min: 1000, max: 125_000_000 }), limit: fc.integer({ min: 3000, max: 1_000_000 }) })
        .map(({ rate, limit }) => `tbf rate ${rate}bps burst 2000 limit ${limit}`),
      fc
        .record({
          minor: fc.integer({ min: 0, max: 0xffff }),
          r2q: fc.integer({ min: 1, max: 1000 }),
          queue: fc.integer({ min: 1, max: 10_000 }),
        })
        .map(({ minor, r2q, queue }) => `htb default ${minor.toString(16)} r2q ${r2q} direct_qlen ${queue}`),
      fc.integer({ min: 1, max: 100_000 }).map((limit) => `pfifo limit ${limit}`),
      fc.integer({ min: 1, max: 1_000_000 }).map((limit) => `bfifo limit ${limit}`),
    );
    const sizeTables = fc.constantFrom(
      '',
      'stab overhead 20 ',
      'stab overhead -4 linklayer atm ',
      'stab linklayer ethernet mpu 64 mtu 200000 tsize 16 ',
    );
    fc.assert(
      fc.property(settings, sizeTables, (line, sizeTable) => {
        clear();
        tc(`qdisc add dev v0 root handle 9: ${sizeTable}${line}`);
        const before = shown();
        const [first] = read();
        if (first === undefined) throw new Error('there is a queueing discipline');
        netlink.sync.qdiscDel(first);
        netlink.sync.qdiscAdd(first as QdiscSpec);
        expect(read()).toEqual([first]);
        expect(shown()).toEqual(before);
      }),
      { numRuns: 40 },
    );
  });

  it('are given back with the blocks of filters that they share', () => {
    for (const [line, kind] of [
      ['ingress_block 7 ingress', 'ingress'],
      ['ingress_block 7 egress_block 9 clsact', 'clsact'],
    ]) {
      tc(`qdisc add dev v0 ${line}`);
      const before = shown();
      const [first] = read().filter((qdisc) => qdisc.kind === kind);
      if (first === undefined) throw new Error('there is a queueing discipline');
      netlink.sync.qdiscDel(first);
      netlink.sync.qdiscAdd(first as QdiscSpec);
      expect(shown()).toEqual(before);
      netlink.sync.qdiscDel(first);
    }
    expect(() => operations.qdiscAdd({ kind: 'pfifo', ifindex: 1, ingressBlock: 7 })).toThrow(
      'ingressBlock is for ingress and clsact: a pfifo has none',
    );
    expect(() => operations.qdiscAdd({ kind: 'ingress', ifindex: 1, egressBlock: 7 })).toThrow(
      'egressBlock is for clsact',
    );
  });

  it('are written as they were, whatever their kind: no setting is lost', () => {
    const int = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });
    const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
      fc.option(arbitrary, { nil: undefined });
    const percent = int(20).map((fifths) => fifths * 5);
    const kinds = fc.oneof(
      fc.record({
        kind: fc.constant('netem'),
        latency: fc.integer({ min: 1, max: 1000 }),
        jitter: int(100),
        duplicate: percent,
        gap: int(5),
        limit: int(10_000),
        lossModel: maybe(
          fc.oneof(
            fc.record({ type: fc.constant('gemodel'), p: percent, r: percent, h: percent, k1: percent }),
            fc.record({
              type: fc.constant('state'),
              p13: percent,
              p31: percent,
              p32: percent,
              p14: percent,
              p23: percent,
            }),
          ),
        ),
        slot: maybe(
          fc.oneof(
            fc.record({
              minDelay: fc.constant(2),
              maxDelay: fc.integer({ min: 2, max: 9 }),
              maxPackets: fc.integer({ min: 1, max: 9 }),
            }),
            fc.record({ distributionDelay: fc.integer({ min: 1, max: 9 }), distributionJitter: int(9) }),
          ),
        ),
      }),
      fc.record({
        kind: fc.constant('sfq'),
        quantum: int(9000),
        perturb: int(60),
        limit: int(127),
        divisor: int(1024),
        flows: int(127),
        depth: int(127),
        headDrop: fc.boolean(),
        red: maybe(
          fc.record({
            min: fc.integer({ min: 1, max: 9000 }),
            max: int(90_000),
            maxProbability: int(0xffffffff),
            wlog: int(31),
            plog: int(31),
            scellLog: int(31),
            ecn: fc.boolean(),
            hardDrop: fc.boolean(),
          }),
        ),
      }),
      fc.record({
        kind: fc.constant('fq'),
        buckets: int(10).map((log) => 2 ** log),
        limit: int(10_000),
        maxRate: fc.oneof(
          fc.constant(Number.POSITIVE_INFINITY),
          int(1000).map((bytes) => bytes * 8),
        ),
        ceThreshold: maybe(int(1000)),
        timerSlack: int(100).map((microseconds) => microseconds / 1000),
        priomap: fc.array(int(2), { minLength: 16, maxLength: 16 }),
        weights: fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 3, maxLength: 3 }),
        offloadHorizon: int(1000),
      }),
      fc.record({
        kind: fc.constant('fq_codel'),
        ceThresholdSelector: int(255),
        ceThresholdMask: int(255),
        ecn: fc.boolean(),
      }),
      fc.record({
        kind: fc.constant('htb'),
        defaultClass: int(0xffff),
        rateToQuantum: fc.integer({ min: 1, max: 99 }),
        directPackets: fc.constant(0),
        offload: maybe(fc.constant(true)),
      }),
    );
    fc.assert(
      fc.property(kinds, (settings) => {
        const spec = JSON.parse(
          JSON.stringify({ ...settings, ifindex: 3, handle: '7:', parent: 'root' }),
          (key, value: unknown) => (key === 'maxRate' && value === null ? Number.POSITIVE_INFINITY : value),
        ) as QdiscSpec;
        const message = operations.qdiscAdd(spec).single?.message ?? new Uint8Array(0);
        const { references: _references, ...qdisc } = readQdisc(MessageBytes.from(message), 16, message.length) ?? {};
        expect(qdisc).toMatchObject(spec);
        expect(operations.qdiscAdd(qdisc as QdiscSpec).single?.message).toEqual(message);
      }),
    );
  });
});

describe('schedules and queues that were read', () => {
  const u = (bits: number, min = 0): fc.Arbitrary<number> => fc.integer({ min, max: 2 ** bits - 1 });
  const map = u(4, 1).chain((trafficClasses) =>
    fc.record({
      trafficClasses: fc.constant(trafficClasses),
      priomap: fc.array(
        u(4).map((each) => each % trafficClasses),
        { minLength: 16, maxLength: 16 },
      ),
      queues: fc.array(fc.record({ count: u(16), offset: u(16) }), {
        minLength: trafficClasses,
        maxLength: trafficClasses,
      }),
    }),
  );
  const rates = fc.array(
    u(40).map((bytes) => bytes * 8),
    { minLength: 1, maxLength: 4 },
  );
  const some = <T extends object>(of: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(of, { requiredKeys: [] });
  const i32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  it.each<[string, fc.Arbitrary<object>]>([
    [
      'cbs',
      fc.record({
        hiCredit: i32,
        loCredit: i32,
        idleSlope: i32.map((kilobits) => kilobits * 1000),
        sendSlope: i32.map((kilobits) => kilobits * 1000),
        offload: fc.boolean(),
      }),
    ],
    [
      'etf',
      fc.record({
        delta: u(31).map((ns) => ns / 1e6),
        clockid: fc.constantFrom('tai', 'monotonic', 5),
        deadlineMode: fc.boolean(),
        offload: fc.boolean(),
        skipSockCheck: fc.boolean(),
      }),
    ],
    [
      'mqprio',
      fc
        .tuple(
          map,
          fc.record({ hardware: fc.boolean() }),
          some({
            mode: fc.constantFrom('dcb', 'channel', 7),
            shaper: fc.constantFrom('dcb', 'bw_rlimit'),
            minRates: rates,
            maxRates: rates,
          }),
        )
        .map((parts) => Object.assign({}, ...parts) as object),
    ],
    [
      'taprio',
      fc
        .tuple(
          map,
          fc.record({
            entries: fc.array(
              fc.record({
                gates: u(32),
                interval: u(32).map((ns) => ns / 1e6),
                command: fc.constantFrom('set', 'hold', 'release', 9),
              }),
              { minLength: 1, maxLength: 4 },
            ),
          }),
          some({
            clockid: fc.constantFrom('realtime', 'monotonic', 'boottime', 'tai'),
            baseTime: fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }),
            cycleTime: fc.integer({ min: 0, max: 2 ** 51 }).map((ns) => ns / 1e6),
            cycleTimeExtension: u(40).map((ns) => ns / 1e6),
            flags: fc.constantFrom([], ['txtime-assist'], ['full-offload', 8]),
            txtimeDelay: u(32).map((ns) => ns / 1e6),
            classes: fc.array(fc.record({ index: u(4), maxSdu: u(16) }), { minLength: 1, maxLength: 3 }),
          }),
        )
        .map((parts) => Object.assign({}, ...parts) as object),
    ],
  ])('are written as they were: %s', (kind, settings) => {
    fc.assert(
      fc.property(settings, (of) => {
        const spec = { kind, ifindex: 3, handle: '7:', parent: 'root', ...of } as QdiscSpec;
        const message = operations.qdiscAdd(spec).single?.message ?? new Uint8Array(0);
        const { references: _references, ...qdisc } = readQdisc(MessageBytes.from(message), 16, message.length) ?? {};
        expect(qdisc).toEqual(spec);
        expect(operations.qdiscAdd(qdisc as QdiscSpec).single?.message).toEqual(message);
      }),
    );
  });

  it('have the schedule that follows, or that alone until it begins', () => {
    const schedule = [
      attr.u64(3, 7n),
      attr.nested(2, [attr.nested(1, [attr.u8(2, 0), attr.u32(3, 5), attr.u32(4, 1_000_000)])]),
    ];
    const following = { baseTime: 7n, entries: [{ gates: 5, interval: 1, command: 'set' }] };
    const told = (attributes: AttributeSpec[]) => {
      const { data } = attr.nested(1, [attr.string(1, 'taprio'), attr.nested(2, attributes)]);
      const message = Buffer.concat([Buffer.alloc(36), data]);
      const read = readQdisc(MessageBytes.from(Uint8Array.from(message)), 16, message.length);
      expect(JSON.parse(JSON.stringify(read))).toMatchObject({ kind: 'taprio' });
      return read;
    };
    expect(told([attr.nested(7, schedule)])).toMatchObject(following);
    expect(told([attr.nested(7, schedule)])).not.toHaveProperty('admin');
    const own = [attr.nested(2, [attr.nested(1, [attr.u32(3, 1), attr.u32(4, 500_000)])])];
    expect(told([...own, attr.nested(7, schedule)])).toMatchObject({
      entries: [{ gates: 1, interval: 0.5 }],
      admin: following,
    });
  });
});

describe('queueing disciplines that cannot be', () => {
  const schedule = { kind: 'taprio', ifindex: 1, entries: [{ gates: 1, interval: 1 }] } as const;
  it.each<[string, QdiscSpec, RegExp]>([
    ['a cbs without its numbers', { kind: 'cbs', ifindex: 1, hiCredit: 3 }, /^cbs needs `hiCredit`, `loCredit`,/],
    [
      'a slope of half a kilobit',
      { kind: 'cbs', ifindex: 1, hiCredit: 3, loCredit: -3, idleSlope: 500, sendSlope: -1000 },
      /^idleSlope must be bits per second, whole kilobits, got 500$/,
    ],
    ['an etf of no clock', { kind: 'etf', ifindex: 1, clockid: 'utc' as 'tai' }, /^clockid must be one of realtime,/],
    ['an etf of the past', { kind: 'etf', ifindex: 1, delta: -1 }, /^delta must be a number from 0 to/],
    [
      'a plug of two things',
      { kind: 'plug', ifindex: 1, action: 'buffer', limit: 5 },
      /^limit and action exclude each other/,
    ],
    [
      'a plug of another action',
      { kind: 'plug', ifindex: 1, action: 'pull' as 'buffer' },
      /^action must be one of buffer, release_one, release_indefinite/,
    ],
    [
      'an mqprio without queues',
      { kind: 'mqprio', ifindex: 1 },
      /^trafficClasses must be from 1 to 16, or follow from/,
    ],
    [
      'a priority of a class that is none',
      { kind: 'mqprio', ifindex: 1, queues: [{ count: 1, offset: 0 }], priomap: [1] },
      /^priomap\[0\] must be an integer from 0 to 0, got 1$/,
    ],
    [
      'more queues than classes',
      { kind: 'mqprio', ifindex: 1, trafficClasses: 1, queues: new Array(2).fill({ count: 1, offset: 0 }) },
      /^queues must be an array of at most 1 ranges: one for each traffic class/,
    ],
    [
      'queues without a begin',
      { kind: 'mqprio', ifindex: 1, queues: [{ count: 1 } as { count: 1; offset: 0 }] },
      /^queues\[0\] needs `offset`$/,
    ],
    [
      'rates of more than all',
      { kind: 'mqprio', ifindex: 1, queues: [{ count: 1, offset: 0 }], minRates: [-1] },
      /^minRates\[0\] must be a number from 0 to .* bits per second, got -1$/,
    ],
    ['a taprio without a schedule', { kind: 'taprio', ifindex: 1 }, /^taprio needs `entries`: an array of \{ gates, /],
    [
      'an entry without a time',
      { kind: 'taprio', ifindex: 1, entries: [{ gates: 1 } as { gates: 1; interval: 1 }] },
      /^entries\[0\] needs `interval`$/,
    ],
    [
      'an entry of another command',
      { ...schedule, entries: [{ gates: 1, interval: 1, command: 'open' as 'set' }] },
      /^entries\[0\]\.command must be one of set, hold, release, got 'open'$/,
    ],
    [
      'flags that are none',
      { ...schedule, flags: ['fast' as 'full-offload'] },
      /^flags must be an array of txtime-assist/,
    ],
    [
      'a base time in numbers',
      { ...schedule, baseTime: 5 as unknown as bigint },
      /^baseTime must be nanoseconds as a big/,
    ],
    ['a class without its number', { ...schedule, classes: [{ maxSdu: 3 } as never] }, /^classes\[0\] needs `index`$/],
    ['a kind that is none', { kind: 'turbo' as 'tbf', ifindex: 1 }, /kind must be one of bfifo, .*, got 'turbo'/],
    ['no link', { kind: 'pfifo' }, /needs a link/],
    ['tbf without a rate', { kind: 'tbf', ifindex: 1 }, /needs a `rate`/],
    [
      'tbf without an end to its queue',
      { kind: 'tbf', ifindex: 1, rate: 1000, burst: 5000 },
      /needs a `latency` in milliseconds, or a `limit`/,
    ],
    [
      'a rate of nothing',
      { kind: 'tbf', ifindex: 1, rate: 0, burst: 5000, latency: 1 },
      /rate must be a number from 8/,
    ],
    ['a burst of years', { kind: 'tbf', ifindex: 1, rate: 8, burst: 0xffffffff, latency: 1 }, /lasts too long/],
    [
      'a peak rate without its burst',
      { kind: 'tbf', ifindex: 1, rate: 8000, burst: 5000, latency: 1, peakRate: 16_000 },
      /needs a `peakBurst`/,
    ],
    ['a loss of more than all', { kind: 'netem', ifindex: 1, loss: 101 }, /loss/],
    ['a latency below 0', { kind: 'netem', ifindex: 1, latency: -1 }, /latency/],
    [
      'a distribution without jitter',
      { kind: 'netem', ifindex: 1, latency: 10, distribution: [1, -1] },
      /distribution spreads delays around `latency`, by `jitter`: it needs both/,
    ],
    [
      'a distribution that iproute2 does not have',
      { kind: 'netem', ifindex: 1, latency: 10, jitter: 1, distribution: 'noraml' },
      /distribution 'noraml' is a table of iproute2, and there is no readable noraml\.dist in .*: install iproute2/,
    ],
    [
      'a distribution from another folder',
      { kind: 'netem', ifindex: 1, latency: 10, jitter: 1, distribution: '../normal' },
      /distribution must be the name of a table of iproute2/,
    ],
    [
      'a distribution of numbers that are too large',
      { kind: 'netem', ifindex: 1, latency: 10, jitter: 1, distribution: [32_768] },
      /distribution must have 1 to 16384 whole numbers from -32768 to 32767/,
    ],
    [
      'a distribution of slots without their times',
      { kind: 'netem', ifindex: 1, slot: { distribution: Int16Array.of(1) } },
      /slot\.distribution spreads the times between slots/,
    ],
    ['overtaking without delay', { kind: 'netem', ifindex: 1, reorder: 5 }, /`reorder` needs a `latency`/],
    ['the handle of a class', { kind: 'pfifo', ifindex: 1, handle: '1:1' }, /handle '1:1' is that of a class/],
    ['a handle that is none', { kind: 'pfifo', ifindex: 1, handle: 'one' }, /handle must be a handle as tc writes it/],
    [
      'a band beyond the bands',
      { kind: 'prio', ifindex: 1, bands: 2, priomap: Array.from({ length: 16 }, () => 2) },
      /priomap must be an array of 16 bands from 0 to/,
    ],
    ['a generic one without a name', { kind: 'generic', ifindex: 1 }, /needs its `kernelKind`/],
  ])('refuses %s before anything is sent', (_what, spec, message) => {
    expect(() => operations.qdiscAdd(spec)).toThrow(message);
    const { ifindex, ...rest } = spec;
    if (ifindex !== undefined) expect(() => operations.qdiscAdd({ ...rest, link: 'v0' } as QdiscSpec)).toThrow(message);
  });

  it('reads handles as it writes them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (handle) => parseHandle(formatHandle(handle)) === handle),
    );
  });

  it('reads whatever comes without throwing', () => {
    const kinds = [
      'netem',
      'tbf',
      'htb',
      'fq_codel',
      'fq',
      'sfq',
      'prio',
      'pfifo',
      'multiq',
      'codel',
      'else',
      '__proto__',
      'generic',
    ];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 160 }), fc.constantFrom(...kinds), (noise, kind) => {
        const name = Buffer.from(`${kind}\0`);
        const size = (4 + name.length + 3) & ~3;
        const message = Buffer.alloc(20 + size + 4 + noise.length);
        message.writeUInt16LE(4 + name.length, 20);
        message.writeUInt16LE(1, 22);
        name.copy(message, 24);
        message.writeUInt16LE(4 + noise.length, 20 + size);
        message.writeUInt16LE(2, 22 + size);
        Buffer.from(noise).copy(message, 24 + size);
        const qdisc = readQdisc(MessageBytes.from(message), 0, message.length);
        expect(qdisc?.kind).toBeTypeOf('string');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('queueing disciplines', () => {
  it('with a rate estimator, whose settings the kernel does not tell, are given back with these alone', () => {
    tc('qdisc add dev v0 root handle 7: estimator 1sec 8sec pfifo limit 9');
    const [qdisc] = netlink.sync.qdiscList('v0');
    if (qdisc === undefined) throw new Error('there is a qdisc');
    expect(qdisc.statistics?.rateEstimate).toEqual({ bytesPerSecond: 0, packetsPerSecond: 0 });
    netlink.sync.qdiscDel(qdisc);
    expect(() => netlink.sync.qdiscAdd(qdisc)).toThrow('rateEstimator must be given');
    netlink.sync.qdiscAdd({ ...qdisc, rateEstimator: { interval: 1, timeConstant: 8 } });
    netlink.sync.qdiscChange({ ...qdisc, limit: 10 } as QdiscSpec);
    expect(netlink.sync.qdiscList('v0')[0]?.statistics?.rateEstimate).toBeDefined();
    netlink.sync.qdiscDel(qdisc);
    const { statistics: _, ...settings } = qdisc;
    netlink.sync.qdiscAdd(settings);
    expect(netlink.sync.qdiscList('v0')[0]?.statistics?.rateEstimate).toBeUndefined();
    for (const estimator of [
      { interval: 3, timeConstant: 8 },
      { interval: 1, timeConstant: 1 },
    ])
      expect(() => operations.qdiscAdd({ kind: 'pfifo', ifindex: 3, rateEstimator: estimator })).toThrow(
        /rateEstimator\.(interval|timeConstant) must be/,
      );
  });
});
