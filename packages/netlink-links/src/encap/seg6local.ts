import { InvalidOptionError } from 'netns-core';
import { checkBoolean } from 'netns-core/checks';
import { checkArray, mustBe, propertiesOf } from '../message/checks.js';
import { type Field, ipAddress, named, u8, u32 } from '../message/fields.js';
import { withJson } from '../message/json.js';
import type { MessageWriter } from '../message/message-writer.js';
import { keepUnknown, readInside, type WithUnknown } from '../message/unknown-attribute.js';
import {
  SEG6_LOCAL_ACTION,
  SEG6_LOCAL_ACTION_END,
  SEG6_LOCAL_ACTION_END_B6,
  SEG6_LOCAL_ACTION_END_B6_ENCAP,
  SEG6_LOCAL_ACTION_END_BM,
  SEG6_LOCAL_ACTION_END_BPF,
  SEG6_LOCAL_ACTION_END_DT4,
  SEG6_LOCAL_ACTION_END_DT6,
  SEG6_LOCAL_ACTION_END_DT46,
  SEG6_LOCAL_ACTION_END_DX2,
  SEG6_LOCAL_ACTION_END_DX4,
  SEG6_LOCAL_ACTION_END_DX6,
  SEG6_LOCAL_ACTION_END_T,
  SEG6_LOCAL_ACTION_END_X,
  SEG6_LOCAL_CNT_BYTES,
  SEG6_LOCAL_CNT_ERRORS,
  SEG6_LOCAL_CNT_PACKETS,
  SEG6_LOCAL_CNT_PAD,
  SEG6_LOCAL_COUNTERS,
  SEG6_LOCAL_FLAVORS,
  SEG6_LOCAL_FLV_LCBLOCK_BITS,
  SEG6_LOCAL_FLV_LCNODE_FN_BITS,
  SEG6_LOCAL_FLV_OPERATION,
  SEG6_LOCAL_IIF,
  SEG6_LOCAL_NH4,
  SEG6_LOCAL_NH6,
  SEG6_LOCAL_OIF,
  SEG6_LOCAL_SRH,
  SEG6_LOCAL_TABLE,
  SEG6_LOCAL_VRFTABLE,
} from '../uapi/seg6.js';
import { encapOfFields } from './kind.js';
import { checkSegments, readSegmentHeader, segmentHeader } from './segments.js';

/** What is done with packets that reach a segment of this host (RFC 8986). */
export interface Seg6LocalEncap {
  readonly type: 'seg6local';
  readonly action: Seg6LocalAction | number;
  /** IPv6 addresses in the order of travel: of `End.B6` and `End.B6.Encaps`. */
  readonly segments?: readonly string[] | undefined;
  /** Routing table in which the inner destination is looked up: of `End.T` and `End.DT6`. */
  readonly table?: number | undefined;
  /** The same, of a VRF: of `End.DT4`, `End.DT6` and `End.DT46`. */
  readonly vrfTable?: number | undefined;
  /** IPv4 address of the next router: of `End.DX4`. */
  readonly nh4?: string | undefined;
  /** IPv6 address of the next router: of `End.X` and `End.DX6`. */
  readonly nh6?: string | undefined;
  /** Index of the link that packets must come in by. */
  readonly iif?: number | undefined;
  /** Index of the link that packets leave by: of `End.DX2`. */
  readonly oif?: number | undefined;
  /** Variants of `End`, `End.X` and `End.T`; Linux 6.1. */
  readonly flavors?: readonly Seg6Flavor[] | undefined;
  /** Bits of the locator's block, with `'next-csid'`: 1 to 120. */
  readonly locatorBlockBits?: number | undefined;
  /** Bits of the node and its function, with `'next-csid'`: 1 to 120. */
  readonly nodeFunctionBits?: number | undefined;
  /** Whether packets are counted; Linux 5.14. */
  readonly count?: boolean | undefined;
  /** The kernel tells them. */
  readonly counters?: Seg6LocalCounters | undefined;
}

export type Seg6LocalAction = keyof typeof ACTIONS;
export type Seg6Flavor = 'psp' | 'usp' | 'usd' | 'next-csid';

/** What has reached a segment. */
export interface Seg6LocalCounters {
  readonly packets: bigint;
  readonly bytes: bigint;
  readonly errors: bigint;
}

