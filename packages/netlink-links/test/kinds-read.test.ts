import fc from 'fast-check';
import type { Link, LinkSpec } from 'netlink-links';
import { type AttributeSpec, attr } from 'netlink-links/attributes';
import { linkAdd, linkModify } from 'netlink-links/operations';
import { InvalidOptionError } from 'netns-core';
import { describe, expect, it } from 'vitest';
import { LINK_KINDS } from '../src/link/kinds/index.js';
import { readLink } from '../src/link/read.js';
import { MessageBytes } from '../src/message/message-bytes.js';
import { ours } from './sent-by.ts';

const read = (hex: string): Link => {
  const message = Buffer.from(hex, 'hex');
  const link = readLink(MessageBytes.from(message), 16, message.length);
  if (link === undefined) throw new Error('no link was read');
  return link;
};

/** A link as the kernel tells it, with these attributes in what its kind has. */
function told(kind: string, attributes: readonly AttributeSpec[]): Link {
  const { data } = attr.nested(2, [...attributes]);
  return read(ours(linkAdd({ type: 'generic', kind, name: 'it', data })));
}

/** What of a link is of its kind. */
function own(link: Link): object {
  const { properties } = LINK_KINDS[link.type];
  return Object.fromEntries(
    Object.entries(link).filter(([name]) => properties.includes(name) || name === 'type' || name === 'unknown'),
  );
}

/** The attributes that a link is made with, by what it was read as. */
function written(link: Link): string {
  const { told: untaken = [] } = LINK_KINDS[link.type];
  const settings = Object.entries(own(link)).filter(([name]) => !untaken.includes(name));
  return ours(linkAdd({ name: 'it', ...Object.fromEntries(settings) } as LinkSpec));
}

const u32s = (...values: number[]): Uint8Array => {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  for (const [at, value] of values.entries()) view.setUint32(at * 4, value, true);
  return new Uint8Array(view.buffer);
};

