import fc from 'fast-check';
import { Netlink, type TrafficClass, type TrafficClassSpec } from 'netlink-links';
import { classAdd, classChange, classDel, classReplace } from 'netlink-links/operations';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ipIn, makeNamespaces, run, uniqueName } from '#testkit';
import { CLASS_KINDS } from '../src/class/kinds/index.js';
import { readClass } from '../src/class/read.js';
import { MessageBytes } from '../src/message/message-bytes.js';
import { ours, sentBy } from './sent-by.ts';

const namespace = uniqueName('tc');
const other = uniqueName('td');
let namespaces: Disposable;
let netlink: Netlink;
let index = 0;

beforeAll(() => {
  namespaces = makeNamespaces(namespace, other);
  ipIn(namespace, `link add v0 type veth peer name v1 netns ${other}`);
  for (const [name, link] of [
    [namespace, 'v0'],
    [other, 'v1'],
  ] as const)
    ipIn(name, `link set ${link} addrgenmode none up`);
  netlink = Netlink.open(namespace);
  index = netlink.sync.linkByName('v0').index;
});
afterAll(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});
function clear(): void {
  for (const qdisc of netlink.sync.qdiscList({ link: 'v0', parent: 'root' }))
    if (qdisc.handle !== '0:') netlink.sync.qdiscDel(qdisc);
}
afterEach(clear);

const tc = (line: string): string => run('tc', ['-n', namespace, ...line.split(' ')]);
/** Not as JSON: tc 6.1 writes none of classes that can be read. */
const shown = (): string[] =>
  tc('-d class show dev v0')
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .sort();
/** Without what counts. */
const read = (): Partial<TrafficClass>[] =>
  netlink.sync
    .classList('v0')
    .map((each) => {
      const {
        statistics: _statistics,
        tokens: _tokens,
        ctokens: _ctokens,
        ...rest
      } = each as TrafficClass & { tokens?: number; ctokens?: number };
      return rest;
    })
    .sort((a, b) => a.classid.localeCompare(b.classid));