const ACTIONS = {
  End: SEG6_LOCAL_ACTION_END,
  'End.X': SEG6_LOCAL_ACTION_END_X,
  'End.T': SEG6_LOCAL_ACTION_END_T,
  'End.DX2': SEG6_LOCAL_ACTION_END_DX2,
  'End.DX6': SEG6_LOCAL_ACTION_END_DX6,
  'End.DX4': SEG6_LOCAL_ACTION_END_DX4,
  'End.DT6': SEG6_LOCAL_ACTION_END_DT6,
  'End.DT4': SEG6_LOCAL_ACTION_END_DT4,
  'End.B6': SEG6_LOCAL_ACTION_END_B6,
  'End.B6.Encaps': SEG6_LOCAL_ACTION_END_B6_ENCAP,
  'End.BM': SEG6_LOCAL_ACTION_END_BM,
  'End.BPF': SEG6_LOCAL_ACTION_END_BPF,
  'End.DT46': SEG6_LOCAL_ACTION_END_DT46,
} as const;

/** What the actions need, one of each list. */
const NEEDED: Readonly<Partial<Record<string, readonly (keyof Seg6LocalEncap)[]>>> = {
  'End.X': ['nh6'],
  'End.T': ['table'],
  'End.DX2': ['oif'],
  'End.DX6': ['nh6'],
  'End.DX4': ['nh4'],
  'End.DT6': ['table', 'vrfTable'],
  'End.DT4': ['vrfTable'],
  'End.DT46': ['vrfTable'],
  'End.B6': ['segments'],
  'End.B6.Encaps': ['segments'],
};

/** In the order of their numbers, `SEG6_LOCAL_FLV_OP_…`; the first is that of none. */
const FLAVORS: readonly (Seg6Flavor | undefined)[] = [undefined, 'psp', 'usp', 'usd', 'next-csid'];

const PROPERTIES = propertiesOf<Seg6LocalEncap>(
  {
    type: 'set',
    action: 'set',
    segments: 'set',
    table: 'set',
    vrfTable: 'set',
    nh4: 'set',
    nh6: 'set',
    iif: 'set',
    oif: 'set',
    flavors: 'set',
    locatorBlockBits: 'set',
    nodeFunctionBits: 'set',
    count: 'set',
    counters: 'set',
  },
  { segs: 'segments', srh: 'segments', vrftable: 'vrfTable', lblen: 'locatorBlockBits', nflen: 'nodeFunctionBits' },
);

type Fields = Omit<Seg6LocalEncap, 'type'> & WithUnknown;

const action: Field<Seg6LocalAction | number> = named(u32(SEG6_LOCAL_ACTION), ACTIONS);

