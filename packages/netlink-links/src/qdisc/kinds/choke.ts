import { InvalidOptionError } from 'netns-core';
import { checkBoolean, checkInteger } from 'netns-core/checks';
import { propertiesOf } from '../../message/checks.js';
import { keepUnknown } from '../../message/unknown-attribute.js';
import { TC_RED_ECN, TCA_CHOKE_MAX_P, TCA_CHOKE_PARMS, TCA_CHOKE_STAB } from '../../uapi/pkt-sched.js';
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
 * Random early detection that drops two packets of the same flow together, so that what sends much loses more; tc-choke(8).
 * `limit`, `min` and `max` are packets. Of what it is made from the kernel tells as much as of a red.
 */
export interface ChokeAttributes extends RedParameters {
  /** The most that the queue may hold, packets. */
  readonly limit: number;
  /** Mark packets that can be marked instead of dropping them. */
  readonly ecn?: boolean;
}

/** Counters of a choke; `struct tc_choke_xstats`. */
export interface ChokeStatistics {
  /** Dropped early, by chance. */
  readonly early: number;
  /** Dropped because the queue was full. */
  readonly full: number;
  readonly other: number;
  readonly marked: number;
  /** Dropped because one of the same flow was. */
  readonly matched: number;
}

export const choke: QdiscKind<ChokeAttributes> = {
  kernelName: 'choke',
  properties: propertiesOf<ChokeAttributes>(
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
    },
    { minimum: 'min', maximum: 'max', avpkt: 'averagePacket' },
  ),
  holdsAttributes: true,
  check(qdisc) {
    const { limit } = qdisc;
    if (limit === undefined) throw new InvalidOptionError('limit', 'choke needs a `limit` in packets');
    checkInteger('limit', limit, 1, 0xffffffff);
    checkRedParameters(qdisc);
    checkBoolean('ecn', qdisc.ecn);
    redNumbers(limit, qdisc, true);
  },
  write(writer, qdisc) {
    const flags = qdisc.ecn === true ? TC_RED_ECN : 0;
    writeRedNumbers(writer, redNumbers(qdisc.limit ?? 0, qdisc, true), flags, {
      parameters: TCA_CHOKE_PARMS,
      table: TCA_CHOKE_STAB,
      maxProbability: TCA_CHOKE_MAX_P,
    });
  },
  read(options, qdisc) {
    const attributes = options.nested();
    while (attributes.next())
      switch (attributes.type) {
        case TCA_CHOKE_PARMS:
          if ((readRedQopt(attributes, qdisc) & TC_RED_ECN) !== 0) qdisc.ecn = true;
          break;
        case TCA_CHOKE_MAX_P:
          qdisc.probability = probabilityOf(attributes.u32());
          break;
        // The kernel takes it and does not tell it.
        case TCA_CHOKE_STAB:
          break;
        default:
          keepUnknown(attributes, qdisc);
      }
  },
  readStatistics: (counters): ChokeStatistics =>
    consecutive(counters, 0, ['early', 'full', 'other', 'marked', 'matched']),
};
