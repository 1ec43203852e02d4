import fc from 'fast-check';
import type {
  AddressSpec,
  LinkChanges,
  LinkSpec,
  NeighbourSpec,
  Operation,
  QdiscSpec,
  RouteSpec,
  RuleSpec,
  UnknownAttribute,
  WireguardSettings,
} from 'netlink-links';
import { generateWireguardPresharedKey } from 'netlink-links';
import { attr } from 'netlink-links/attributes';
import * as operations from 'netlink-links/operations';
import { describe, expect, it } from 'vitest';
import { readAddress } from '../src/address/read.js';
import { readBridgeVnis } from '../src/bridge-vni/read.js';
import { LINK_KINDS } from '../src/link/kinds/index.js';
import { readLink } from '../src/link/read.js';
import { MessageBytes } from '../src/message/message-bytes.js';
import { readNeighbour } from '../src/neighbour/read.js';
import { readNeighbourTable } from '../src/neighbour-table/read.js';
import { QDISC_KINDS } from '../src/qdisc/kinds/index.js';
import { readQdisc } from '../src/qdisc/read.js';
import { readRoute } from '../src/route/read.js';
import { readRule } from '../src/rule/read.js';
import { checkWireguardSettings } from '../src/wireguard/check.js';
import { readDevicePart } from '../src/wireguard/read.js';
import { settingMessages } from '../src/wireguard/write.js';

/** Attributes of kernels that are yet to come. */
const unknown: fc.Arbitrary<readonly UnknownAttribute[]> = fc.array(
  fc
    .tuple(fc.integer({ min: 200, max: 0x3fff }), fc.uint8Array({ maxLength: 40 }), fc.boolean())
    .map(([attribute, data, nested]) => ({ attribute, data, ...(nested && { nested }) })),
  { minLength: 1, maxLength: 4 },
);

const messageOf = (operation: ReturnType<typeof operations.routeAdd>): Uint8Array => {
  if (operation.single === undefined) throw new Error('a single request was expected');
  return operation.single.message;
};

const PEER_KEY = generateWireguardPresharedKey();
const wireguardMessage = (settings: WireguardSettings): Uint8Array =>
  settingMessages(21, 'wg0', checkWireguardSettings(settings))[0] ?? new Uint8Array();

const firstMessageOf = (operation: Operation<void>): Uint8Array =>
  (operation.start().next().value as { message: Uint8Array }).message;

type Reader = (bytes: MessageBytes, start: number, end: number) => { readonly unknown?: unknown } | undefined;

/** What is written is read, and what is read is written again, byte for byte. */
function check(write: (unknown: readonly UnknownAttribute[]) => Uint8Array, reader: Reader): void {
  fc.assert(
    fc.property(unknown, (list) => {
      const message = write(list);
      const read = reader(MessageBytes.from(message), 16, message.length);
      expect(read?.unknown).toEqual(list);
      expect(write(read?.unknown as readonly UnknownAttribute[])).toEqual(message);
    }),
    { numRuns: 30 },
  );
}

