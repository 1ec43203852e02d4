import { checkInteger } from 'netns-core/checks';
import { checkQuantity, propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { keepUnknown } from '../../message/unknown-attribute.js';
import { SFB_MAX_PROB, TC_SFB_QOPT_SIZE, TCA_SFB_PARMS } from '../../uapi/pkt-sched.js';
import { consecutive, type QdiscKind } from './kind.js';

/** Stochastic fair blue: flows that do not slow down when their packets are dropped get a fixed rate; tc-sfb(8). */
export interface SfbAttributes {
  /** The most packets; the length of the link's queue if it is 0 or left out. */
  readonly limit?: number;
  /** Packets that a bucket may have; a fourth more than `target` if left out, or 25. */
  readonly max?: number;
  /** Packets that a bucket is to have; four fifths of `max` if left out. */
  readonly target?: number;
  /** By how much the probability of a drop grows, per cent; 0.05 if left out. */
  readonly increment?: number;
  /** By how much it falls, per cent; 0.005 if left out. */
  readonly decrement?: number;
  /** Packets per second of flows that do not slow down; 10 if left out. */
  readonly penaltyRate?: number;
  /** Packets that they may send at once; 20 if left out. */
  readonly penaltyBurst?: number;
  /** How often flows are hashed anew, ms; 600,000 if left out. */
  readonly rehashInterval?: number;
  /** How long before that the next hash is prepared, ms; 60,000 if left out. */
  readonly warmupTime?: number;
}

/** Counters of a sfb; `struct tc_sfb_xstats`. */
export interface SfbStatistics {
  readonly earlyDrop: number;
  readonly penaltyDrop: number;
  readonly bucketDrop: number;
  readonly queueDrop: number;
  /** Dropped by the queueing discipline inside. */
  readonly childDrop: number;
  readonly marked: number;
  /** The most packets that a bucket has. */
  readonly maxQueueLength: number;
  /** The greatest probability of a bucket, and the average one, per cent. */
  readonly maxProbability: number;
  readonly averageProbability: number;
}

const MAX_U32 = 0xffffffff;
/** The numbers of `struct tc_sfb_qopt` in their order. */
const NAMES = [
  'rehashInterval',
  'warmupTime',
  'max',
  'target',
  'increment',
  'decrement',
  'limit',
  'penaltyRate',
  'penaltyBurst',
] as const;
const SHARES: readonly string[] = ['increment', 'decrement'];

const percent = (number: number): number => (number / SFB_MAX_PROB) * 100;
const probability = (share: number): number => Math.round((share / 100) * SFB_MAX_PROB);

/** The numbers as they are sent: those that are left out are those of tc. */
function numbersOf(qdisc: Partial<SfbAttributes>): Record<(typeof NAMES)[number], number> {
  const { rehashInterval = 600_000, warmupTime = 60_000, limit = 0, penaltyRate = 10, penaltyBurst = 20 } = qdisc;
  const max = qdisc.max || (qdisc.target ? Math.floor((qdisc.target * 5 + 1) / 4) : 25);
  const target = qdisc.target || Math.floor((max * 4 + 3) / 5);
  const increment = probability(qdisc.increment ?? 0.05);
  const decrement = probability(qdisc.decrement ?? 0.005);
  return { rehashInterval, warmupTime, max, target, increment, decrement, limit, penaltyRate, penaltyBurst };
}

export const sfb: QdiscKind<SfbAttributes> = {
  kernelName: 'sfb',
  properties: propertiesOf<SfbAttributes>(
    {
      limit: 'set',
      max: 'set',
      target: 'set',
      increment: 'set',
      decrement: 'set',
      penaltyRate: 'set',
      penaltyBurst: 'set',
      rehashInterval: 'set',
      warmupTime: 'set',
    },
    { rehash: 'rehashInterval', db: 'warmupTime', penalty_rate: 'penaltyRate', penalty_burst: 'penaltyBurst' },
  ),
  holdsAttributes: true,
  check(qdisc) {
    for (const name of NAMES)
      if (SHARES.includes(name)) checkQuantity(name, qdisc[name], 0, 100, 'per cent');
      else checkInteger(name, qdisc[name], 0, MAX_U32);
    checkInteger('max', numbersOf(qdisc).max, 1, MAX_U32);
  },
  write(writer, qdisc) {
    const numbers = numbersOf(qdisc);
    writer.struct(TCA_SFB_PARMS, TC_SFB_QOPT_SIZE, (view, at) => {
      for (const [index, name] of NAMES.entries()) view.setUint32(at + index * 4, numbers[name], LITTLE_ENDIAN);
    });
  },
  read(options, qdisc) {
    const attributes = options.nested();
    while (attributes.next())
      if (attributes.type === TCA_SFB_PARMS) {
        const numbers = consecutive(attributes, 0, NAMES);
        Object.assign(qdisc, numbers, {
          increment: percent(numbers.increment),
          decrement: percent(numbers.decrement),
        });
      } else keepUnknown(attributes, qdisc);
  },
  readStatistics(counters): SfbStatistics {
    const numbers = consecutive(counters, 0, [
      'earlyDrop',
      'penaltyDrop',
      'bucketDrop',
      'queueDrop',
      'childDrop',
      'marked',
      'maxQueueLength',
      'maxProbability',
      'averageProbability',
    ]);
    return {
      ...numbers,
      maxProbability: percent(numbers.maxProbability),
      averageProbability: percent(numbers.averageProbability),
    };
  },
};
