import { InvalidOptionError } from 'netns-core';
import { checkBoolean, checkInteger } from 'netns-core/checks';
import { propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { keepUnknown } from '../../message/unknown-attribute.js';
import {
  TC_RED_ADAPTATIVE,
  TC_RED_ECN,
  TC_RED_HARDDROP,
  TC_RED_NODROP,
  TCA_RED_EARLY_DROP_BLOCK,
  TCA_RED_FLAGS,
  TCA_RED_MARK_BLOCK,
  TCA_RED_MAX_P,
  TCA_RED_PARMS,
  TCA_RED_STAB,
} from '../../uapi/pkt-sched.js';
import { consecutive, type QdiscKind } from './kind.js';
import {
  checkRedParameters,
  probabilityOf,
  type RedParameters,
  readRedQopt,
  redNumbers,
  writeRedNumbers,
} from './red-parameters.js';

/**
 * Random early detection: packets are dropped by chance before the queue is full; tc-red(8). `limit`, `min` and `max`
 * are bytes; `max` is a fourth of the limit and `min` a third of that if left out.
 *
 * The kernel never tells `averagePacket`, `burst` and `bandwidth`. One that was read is given back by its logarithms,
 * with a table of idle times that fits `scellLog`; it is exact if the two it was made from are said beside:
 * `{ ...read, averagePacket: 1000, bandwidth: 10_000_000 }`.
 */
export interface RedAttributes extends RedParameters {
  /** The most that the queue may hold, bytes. */
  readonly limit: number;
  /** Mark packets that can be marked instead of dropping them. */
  readonly ecn?: boolean;
  /** Drop them for all that when the average is beyond `max`. */
  readonly hardDrop?: boolean;
  /** The probability is adapted, so that the average stays in the middle between `min` and `max`. */
  readonly adaptive?: boolean;
  /** Packets that cannot be marked are kept, not dropped. Linux 5.7 and later. */
  readonly noDrop?: boolean;
  /** Number of the block of filters that packets dropped early go through. Linux 5.9 and later. */
  readonly earlyDropBlock?: number;
  /** The same of packets that are marked. */
  readonly markBlock?: number;
}

/** Counters of a red; `struct tc_red_xstats`. */
export interface RedStatistics {
  /** Dropped early, by chance. */
  readonly early: number;
  /** Dropped because the queue was full. */
  readonly full: number;
  readonly other: number;
  readonly marked: number;
}

const properties = propertiesOf<RedAttributes>(
  {
    limit: 'set',
    min: 'set',
    max: 'set',
    averagePacket: 'set',
    burst: 'set',
    bandwidth: 'set',
    probability: 'set',
    wlog: 'set',
    plog: 'set',
    scellLog: 'set',
    ecn: 'set',
    hardDrop: 'set',
    adaptive: 'set',
    noDrop: 'set',
    earlyDropBlock: 'set',
    markBlock: 'set',
  },
  {
    minimum: 'min',
    maximum: 'max',
    avpkt: 'averagePacket',
    harddrop: 'hardDrop',
    adaptative: 'adaptive',
    nodrop: 'noDrop',
  },
);

const FLAGS = {
  ecn: TC_RED_ECN,
  hardDrop: TC_RED_HARDDROP,
  adaptive: TC_RED_ADAPTATIVE,
  noDrop: TC_RED_NODROP,
} as const;
/** The flags that the structure has room for; all of them are in `TCA_RED_FLAGS`. */
const HISTORIC_FLAGS = TC_RED_ECN | TC_RED_HARDDROP | TC_RED_ADAPTATIVE;

function readFlags(bits: number, qdisc: { -readonly [K in keyof typeof FLAGS]?: boolean }): void {
  for (const name of Object.keys(FLAGS) as (keyof typeof FLAGS)[]) {
    if ((bits & FLAGS[name]) !== 0) qdisc[name] = true;
  }
}

export const red: QdiscKind<RedAttributes> = {
  kernelName: 'red',
  properties,
  holdsAttributes: true,
  check(qdisc) {
    const { limit } = qdisc;
    if (limit === undefined) throw new InvalidOptionError('limit', 'red needs a `limit` in bytes');
    checkInteger('limit', limit, 1, 0xffffffff);
    checkRedParameters(qdisc);
    for (const name of Object.keys(FLAGS) as (keyof typeof FLAGS)[]) checkBoolean(name, qdisc[name]);
    checkInteger('earlyDropBlock', qdisc.earlyDropBlock, 1, 0xffffffff);
    checkInteger('markBlock', qdisc.markBlock, 1, 0xffffffff);
    if (qdisc.noDrop === true && qdisc.ecn !== true)
      throw new InvalidOptionError('noDrop', 'noDrop keeps packets that cannot be marked: it needs `ecn`');
    redNumbers(limit, qdisc, false);
  },
  write(writer, qdisc) {
    let bits = 0;
    for (const name of Object.keys(FLAGS) as (keyof typeof FLAGS)[]) if (qdisc[name] === true) bits |= FLAGS[name];
    writeRedNumbers(writer, redNumbers(qdisc.limit ?? 0, qdisc, false), 0, {
      parameters: TCA_RED_PARMS,
      table: TCA_RED_STAB,
      maxProbability: TCA_RED_MAX_P,
    });
    // `struct nla_bitfield32`: the flags, and which of them are said.
    writer.struct(TCA_RED_FLAGS, 8, (view, at) => {
      view.setUint32(at, bits, LITTLE_ENDIAN);
      view.setUint32(at + 4, HISTORIC_FLAGS | TC_RED_NODROP, LITTLE_ENDIAN);
    });
    if (qdisc.earlyDropBlock !== undefined) writer.u32(TCA_RED_EARLY_DROP_BLOCK, qdisc.earlyDropBlock);
    if (qdisc.markBlock !== undefined) writer.u32(TCA_RED_MARK_BLOCK, qdisc.markBlock);
  },
  read(options, qdisc) {
    const attributes = options.nested();
    while (attributes.next())
      switch (attributes.type) {
        case TCA_RED_PARMS:
          readFlags(readRedQopt(attributes, qdisc), qdisc);
          break;
        case TCA_RED_MAX_P:
          qdisc.probability = probabilityOf(attributes.u32());
          break;
        case TCA_RED_FLAGS:
          readFlags(attributes.u32At(0) & attributes.u32At(4), qdisc);
          break;
        case TCA_RED_EARLY_DROP_BLOCK:
          qdisc.earlyDropBlock = attributes.u32();
          break;
        case TCA_RED_MARK_BLOCK:
          qdisc.markBlock = attributes.u32();
          break;
        // The kernel takes it and does not tell it.
        case TCA_RED_STAB:
          break;
        default:
          keepUnknown(attributes, qdisc);
      }
  },
  readStatistics: (counters): RedStatistics => consecutive(counters, 0, ['early', 'full', 'other', 'marked']),
};