/** A kind, what the kernel tells of it, what that is here, and how it is given back. */
const TOLD: readonly (readonly [kind: string, AttributeSpec[], object, AttributeSpec[]])[] = [
  [
    'hsr',
    [
      attr.u32(1, 7),
      attr.u32(2, 8),
      attr.bytes(4, Uint8Array.of(1, 0x15, 0x4e, 0, 1, 45)),
      attr.u16(5, 77),
      attr.u8(7, 1),
      attr.u32(8, 9),
    ],
    {
      type: 'hsr',
      ports: [7, 8],
      supervision: 45,
      supervisionAddress: '01:15:4e:00:01:2d',
      sequenceNumber: 77,
      proto: 'prp',
      interlinkIndex: 9,
    },
    [attr.u32(1, 7), attr.u32(2, 8), attr.u8(3, 45), attr.u8(7, 1), attr.u32(8, 9)],
  ],
  [
    'bareudp',
    [attr.be16(1, 6635), attr.be16(2, 0x8847), attr.u16(3, 1024), attr.flag(4)],
    { type: 'bareudp', port: 6635, etherType: 'mpls', sourcePortMin: 1024, multiproto: true },
    [attr.be16(1, 6635), attr.be16(2, 0x8847), attr.u16(3, 1024), attr.flag(4)],
  ],
  [
    'gtp',
    [attr.u32(3, 1024), attr.u32(4, 1), attr.u8(6, 9), attr.bytes(7, Uint8Array.of(192, 0, 2, 1))],
    {
      type: 'gtp',
      hashSize: 1024,
      role: 'sgsn',
      restartCount: 9,
      unknown: [{ attribute: 7, data: Uint8Array.of(192, 0, 2, 1) }],
    },
    [attr.u8(5, 1), attr.u32(4, 1), attr.u32(3, 1024), attr.u8(6, 9), attr.bytes(7, Uint8Array.of(192, 0, 2, 1))],
  ],
  [
    'ipoib',
    [attr.u16(1, 0xffff), attr.u16(2, 0), attr.u16(3, 1)],
    { type: 'ipoib', pkey: 0xffff, mode: 'datagram', umcast: true },
    [attr.u16(1, 0xffff), attr.u16(2, 0), attr.u16(3, 1)],
  ],
  [
    'amt',
    [
      attr.u32(1, 0),
      attr.be16(2, 2268),
      attr.be16(3, 2269),
      attr.u32(4, 3),
      attr.bytes(5, Uint8Array.of(192, 0, 2, 1)),
      attr.bytes(7, Uint8Array.of(192, 0, 2, 2)),
      attr.bytes(6, Uint8Array.of(192, 0, 2, 3)),
      attr.u32(8, 128),
    ],
    {
      type: 'amt',
      mode: 'gateway',
      relayPort: 2268,
      gatewayPort: 2269,
      underlayIndex: 3,
      localAddress: '192.0.2.1',
      discoveryAddress: '192.0.2.2',
      remoteAddress: '192.0.2.3',
      maxTunnels: 128,
    },
    [
      attr.u32(1, 0),
      attr.bytes(5, Uint8Array.of(192, 0, 2, 1)),
      attr.bytes(7, Uint8Array.of(192, 0, 2, 2)),
      attr.u32(4, 3),
      attr.be16(2, 2268),
      attr.be16(3, 2269),
      attr.u32(8, 128),
    ],
  ],
  [
    'rmnet',
    [attr.u16(1, 7), attr.bytes(2, u32s(0b100101, 0xffffffff))],
    {
      type: 'rmnet',
      muxId: 7,
      ingressDeaggregation: true,
      ingressMapCommands: false,
      ingressMapChecksumV4: true,
      egressMapChecksumV4: false,
      ingressMapChecksumV5: false,
      egressMapChecksumV5: true,
    },
    [attr.u16(1, 7), attr.bytes(2, u32s(0b100101, 0b111111))],
  ],
  ['netdevsim', [], { type: 'netdevsim' }, []],
  [
    'batadv',
    [attr.string(1, 'BATMAN_IV')],
    { type: 'batadv', routingAlgorithm: 'BATMAN_IV' },
    [attr.string(1, 'BATMAN_IV')],
  ],
  ['dsa', [attr.u32(1, 5)], { type: 'dsa', conduitIndex: 5 }, [attr.u32(1, 5)]],
  [
    'can',
    [
      attr.bytes(1, u32s(500_000, 875, 125, 6, 7, 2, 1, 3)),
      attr.bytes(2, new Uint8Array(48)),
      attr.u32(3, 24_000_000),
      attr.u32(4, 1),
      attr.bytes(5, u32s(0, 0x225)),
      attr.u32(6, 100),
      attr.bytes(8, Uint8Array.of(3, 0, 4, 0)),
      attr.bytes(9, u32s(0, 0, 25, 1, 2, 3, 1, 0)),
      attr.u16(11, 120),
      attr.bytes(12, new Uint8Array(4)),
      attr.u32(15, 8_000_000),
      attr.nested(16, [attr.u32(4, 9), attr.u32(8, 5)]),
    ],
    {
      type: 'can',
      bitrate: 500_000,
      samplePoint: 87.5,
      timeQuantum: 125,
      propagationSegment: 6,
      phaseSegment1: 7,
      phaseSegment2: 2,
      jumpWidth: 1,
      prescaler: 3,
      clock: 24_000_000,
      state: 'error-warning',
      loopback: true,
      listenOnly: false,
      tripleSampling: true,
      oneShot: false,
      berrReporting: false,
      fd: true,
      presumeAck: false,
      fdNonIso: false,
      ccLen8Dlc: false,
      tdcAuto: true,
      tdcManual: false,
      restartMs: 100,
      berr: { tx: 3, rx: 4 },
      dataTimeQuantum: 25,
      dataPropagationSegment: 1,
      dataPhaseSegment1: 2,
      dataPhaseSegment2: 3,
      dataJumpWidth: 1,
      termination: 120,
      bitrateMax: 8_000_000,
      tdc: { offset: 5 },
    },
    [
      attr.u32(6, 100),
      attr.u16(11, 120),
      // The kernel takes the bit rate or the quanta.
      attr.bytes(1, u32s(500_000, 875, 0, 0, 0, 0, 1, 0)),
      attr.bytes(9, u32s(0, 0, 25, 1, 2, 3, 1, 0)),
      attr.bytes(5, u32s(0x7ff, 0x225)),
      attr.nested(16, [attr.u32(8, 5)]),
    ],
  ],
];

