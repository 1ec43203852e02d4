import { InvalidOptionError } from 'netns-core';
import { checkBoolean, checkInteger } from 'netns-core/checks';
import { mustBe, propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { TC_CBS_QOPT_SIZE, TCA_CBS_PARMS } from '../../uapi/pkt-sched.js';
import { qdiscOfStructure } from './structure.js';

/** Credit-based shaper (IEEE 802.1Qav) of one of the queues of a link, below `mqprio`; tc-cbs(8). All four numbers are needed. */
export interface CbsAttributes {
  /** The credit that can be gathered, bytes. */
  readonly hiCredit?: number;
  /** The credit that can be lacking, bytes: a negative number. */
  readonly loCredit?: number;
  /** How fast credit is gathered while nothing is sent: bits per second, whole kilobits. */
  readonly idleSlope?: number;
  /** How fast it is spent while something is sent: bits per second, whole kilobits, a negative number. */
  readonly sendSlope?: number;
  /** The device does it itself. */
  readonly offload?: boolean;
}

const BITS_PER_UNIT = 1000;
const MAX = 0x7fffffff;
const MIN = -0x80000000;
const CREDITS = ['hiCredit', 'loCredit'] as const;
const SLOPES = ['idleSlope', 'sendSlope'] as const;
/** `struct tc_cbs_qopt`: offload (u8), padding, and then these (i32 each). */
const OFFSETS = { hiCredit: 4, loCredit: 8, idleSlope: 12, sendSlope: 16 } as const;

export const cbs = qdiscOfStructure<CbsAttributes>({
  kernelName: 'cbs',
  attribute: TCA_CBS_PARMS,
  size: TC_CBS_QOPT_SIZE,
  properties: propertiesOf<CbsAttributes>({
    hiCredit: 'set',
    loCredit: 'set',
    idleSlope: 'set',
    sendSlope: 'set',
    offload: 'set',
  }),
  check(qdisc) {
    for (const name of [...CREDITS, ...SLOPES])
      if (qdisc[name] === undefined)
        throw new InvalidOptionError(name, 'cbs needs `hiCredit`, `loCredit`, `idleSlope` and `sendSlope`');
    for (const name of CREDITS) checkInteger(name, qdisc[name], MIN, MAX);
    for (const name of SLOPES) {
      const value = qdisc[name];
      if (!Number.isInteger(value) || Number(value) % BITS_PER_UNIT !== 0)
        throw mustBe(name, 'bits per second, whole kilobits', value);
      checkInteger(name, value, MIN * BITS_PER_UNIT, MAX * BITS_PER_UNIT);
    }
    checkBoolean('offload', qdisc.offload);
  },
  fill(view, at, qdisc) {
    view.setUint8(at, qdisc.offload === true ? 1 : 0);
    for (const name of CREDITS) view.setInt32(at + OFFSETS[name], qdisc[name] ?? 0, LITTLE_ENDIAN);
    for (const name of SLOPES) view.setInt32(at + OFFSETS[name], (qdisc[name] ?? 0) / BITS_PER_UNIT, LITTLE_ENDIAN);
  },
  take(structure, qdisc) {
    qdisc.offload = structure.u8At(0) !== 0;
    for (const name of CREDITS) qdisc[name] = structure.u32At(OFFSETS[name]) | 0;
    for (const name of SLOPES) qdisc[name] = (structure.u32At(OFFSETS[name]) | 0) * BITS_PER_UNIT;
  },
});