/** `<linux/seg6_local.h>` */
export const seg6local = encapOfFields<Fields>(
  PROPERTIES,
  {
    action,
    table: u32(SEG6_LOCAL_TABLE, 1),
    vrfTable: u32(SEG6_LOCAL_VRFTABLE, 1),
    nh4: ipAddress(SEG6_LOCAL_NH4, 'ipv4'),
    nh6: ipAddress(SEG6_LOCAL_NH6, 'ipv6'),
    iif: u32(SEG6_LOCAL_IIF, 1, 0x7fffffff),
    oif: u32(SEG6_LOCAL_OIF, 1, 0x7fffffff),
  },
  {
    spreads: [
      {
        properties: ['segments'],
        attributes: [SEG6_LOCAL_SRH],
        read(data, into) {
          // The action stands before its segments.
          const inline = into.action !== 'End.B6.Encaps';
          const read = readSegmentHeader(data.bytes.u8.subarray(data.start, data.end), inline);
          if (read === undefined || read.hmac !== undefined) keepUnknown(data, into);
          else into.segments = read.segments;
        },
        check() {},
        write(writer, { segments, action: name }) {
          if (segments !== undefined)
            writer.bytes(SEG6_LOCAL_SRH, segmentHeader({ segments }, name !== 'End.B6.Encaps'));
        },
      },
      {
        properties: ['flavors', 'locatorBlockBits', 'nodeFunctionBits'],
        attributes: [SEG6_LOCAL_FLAVORS],
        read(data, into) {
          const nested = data.nested();
          while (nested.next())
            switch (nested.type) {
              case SEG6_LOCAL_FLV_OPERATION: {
                const bits = nested.u32();
                const names = FLAVORS.filter((name, bit) => name !== undefined && (bits & (1 << bit)) !== 0);
                if (bits >>> FLAVORS.length !== 0) keepUnknown(data, into);
                else into.flavors = names as Seg6Flavor[];
                break;
              }
              case SEG6_LOCAL_FLV_LCBLOCK_BITS:
                into.locatorBlockBits = nested.u8();
                break;
              case SEG6_LOCAL_FLV_LCNODE_FN_BITS:
                into.nodeFunctionBits = nested.u8();
                break;
              default:
                keepUnknown(nested, into);
            }
        },
        check() {},
        write(writer, { flavors, locatorBlockBits, nodeFunctionBits }) {
          if (flavors === undefined) return;
          writer.nest(
            SEG6_LOCAL_FLAVORS,
            (nested) => {
              nested.u32(
                SEG6_LOCAL_FLV_OPERATION,
                flavors.reduce((bits, name) => bits | (1 << FLAVORS.indexOf(name)), 0),
              );
              if (locatorBlockBits !== undefined) nested.u8(SEG6_LOCAL_FLV_LCBLOCK_BITS, locatorBlockBits);
              if (nodeFunctionBits !== undefined) nested.u8(SEG6_LOCAL_FLV_LCNODE_FN_BITS, nodeFunctionBits);
            },
            true,
          );
        },
      },
      {
        properties: ['count', 'counters'],
        attributes: [SEG6_LOCAL_COUNTERS],
        read(data, into) {
          const counters = { packets: 0n, bytes: 0n, errors: 0n };
          readInside(data, into, (nested, notKnown) => {
            while (nested.next())
              if (nested.type === SEG6_LOCAL_CNT_PACKETS) counters.packets = nested.u64();
              else if (nested.type === SEG6_LOCAL_CNT_BYTES) counters.bytes = nested.u64();
              else if (nested.type === SEG6_LOCAL_CNT_ERRORS) counters.errors = nested.u64();
              else if (nested.type !== SEG6_LOCAL_CNT_PAD) notKnown();
          });
          into.count = true;
          into.counters = withJson(counters);
        },
        check() {},
        write(writer, { count }) {
          if (count === true) writeCounters(writer);
        },
      },
    ],
    also: checkAction,
  },
);

/** They begin at 0. */
function writeCounters(writer: MessageWriter): void {
  writer.nest(
    SEG6_LOCAL_COUNTERS,
    (nested) => {
      for (const counter of [SEG6_LOCAL_CNT_PACKETS, SEG6_LOCAL_CNT_BYTES, SEG6_LOCAL_CNT_ERRORS])
        nested.u64(counter, 0n);
    },
    true,
  );
}

function checkAction(encap: Fields, property: string): void {
  const { action: name, segments, flavors, count, locatorBlockBits, nodeFunctionBits } = encap;
  if (name === undefined)
    throw new InvalidOptionError(
      `${property}.action`,
      `${property}.action is missing: one of ${Object.keys(ACTIONS).join(', ')}`,
    );
  const needed = NEEDED[typeof name === 'number' ? '' : name];
  if (needed !== undefined && needed.filter((key) => (encap as Seg6LocalEncap)[key] !== undefined).length !== 1)
    throw new InvalidOptionError(
      `${property}.${needed[0]}`,
      `${property}: the action '${name}' needs ${needed.length > 1 ? 'one of ' : ''}${needed.map((key) => `\`${key}\``).join(' and ')}`,
    );
  if (segments !== undefined) checkSegments(property, segments);
  checkArray(`${property}.flavors`, flavors, 'flavors');
  for (const flavor of flavors ?? [])
    if (flavor === undefined || !FLAVORS.includes(flavor))
      throw mustBe(`${property}.flavors`, `an array of ${FLAVORS.slice(1).join(', ')}`, flavors);
  for (const [key, value] of Object.entries({ locatorBlockBits, nodeFunctionBits })) {
    if (value === undefined) continue;
    BITS.check?.(`${property}.${key}`, value);
    if (flavors?.includes('next-csid') !== true)
      throw new InvalidOptionError(`${property}.${key}`, `${property}.${key} is for the flavor 'next-csid'`);
  }
  checkBoolean(`${property}.count`, count);
}

const BITS = u8(SEG6_LOCAL_FLV_LCBLOCK_BITS, 1, 120);