describe('classes of htb, in agreement with tc', () => {
  it('have rates in bits per second and bursts in bytes', () => {
    const { sync } = netlink;
    sync.qdiscAdd({ kind: 'htb', link: 'v0', handle: '1:', defaultClass: 0x20 });
    sync.classAdd({ kind: 'htb', link: 'v0', classid: '1:1', rate: 10_000_000, ceil: 20_000_000 });
    sync.classAdd({
      kind: 'htb',
      link: 'v0',
      classid: '1:20',
      parent: '1:1',
      rate: 1_000_000,
      burst: 5000,
      cburst: 6000,
      priority: 3,
      quantum: 2000,
    });
    expect(shown()).toEqual([
      expect.stringMatching(/^class htb 1:1 root rate 10Mbit ceil 20Mbit linklayer ethernet burst .* level 7$/),
      expect.stringMatching(
        /^class htb 1:20 parent 1:1 prio 3 quantum 2000 rate 1Mbit ceil 1Mbit linklayer ethernet burst .* level 0$/,
      ),
    ]);
    expect(read()).toMatchObject([
      { kind: 'htb', ifindex: index, classid: '1:1', parent: 'root', rate: 10_000_000, ceil: 20_000_000, level: 7 },
      {
        classid: '1:20',
        parent: '1:1',
        rate: 1_000_000,
        ceil: 1_000_000,
        burst: 5000,
        cburst: 6000,
        priority: 3,
        quantum: 2000,
        level: 0,
        lends: 0,
        borrows: 0,
      },
    ]);
    sync.classChange({ kind: 'htb', link: 'v0', classid: '1:20', parent: '1:1', rate: 2_000_000 });
    expect(sync.classList({ link: 'v0', classid: '1:20' })).toMatchObject([{ rate: 2_000_000, ceil: 2_000_000 }]);
    sync.classReplace({ kind: 'htb', link: 'v0', classid: '1:30', rate: 8_000 });
    expect(sync.classList({ link: 'v0', parent: 'root' }).map(({ classid }) => classid)).toEqual(['1:1', '1:30']);
    expect(sync.classList({ link: 'v0', parent: '1:1' }).map(({ classid }) => classid)).toEqual(['1:20']);
    expect(sync.classList({ link: 'v0', parent: '1:' })).toHaveLength(3);
    expect(sync.classList({ parent: '2:' })).toEqual([]);
    sync.qdiscAdd({ kind: 'pfifo', link: 'v0', parent: '1:20', handle: '20:', limit: 5 });
    expect(sync.classList({ link: 'v0', classid: '1:20' })).toMatchObject([{ leaf: '20:' }]);
    expect(() => sync.classDel({ link: 'v0', classid: '1:1' })).toThrow(/^cannot remove class 1:1 of v0: .*\(EBUSY\)$/);
    for (const each of sync.classList({ link: 'v0', classid: '1:20' })) sync.classDel(each);
    expect(sync.classList('v0')).toHaveLength(2);
    expect(() => sync.classAdd({ kind: 'htb', link: 'v0', classid: '1:1', rate: 8000 })).toThrow(
      /^cannot add class 1:1 \(htb\) of v0: .*\(EEXIST\)$/,
    );
    expect(() => sync.classChange({ kind: 'htb', link: 'v0', classid: '1:9', rate: 8000 })).toThrow(/\(ENOENT\)$/);
  });

  it('are the same written by tc and by us', () => {
    fc.assert(
      fc.property(
        fc.record({
          rate: fc.integer({ min: 1000, max: 6_000_000_000 }),
          factor: fc.integer({ min: 1, max: 5 }),
          burst: fc.option(fc.integer({ min: 1600, max: 1_000_000 }), { nil: undefined }),
          cburst: fc.option(fc.integer({ min: 1600, max: 1_000_000 }), { nil: undefined }),
          priority: fc.integer({ min: 0, max: 7 }),
          quantum: fc.option(fc.integer({ min: 1000, max: 200_000 }), { nil: undefined }),
          mpu: fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined }),
          overhead: fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined }),
          atm: fc.boolean(),
        }),
        ({ rate, factor, burst, cburst, priority, quantum, mpu, overhead, atm }) => {
          fc.pre((burst ?? 0) / rate < 200 && (cburst ?? 0) / rate < 200);
          const { sync } = netlink;
          const renew = (): void => {
            clear();
            sync.qdiscAdd({ kind: 'htb', link: 'v0', handle: '1:' });
          };
          const spec: TrafficClassSpec = {
            kind: 'htb',
            link: 'v0',
            classid: '1:a',
            rate: rate * 8,
            ceil: rate * factor * 8,
            burst,
            cburst,
            priority,
            quantum,
            mpu,
            overhead,
            ...(atm && { linkLayer: 'atm' }),
          };
          renew();
          sync.classAdd(spec);
          const [first] = sync.classList('v0');
          const oursRead = read();
          const oursShown = shown();
          expect(oursRead).toMatchObject([{ rate: rate * 8, ceil: rate * factor * 8, priority }]);
          renew();
          const word = (name: string, value: number | undefined) => (value === undefined ? '' : ` ${name} ${value}`);
          tc(
            `class add dev v0 parent 1: classid 1:a htb rate ${rate * 8}bit ceil ${rate * factor * 8}bit${word('burst', burst)}${word('cburst', cburst)} prio ${priority}${word('quantum', quantum)}${word('mpu', mpu)}${word('overhead', overhead)}${atm ? ' linklayer atm' : ''}`,
          );
          expect(read()).toEqual(oursRead);
          expect(shown()).toEqual(oursShown);
          // As read, so written.
          renew();
          sync.classAdd(first as TrafficClass);
          expect(read()).toEqual(oursRead);
          expect(shown()).toEqual(oursShown);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('of all links are listed, and count what they send', () => {
    const { sync } = netlink;
    sync.qdiscAdd({ kind: 'htb', link: 'v0', handle: '1:', defaultClass: 2 });
    sync.classAdd({ kind: 'htb', link: 'v0', classid: '1:1', rate: 80_000, ceil: 800_000 });
    sync.classAdd({ kind: 'htb', link: 'v0', classid: '1:2', parent: '1:1', rate: 8000, ceil: 800_000 });
    ipIn(namespace, 'addr add 192.0.2.1/24 dev v0');
    ipIn(namespace, 'neigh replace 192.0.2.9 lladdr 02:00:00:00:00:09 dev v0');
    run('sh', ['-c', `ip netns exec ${namespace} ping -q -n -c 5 -i 0.05 -s 1000 -W 0.1 192.0.2.9 || true`]);
    ipIn(namespace, 'addr del 192.0.2.1/24 dev v0');
    const [, leaf] = sync.classList().sort((a, b) => a.classid.localeCompare(b.classid));
    expect(leaf).toMatchObject({ kind: 'htb', classid: '1:2', statistics: { packets: 5n, bytes: 5n * 1042n } });
    // The rate was not enough for five of them: the class above lent the rest, as tc says too.
    const borrowed = leaf?.kind === 'htb' ? leaf.borrows : 0;
    expect(borrowed).toBeGreaterThan(0);
    expect(tc('-s class show dev v0')).toContain(`borrowed: ${borrowed} `);
  });
});

describe('classes, byte for byte what tc sends', () => {
  const at = { classid: '1:10', parent: '1:1' } as const;
  const htb = { kind: 'htb', ...at } as const;
  it.each<[string, () => TrafficClassSpec]>([
    ['htb rate 8kbit', () => ({ ...htb, rate: 8000 })],
    [
      'htb rate 1mbit ceil 2mbit burst 10k cburst 12k prio 3 quantum 3000 mpu 64 overhead 14 linklayer atm',
      () => ({
        ...htb,
        rate: 1_000_000,
        ceil: 2_000_000,
        burst: 10_240,
        cburst: 12_288,
        priority: 3,
        quantum: 3000,
        mpu: 64,
        overhead: 14,
        linkLayer: 'atm',
      }),
    ],
    ['htb rate 10gbit mtu 9000', () => ({ ...htb, rate: 10_000_000_000, mtu: 9000 })],
    ['htb rate 40gbit', () => ({ ...htb, rate: 40_000_000_000 })],
    [
      'hfsc rt m1 2mbit d 20ms m2 1mbit ls m2 3mbit ul rate 4mbit',
      () => ({
        kind: 'hfsc',
        ...at,
        realTime: { m1: 2_000_000, d: 20, m2: 1_000_000 },
        linkShare: { m2: 3_000_000 },
        upperLimit: { m2: 4_000_000 },
      }),
    ],
    ['hfsc sc rate 1mbit', () => ({ kind: 'hfsc', ...at, realTime: { m2: 1_000_000 }, linkShare: { m2: 1_000_000 } })],
    ['drr quantum 1500', () => ({ kind: 'drr', ...at, quantum: 1500 })],
    ['qfq weight 7 maxpkt 3000', () => ({ kind: 'qfq', ...at, weight: 7, maxPacket: 3000 })],
  ])('%s', (line, spec) => {
    for (const [word, operation] of [
      ['add', classAdd],
      ['change', classChange],
      ['replace', classReplace],
    ] as const) {
      const [theirs] = sentBy('tc', `class ${word} dev v0 parent 1:1 classid 1:10 ${line}`, namespace);
      expect(ours(operation({ ...spec(), ifindex: index }))).toBe(theirs);
    }
  });

  it('with a rate estimator, and to be removed', () => {
    const [theirs] = sentBy('tc', 'class add dev v0 parent 1: classid 1:1 estimator 1s 8s htb rate 1mbit', namespace);
    const spec = { kind: 'htb', ifindex: index, classid: '1:1', rate: 1_000_000 } as const;
    expect(ours(classAdd({ ...spec, rateEstimator: { interval: 1, timeConstant: 8 } }))).toBe(theirs);
    const [removal] = sentBy('tc', 'class del dev v0 parent 1: classid 1:1', namespace);
    expect(ours(classDel({ ifindex: index, classid: '1:1' }))).toBe(removal);
  });
});

describe('classes that cannot be', () => {
  it.each<[object, RegExp]>([
    [{ kind: 'htb', classid: '1:1' }, /^a class of htb needs a `rate` in bits per second$/],
    [
      { kind: 'htb', classid: '1:', rate: 8000 },
      /^classid must be the number of a class as tc writes it, '1:10', got '1:'$/,
    ],
    [{ kind: 'htb', rate: 8000 }, /^classid must be the number of a class/],
    [
      { kind: 'htb', classid: '1:1', prio: 3 },
      /^classAdd of a htb class has no property 'prio': did you mean priority\?$/,
    ],
    [
      { kind: 'htb', classid: '1:1', parent: '2:', rate: 8000 },
      /^parent '2:' is of another queueing discipline than class '1:1'/,
    ],
    [{ kind: 'htb', classid: '1:1', rate: 8000, priority: 8 }, /^priority must be an integer from 0 to 7, got 8$/],
    [
      { kind: 'htb', classid: '1:1', rate: 8000, linkLayer: 'adsl' },
      /^linkLayer must be 'ethernet' or 'atm', got 'adsl'$/,
    ],
    [
      { kind: 'htb', classid: '1:1', rate: 8, burst: 1_000_000 },
      /^burst lasts longer than 274 s at a rate of 8 bits per second$/,
    ],
    [
      { kind: 'htb', classid: '1:1', rate: 8000, ceil: 8 },
      /^cburst, which follows from ceil and mtu, lasts longer than 274 s at a ceil of 8 bits per second$/,
    ],
    [
      { kind: 'htb', classid: '1:1', rate: 8000, mtu: 2_000_000_000 },
      /^burst, which follows from rate and mtu, lasts longer than 274 s at a rate of 8000 bits per second$/,
    ],
    [{ kind: 'htb', classid: '1:1', rate: 8000, weight: 8 }, /unknown property 'weight'|weight/],
    [{ kind: 'hfsc', classid: '1:1' }, /^a class of hfsc needs a curve/],
    [
      { kind: 'hfsc', classid: '1:1', realTime: { m2: 8 }, upperLimit: { m2: 8 } },
      /^upperLimit is one of the linkShare/,
    ],
    [{ kind: 'hfsc', classid: '1:1', realTime: { m1: 8 } }, /^realTime needs `m2`/],
    [{ kind: 'qfq', classid: '1:1', weight: 0 }, /^weight must be an integer from 1 to 1024, got 0$/],
    [{ kind: 'cbq', classid: '1:1' }, /^kind must be one of drr, generic, hfsc, htb, qfq/],
    [{ kind: 'generic', classid: '1:1' }, /^a 'generic' class needs its `kernelKind`, a string, got undefined$/],
    [{ kind: 'generic', classid: '1:1', kernelKind: 'x', unknown: [] }, /^the options of a generic class are not read/],
    [
      { kind: 'htb', classid: '1:1', rate: 8000, statistics: { rateEstimate: {} } },
      /^rateEstimator must be given beside a class that was read with one/,
    ],
  ])('%j', (spec, message) => {
    expect(() => classAdd({ link: 'v0', ...spec } as TrafficClassSpec)).toThrow(message);
  });

  it('need a link, and a known property', () => {
    expect(() => classAdd({ kind: 'htb', classid: '1:1', rate: 8000 })).toThrow(/^a class needs a link/);
    expect(() => classDel({ link: 'v0', clasid: '1:1' } as never)).toThrow(/clasid/);
  });
});

describe('classes as they are read', () => {
  it('keep what is not known here', () => {
    const unknown = [{ attribute: 300, data: Uint8Array.of(1, 2, 3, 4) }];
    const spec: TrafficClassSpec = {
      kind: 'htb',
      ifindex: 1,
      classid: '1:1',
      rate: 8000,
      unknown,
      unknownCommon: unknown,
    };
    const message = Buffer.from(ours(classAdd(spec)), 'hex');
    const told = readClass(MessageBytes.from(message), 16, message.length);
    expect(told).toMatchObject({ unknown, unknownCommon: unknown });
    expect(ours(classAdd({ ...(told as TrafficClass), parent: '1:' }))).toBe(message.toString('hex'));
  });

  it('tell the rate that the kernel measures, by the same names as queueing disciplines', () => {
    const { sync } = netlink;
    const rateEstimator = { interval: 1, timeConstant: 8 };
    sync.qdiscAdd({ kind: 'htb', link: 'v0', handle: '1:', rateEstimator });
    sync.classAdd({ kind: 'htb', link: 'v0', classid: '1:1', rate: 8000, rateEstimator });
    const [qdisc] = sync.qdiscList('v0');
    const [measured] = sync.classList('v0');
    expect(tc('-s class show dev v0')).toMatch(/rate 0bit 0pps/);
    expect(measured?.statistics?.rateEstimate).toEqual({ bytesPerSecond: 0, packetsPerSecond: 0 });
    expect(qdisc?.statistics?.rateEstimate).toEqual(measured?.statistics?.rateEstimate);
  });

  it('of other queueing disciplines are generic', () => {
    const { sync } = netlink;
    const options = Uint8Array.of(8, 0, 1, 0, 1, 2, 3, 4);
    const message = Buffer.from(
      ours(classAdd({ kind: 'generic', kernelKind: 'prio', ifindex: 1, classid: '1:1', options })),
      'hex',
    );
    expect(readClass(MessageBytes.from(message), 16, message.length)).toMatchObject({
      kind: 'generic',
      kernelKind: 'prio',
      options,
    });
    expect(sync.classList('lo')).toEqual([]);
  });

  it('never fail with an exception, whatever comes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(CLASS_KINDS)), fc.uint8Array({ maxLength: 80 }), (kind, data) => {
        const message = Buffer.from(
          ours(classAdd({ kind: 'generic', kernelKind: kind, ifindex: 1, classid: '1:1', options: data })),
          'hex',
        );
        readClass(MessageBytes.from(message), 16, message.length);
      }),
    );
  });
});