describe('attributes that are not known here are kept as they were', () => {
  it.each<[string, (list: readonly UnknownAttribute[]) => Uint8Array, Reader]>([
    [
      'rules',
      (list) => messageOf(operations.ruleAdd({ family: 'ipv4', table: 100, unknown: list } satisfies RuleSpec)),
      readRule,
    ],
    [
      'routes',
      (list) => messageOf(operations.routeAdd({ dst: '192.0.2.0/24', oif: 3, unknown: list } satisfies RouteSpec)),
      readRoute,
    ],
    [
      'ways of routes',
      (list) =>
        messageOf(
          operations.routeAdd({ dst: '192.0.2.0/24', nexthops: [{ oif: 3, unknown: list }] } satisfies RouteSpec),
        ),
      (...at) => readRoute(...at)?.nexthops?.[0],
    ],
    [
      'metrics of routes',
      (list) =>
        messageOf(operations.routeAdd({ dst: '192.0.2.0/24', oif: 3, metrics: { unknown: list } } satisfies RouteSpec)),
      (...at) => readRoute(...at)?.metrics,
    ],
    [
      'addresses',
      (list) => messageOf(operations.addrAdd(3, { address: '192.0.2.1/24', unknown: list } satisfies AddressSpec)),
      readAddress,
    ],
    [
      'neighbours',
      (list) =>
        messageOf(
          operations.neighAdd({
            dst: '192.0.2.1',
            ifindex: 3,
            lladdr: '02:00:00:00:00:01',
            unknown: list,
          } satisfies NeighbourSpec),
        ),
      readNeighbour,
    ],
    [
      'neighbour tables',
      (list) => firstMessageOf(operations.neighTableSet('arp_cache', { ifindex: 3, unknown: list })),
      readNeighbourTable,
    ],
    [
      'neighbour tables, outside of their parameters',
      (list) => firstMessageOf(operations.neighTableSet('arp_cache', { ifindex: 3, unknownCommon: list })),
      (...at) => ({ unknown: readNeighbourTable(...at)?.unknownCommon }),
    ],
    [
      'VNIs',
      (list) => messageOf(operations.bridgeVniAdd({ ifindex: 3, vni: 5, unknown: list })),
      (...at) => readBridgeVnis(...at)[0],
    ],
    [
      'size tables',
      (list) =>
        messageOf(
          operations.qdiscAdd({ kind: 'pfifo', ifindex: 3, limit: 7, sizeTable: { overhead: 4, unknown: list } }),
        ),
      (...at) => readQdisc(...at)?.sizeTable,
    ],
    ['devices of WireGuard', (list) => wireguardMessage({ unknown: list }), readDevicePart],
    [
      'peers of WireGuard',
      (list) => wireguardMessage({ peers: [{ publicKey: PEER_KEY, unknown: list }] }),
      (...at) => readDevicePart(...at).peers[0],
    ],
  ])('of %s', (_, write, reader) => check(write, reader));

  const qdiscs = Object.entries(QDISC_KINDS).filter(([, kind]) => kind.holdsAttributes === true);
  it.each(qdiscs.map(([kind]) => kind))('of the qdisc %s', (kind) => {
    const needed: Record<string, object> = {
      cbs: { hiCredit: 1, loCredit: -1, idleSlope: 1000, sendSlope: -1000 },
      choke: { limit: 1000 },
      ets: { bands: 3 },
      mqprio: { queues: [{ count: 1, offset: 0 }] },
      red: { limit: 60_000 },
      taprio: { entries: [{ gates: 1, interval: 1 }] },
      tbf: { rate: 8000, burst: 2000, latency: 1 },
    };
    const more = needed[kind] ?? {};
    check(
      (list) => messageOf(operations.qdiscAdd({ kind, ifindex: 3, ...more, unknown: list } as QdiscSpec)),
      readQdisc,
    );
  });

  // A device cannot be made, a TUN device not through netlink, and of unknown kinds all data are kept as they are.
  const links = Object.keys(LINK_KINDS).filter((type) => !['device', 'tuntap', 'generic'].includes(type));
  it.each(links)('of the link %s', (type) => {
    check((list) => messageOf(operations.linkAdd({ type, name: 'it', unknown: list } as LinkSpec)), readLink);
  });

  it.each<[string, (list: readonly UnknownAttribute[]) => Uint8Array, Reader]>([
    [
      'links',
      (list) =>
        messageOf(operations.linkModify(3, { type: 'bridge', mtu: 1400, unknownCommon: list } satisfies LinkChanges)),
      readLink,
    ],
    [
      'qdiscs',
      (list) => messageOf(operations.qdiscAdd({ kind: 'pfifo', ifindex: 3, limit: 7, unknownCommon: list })),
      readQdisc,
    ],
  ])('of %s, outside of what their kind has', (_, write, reader) =>
    check(write, (...at) => {
      const { unknown, unknownCommon } = reader(...at) as { unknown?: unknown; unknownCommon?: unknown };
      expect(unknown).toBeUndefined();
      return { unknown: unknownCommon };
    }),
  );

  it('of links, inside of what holds their kind and what protocols have', () => {
    const [IFLA_LINKINFO, IFLA_AF_SPEC, IFLA_PROTO_DOWN_REASON, AF_INET6, AF_MCTP] = [18, 26, 55, 10, 45];
    const nested = (attribute: number, data: Uint8Array): Uint8Array =>
      Uint8Array.of(data.length + 4, 0, attribute, 0, ...data, ...new Uint8Array((4 - (data.length & 3)) & 3));
    const inside = (attribute: number, ...parts: Uint8Array[]): UnknownAttribute => ({
      attribute,
      data: Uint8Array.from(parts.flatMap((part) => [...part])),
    });
    const list = [
      inside(IFLA_LINKINFO, nested(77, Uint8Array.of(1, 2, 3))),
      inside(
        IFLA_AF_SPEC,
        nested(AF_INET6, nested(78, Uint8Array.of(4, 5, 6, 7))),
        nested(AF_MCTP, nested(1, Uint8Array.of(9, 0, 0, 0))),
      ),
      inside(IFLA_PROTO_DOWN_REASON, nested(79, Uint8Array.of(8, 0, 0, 0))),
    ];
    const write = (unknownCommon: readonly UnknownAttribute[]): Uint8Array =>
      messageOf(
        operations.linkModify(3, {
          type: 'vlan',
          vlanId: 7,
          ipv6AddrGenMode: 'none',
          protoDownReason: 5,
          unknownCommon,
        } as LinkChanges),
      );
    const message = write(list);
    const read = readLink(MessageBytes.from(message), 16, message.length);
    expect(read).toMatchObject({ type: 'vlan', vlanId: 7, ipv6AddrGenMode: 'none', protoDownReason: 5 });
    expect(new Set(read?.unknownCommon)).toEqual(new Set(list));
    expect(
      write(
        list.map(
          ({ attribute }) =>
            read?.unknownCommon?.find((each) => each.attribute === attribute) ?? (list[0] as UnknownAttribute),
        ),
      ),
    ).toEqual(message);
  });

  it('of links, among their alternative names', () => {
    const properties = Uint8Array.of(6, 0, 53, 0, 97, 0, 0, 0, 8, 0, 77, 0, 1, 2, 3, 4);
    const [IFLA_NUM_TX_QUEUES, IFLA_NUM_RX_QUEUES, IFLA_PROP_LIST] = [31, 32, 52] as const;
    const list = [
      attr.u32(IFLA_NUM_TX_QUEUES, 1),
      attr.u32(IFLA_NUM_RX_QUEUES, 1),
      attr.bytes(IFLA_PROP_LIST, properties),
    ];
    const header = Uint8Array.of(0, 0, 0, 0, 3, ...new Uint8Array(11));
    const message = Uint8Array.of(...header, ...attr.nested(1, list).data);
    const read = readLink(MessageBytes.from(message), 0, message.length);
    const unknownCommon = [{ attribute: 52, data: properties.subarray(8) }];
    expect(read).toMatchObject({ altNames: ['a'], unknownCommon });
    // The kernel has a message of its own for them, and ignores them in others.
    expect(() => operations.linkModify(3, { unknownCommon })).toThrow('which the kernel ignores in a change');
    const giveBack = (now: object): unknown => {
      const steps = operations.linkModify('it', { ...read, name: 'it' } as LinkChanges).start();
      steps.next();
      return steps.next({ ...read, name: 'it', ...now } as never);
    };
    expect(giveBack({})).toEqual({ done: true, value: undefined });
    expect(() => giveBack({ unknownCommon: undefined })).toThrow(
      'unknownCommon cannot be changed in what stands among the alternative names (IFLA_PROP_LIST): link it has other',
    );
  });

  it('of a new link, among its alternative names, in the message that has these', () => {
    const properties = Buffer.of(8, 0, 77, 0, 1, 2, 3, 4);
    const link = { type: 'dummy', name: 'd0', altNames: ['a'], unknownCommon: [{ attribute: 52, data: properties }] };
    const program = operations.linkAdd(link as LinkSpec).start();
    const messages: Buffer[] = [];
    for (let step = program.next(); step.done !== true; step = program.next())
      messages.push(Buffer.from((step.value as { message: Uint8Array }).message));
    const RTM_NEWLINKPROP = 108;
    expect(messages.map((message) => message.readUInt16LE(4))).toEqual([16, RTM_NEWLINKPROP]);
    expect(messages[0]?.includes(properties)).toBe(false);
    expect(messages[1]?.includes(properties)).toBe(true);
  });

  it('but for an XDP program, with which a link is refused', () => {
    const IFLA_XDP = 43;
    const data = Uint8Array.of(
      5,
      0,
      2,
      0,
      4,
      0,
      0,
      0,
      8,
      0,
      5,
      0,
      7,
      0,
      0,
      0,
      8,
      0,
      6,
      0,
      8,
      0,
      0,
      0,
      6,
      0,
      90,
      0,
      1,
      2,
      0,
      0,
    );
    const unknownCommon = [{ attribute: IFLA_XDP, data }];
    const message = messageOf(operations.linkModify(3, { name: 'it', unknownCommon }));
    const read = readLink(MessageBytes.from(message), 16, message.length);
    if (read === undefined) throw new Error('a link was read');
    const unknown = [{ attribute: 90, data: Uint8Array.of(1, 2) }];
    expect(read.xdp).toEqual({ mode: 'multi', driverProgramId: 7, genericProgramId: 8, unknown });
    const dummy = { ...read, type: 'dummy', numTxQueues: 1, numRxQueues: 1 } as const;
    expect(() => operations.linkAdd(dummy as LinkSpec)).toThrow(
      'link it was read with an XDP program, which cannot be given back: leave out `xdp`, and attach it again',
    );
    const { xdp, ...without } = dummy;
    const change = (now: object): unknown => {
      const steps = operations.linkModify('it', dummy as LinkChanges).start();
      steps.next();
      return steps.next(now);
    };
    expect(() => change(without)).toThrow('xdp cannot be changed: link it has no XDP program now; leave out `xdp`');
    expect(() => change({ ...without, xdp: { attached: 1, programId: 9 } })).toThrow('another XDP program');
    expect(change({ ...without, xdp })).toEqual({ done: true, value: undefined });
  });

  // Bits that tell of state are the kernel's: they are not written.
  it.each<[string, number, number, (flags: readonly number[]) => Uint8Array, (...at: Parameters<Reader>) => unknown]>([
    [
      'addresses',
      0xfffff000,
      0xffffffff,
      (flags) => messageOf(operations.addrAdd(3, { address: '192.0.2.1/24', flags } satisfies AddressSpec)),
      (...at) => readAddress(...at)?.flags,
    ],
    [
      'routes',
      0x1fff3080,
      0xffffffff,
      (flags) => messageOf(operations.routeAdd({ dst: '192.0.2.0/24', oif: 3, flags } satisfies RouteSpec)),
      (...at) => readRoute(...at)?.flags,
    ],
    [
      'ways of routes',
      0x80,
      0xff,
      (flags) =>
        messageOf(operations.routeAdd({ dst: '192.0.2.0/24', nexthops: [{ oif: 3, flags }] } satisfies RouteSpec)),
      (...at) => readRoute(...at)?.nexthops?.[0]?.flags,
    ],
    [
      'neighbours',
      0xfffff800,
      0xffffffff,
      (flags) =>
        messageOf(
          operations.neighAdd({
            dst: '192.0.2.1',
            ifindex: 3,
            lladdr: '02:00:00:00:00:01',
            flags,
          } satisfies NeighbourSpec),
        ),
      (...at) => readNeighbour(...at)?.flags,
    ],
    [
      'rules',
      0xffffffe0,
      0xffffffff,
      (flags) => messageOf(operations.ruleAdd({ family: 'ipv4', table: 100, flags } satisfies RuleSpec)),
      (...at) => readRule(...at)?.flags,
    ],
  ])('flags of %s, by their bits', (_, mask, max, write, reader) => {
    const bitsOf = (number: number): number[] =>
      Array.from({ length: 32 }, (__, bit) => (1 << bit) >>> 0).filter((bit) => (number & mask & bit) !== 0);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (number) => {
        const flags = bitsOf(number);
        const message = write(flags);
        const read = reader(MessageBytes.from(message), 16, message.length);
        expect(read).toEqual(flags);
        expect(write(read as readonly number[])).toEqual(message);
      }),
      { numRuns: 50 },
    );
    for (const wrong of [0, -1, 1.5, max + 1, Number.NaN])
      expect(() => write([wrong])).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }));
  });

  it('extended flags of a neighbour beyond 32 bits, as an attribute', () => {
    const NDA_FLAGS_EXT = 15;
    const spec = { dst: '192.0.2.1', ifindex: 3, lladdr: '02:00:00:00:00:01', flags: ['router'] } as const;
    const list = [{ attribute: NDA_FLAGS_EXT, data: Uint8Array.of(1, 0, 0, 1) }];
    const message = messageOf(operations.neighAdd({ ...spec, unknown: list }));
    const read = readNeighbour(MessageBytes.from(message), 16, message.length);
    expect(read).toMatchObject({ flags: ['router'], unknown: list });
    expect(messageOf(operations.neighAdd(read as NeighbourSpec))).toEqual(message);
  });

  it('a rule that cannot be removed stays one, and what tells of its links is not written', () => {
    const flagsOf = (flags: RuleSpec['flags'], invert: boolean): number =>
      messageOf(operations.ruleAdd({ family: 'ipv4', table: 100, invert, flags })).at(24) ?? 0;
    expect(flagsOf(['permanent', 'iif-detached'], true)).toBe(3);
    expect(flagsOf(['unresolved', 'oif-detached'], false)).toBe(0);
    expect(() => flagsOf(['detached' as never], false)).toThrow(
      "flags has what is neither a flag of a rule nor a number of 32 bits: ['detached']",
    );
  });

  it('and refused where they cannot be written', () => {
    const list = [{ attribute: 200, data: new Uint8Array(4) }];
    expect(() => operations.qdiscAdd({ kind: 'pfifo', ifindex: 3, unknown: list })).toThrow(
      'the options of a pfifo are not attributes: it has no `unknown`',
    );
    expect(() => operations.linkAdd({ type: 'tuntap', mode: 'tun', name: 'it', unknown: list })).toThrow('unknown');
    expect(() => operations.linkModify(3, { unknown: list })).toThrow('needs the `type` of the link');
    expect(() =>
      operations.routeAdd({ dst: '192.0.2.0/24', unknown: [{ attribute: 0, data: list }] as never }),
    ).toThrow('unknown must be a list of { attribute, data }');
  });
});