describe('kinds of links that the kernels of the tests lack, or have no device for', () => {
  it.each(TOLD)('%s is read as the kernel tells it, and given back', (kind, attributes, expected, givenBack) => {
    const link = told(kind, attributes);
    expect(own(link)).toEqual(expected);
    const { data } = attr.nested(2, givenBack);
    expect(written(link)).toBe(ours(linkAdd({ type: 'generic', kind, name: 'it', ...(data.length > 0 && { data }) })));
  });

  const u = (bits: number, min = 0): fc.Arbitrary<number> => fc.integer({ min, max: 2 ** bits - 1 });
  const some = <T>(of: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Partial<T>> =>
    fc.record(of, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>;
  it.each<[string, fc.Arbitrary<object>]>([
    [
      'bareudp',
      some({
        port: u(16),
        etherType: fc.constantFrom('ip', 'ipv6', 'mpls', 5),
        sourcePortMin: u(16),
        multiproto: fc.constant(true),
      }),
    ],
    ['gtp', some({ role: fc.constantFrom('ggsn', 'sgsn', 7), hashSize: u(16, 1), restartCount: u(8), fd0: u(31) })],
    ['ipoib', some({ pkey: u(16), mode: fc.constantFrom('datagram', 'connected'), umcast: fc.boolean() })],
    [
      'amt',
      some({
        mode: fc.constantFrom('gateway', 'relay'),
        localAddress: fc.ipV4(),
        discoveryAddress: fc.ipV4(),
        underlayIndex: u(31),
        relayPort: u(16),
        gatewayPort: u(16),
        maxTunnels: u(32),
      }),
    ],
    ['rmnet', some({ muxId: fc.integer({ min: 1, max: 254 }) })],
    ['dsa', some({ conduitIndex: u(31) })],
    [
      'can',
      fc
        .tuple(
          fc.oneof(
            fc.record({
              bitrate: u(32, 1),
              samplePoint: fc.integer({ min: 1, max: 999 }).map((tenths) => tenths / 10),
            }),
            fc.record({ timeQuantum: u(32, 1), propagationSegment: u(32, 1), phaseSegment1: u(32, 1) }),
          ),
          some({ dataBitrate: u(32, 1), restartMs: u(32), termination: u(16) }),
        )
        .map(([timing, rest]) => ({ ...timing, ...rest })),
    ],
  ])('%s is read as it was written', (type, settings) => {
    fc.assert(
      fc.property(settings, (spec) => {
        const message = ours(linkAdd({ type, name: 'it', ...spec } as LinkSpec));
        const link = read(message);
        expect(own(link)).toEqual({ type, ...spec });
        expect(written(link)).toBe(message);
      }),
    );
  });

  it('never fail with an exception, whatever the kernel tells', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TOLD.map(([kind]) => kind)), fc.uint8Array({ maxLength: 80 }), (kind, bytes) => {
        const data = bytes.subarray(0, bytes.length & ~3);
        read(ours(linkAdd({ type: 'generic', kind, name: 'it', data })));
      }),
    );
  });

  it.each<[LinkSpec | object, RegExp]>([
    [{ type: 'hsr', ports: [1] }, /^ports must be the indexes of two links/],
    [{ type: 'hsr', ports: [1, 'eth0'] }, /^ports\[1\] must be an integer from 1/],
    [{ type: 'hsr', slave1: 3 }, /ports/],
    [{ type: 'hsr', supervision: 256 }, /^supervision must be an integer from 0 to 255, got 256$/],
    [{ type: 'hsr', supervisionAddress: '01:15:4e:00:01:2d' }, /'supervisionAddress' can be read, but not set/],
    [{ type: 'can', prescaler: 3 }, /'prescaler' can be read, but not set/],
    [{ type: 'hsr', version: 1, proto: 'prp' }, /^version is that of HSR: leave it out where proto is prp$/],
    [{ type: 'hsr', proto: 'rstp' }, /^proto must be one of hsr, prp, got 'rstp'$/],
    [{ type: 'bareudp', etherType: 'arp' }, /^etherType must be one of ip, ipv6, mpls, got 'arp'$/],
    [{ type: 'bareudp', dstport: 5 }, /`?port`?/],
    [{ type: 'gtp', hashSize: 0 }, /^hashSize must be an integer from 1 to 131071, got 0$/],
    [{ type: 'gtp', role: 'mme' }, /^role must be one of ggsn, sgsn, got 'mme'$/],
    [{ type: 'ipoib', umcast: 1 }, /^umcast must be true or false, got 1$/],
    [{ type: 'amt', localAddress: '2001:db8::1' }, /^localAddress must be an IPv4 address/],
    [{ type: 'rmnet', muxId: 255 }, /^muxId must be an integer from 1 to 254, got 255$/],
    [{ type: 'rmnet', ingressMapCommands: 1 }, /^ingressMapCommands must be true or false/],
    [{ type: 'can', samplePoint: 80 }, /^samplePoint needs `bitrate` or `timeQuantum` beside it$/],
    [{ type: 'can', dataJumpWidth: 1 }, /^dataJumpWidth needs `dataBitrate` or `dataTimeQuantum` beside it$/],
    [
      { type: 'can', timeQuantum: 5, samplePoint: 80 },
      /^samplePoint is for a `bitrate`: with `timeQuantum` the segments/,
    ],
    [{ type: 'can', bitrate: 5, samplePoint: 875 }, /^samplePoint must be a number from 0 to 99\.9 per cent, got 875$/],
    [{ type: 'can', bitrate: 0 }, /^bitrate must be an integer from 1/],
    [{ type: 'can', tdcAuto: true, tdcManual: true }, /^tdcAuto and tdcManual exclude each other$/],
    [{ type: 'can', tdc: { tdcv: 1 } }, /value/],
    [{ type: 'can', restart: false }, /^restart must be true, got false$/],
    [{ type: 'batadv', routingAlgorithm: 5 }, /^routingAlgorithm must be a string/],
  ])('%j is refused', (spec, message) => {
    const make = () => linkAdd({ name: 'it', ...spec } as LinkSpec);
    expect(make).toThrow(message);
    expect(make).toThrow(InvalidOptionError);
    expect(() => linkModify('it', spec as Parameters<typeof linkModify>[1])).toThrow(message);
  });
});
