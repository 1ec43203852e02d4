import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { LinkNotFoundError, Netlink, type Qdisc, type QdiscSpec, type TbfAttributes } from 'netlink-links';
import * as operations from 'netlink-links/operations';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
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

  it('agrees with tc on generated tbf settings, whoever wrote them', () => {
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
    ['netns', 'exec', namespace, 'strace', '-e', 'trace=sendmsg', '-xx', '-s', '8192', 'tc', ...line.split(' ')],
    { encoding: 'utf8' },
  );
  const match = /nla_type=TCA_OPTIONS\}, "((?:\\x[0-9a-f]{2})*)"/.exec(stderr);
  return (match?.[1] ?? '').replaceAll('\\x', '');
}

/** Ours. */
function optionsOf(spec: QdiscSpec): string {
  const request = operations.qdiscAdd(spec).single;
  if (request === undefined) throw new Error('a single request was expected');
  const message = Buffer.from(request.message);
  // struct nlmsghdr, struct tcmsg, then attributes.
  for (let at = 36; at < message.length; ) {
    const length = message.readUInt16LE(at);
    if (message.readUInt16LE(at + 2) === 2) return message.subarray(at + 4, at + length).toString('hex');
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
    ['clsact', { kind: 'clsact', ifindex: 1 }],
  ])('%s', (line, spec) => {
    expect(optionsOf(spec)).toBe(optionsOfTc(`qdisc add dev v1 ${spec.kind === 'clsact' ? '' : 'root '}${line}`));
  });
});

describe('queueing disciplines that can not be', () => {
  it.each<[string, QdiscSpec, RegExp]>([
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
