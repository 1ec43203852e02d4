import { checkBoolean, checkInteger } from 'netns-core/checks';
import { checkProperties, mustBe, propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { TC_RED_ECN, TC_RED_HARDDROP, TC_SFQ_QOPT_SIZE, TC_SFQ_QOPT_V1_SIZE } from '../../uapi/pkt-sched.js';
import type { QdiscKind } from './kind.js';

/** Flows are served in turn; tc-sfq(8). */
export interface SfqAttributes {
  /** Bytes that a flow may send when it is its turn; the link's MTU if left out. */
  readonly quantum?: number;
  /** Seconds after which flows are hashed anew; 0 is never. */
  readonly perturb?: number;
  /** Packets. */
  readonly limit?: number;
  readonly divisor?: number;
  /** The most flows. */
  readonly flows?: number;
  /** Packets that a flow may have queued. */
  readonly depth?: number;
  /** When a queue is full the oldest packet is dropped, not the newest. */
  readonly headDrop?: boolean;
  /** Random early detection in each flow's queue, as the kernel has it; tc-red(8) explains the parameters. */
  readonly red?: SfqRed;
}

/** Parameters of random early detection, `struct tc_sfq_qopt_v1` of `<linux/pkt_sched.h>`. */
export interface SfqRed {
  /** Bytes in the queue from which packets may be dropped. */
  readonly min: number;
  /** Bytes in the queue from which every packet is dropped. */
  readonly max: number;
  /** The probability at `max`, in parts of 2^32. */
  readonly maxProbability: number;
  /** Logarithms by which the kernel reckons: of the weight of the average, of the slope, of a cell when idle. */
  readonly wlog: number;
  readonly plog: number;
  readonly scellLog: number;
  /** Mark packets that can be marked instead of dropping them. */
  readonly ecn: boolean;
  /** Drop them for all that when the average is beyond `max`. */
  readonly hardDrop: boolean;
}

const properties = propertiesOf<SfqAttributes>(
  {
    quantum: 'set',
    perturb: 'set',
    limit: 'set',
    divisor: 'set',
    flows: 'set',
    depth: 'set',
    headDrop: 'set',
    red: 'set',
  },
  { headdrop: 'headDrop' },
);

const RED_PROPERTIES = propertiesOf<SfqRed>({
  min: 'set',
  max: 'set',
  maxProbability: 'set',
  wlog: 'set',
  plog: 'set',
  scellLog: 'set',
  ecn: 'set',
  hardDrop: 'set',
});

// Offsets in `struct tc_sfq_qopt_v1`, behind its `struct tc_sfq_qopt`.
const DEPTH_OFFSET = 20;
const HEADDROP_OFFSET = 24;
const QTH_MIN_OFFSET = 32;
const QTH_MAX_OFFSET = 36;
const WLOG_OFFSET = 40;
const PLOG_OFFSET = 41;
const SCELL_LOG_OFFSET = 42;
const FLAGS_OFFSET = 43;
const MAX_P_OFFSET = 44;

function checkRed(red: unknown): void {
  if (red === undefined) return;
  checkProperties(red, 'red', RED_PROPERTIES);
  const { ecn, hardDrop, ...numbers } = red as SfqRed;
  for (const name of ['min', 'max', 'maxProbability', 'wlog', 'plog', 'scellLog'] as const) {
    if (numbers[name] === undefined) throw mustBe(`red.${name}`, 'given', undefined);
    checkInteger(`red.${name}`, numbers[name], 0, name.endsWith('og') ? 0xff : 0xffffffff);
  }
  checkBoolean('red.ecn', ecn);
  checkBoolean('red.hardDrop', hardDrop);
}

export const sfq: QdiscKind<SfqAttributes> = {
  kernelName: 'sfq',
  properties,
  check(qdisc) {
    checkInteger('quantum', qdisc.quantum, 0, 0x7fffffff);
    checkInteger('perturb', qdisc.perturb, 0, 0x7fffffff);
    checkInteger('limit', qdisc.limit, 0, 0xffffffff);
    checkInteger('divisor', qdisc.divisor, 0, 0x10000);
    checkInteger('flows', qdisc.flows, 0, 0xffffffff);
    checkInteger('depth', qdisc.depth, 0, 0xffffffff);
    checkBoolean('headDrop', qdisc.headDrop);
    checkRed(qdisc.red);
  },
  write(writer, { quantum = 0, perturb = 0, limit = 0, divisor = 0, flows = 0, depth = 0, headDrop, red }) {
    writer.header(TC_SFQ_QOPT_V1_SIZE, (view, at) => {
      for (const [index, value] of [
        quantum,
        perturb,
        limit,
        divisor,
        flows,
        depth,
        headDrop === true ? 1 : 0,
      ].entries())
        view.setUint32(at + index * 4, value, LITTLE_ENDIAN);
      if (red === undefined) return;
      view.setUint32(at + QTH_MIN_OFFSET, red.min, LITTLE_ENDIAN);
      view.setUint32(at + QTH_MAX_OFFSET, red.max, LITTLE_ENDIAN);
      view.setUint8(at + WLOG_OFFSET, red.wlog);
      view.setUint8(at + PLOG_OFFSET, red.plog);
      view.setUint8(at + SCELL_LOG_OFFSET, red.scellLog);
      view.setUint8(at + FLAGS_OFFSET, (red.ecn ? TC_RED_ECN : 0) | (red.hardDrop ? TC_RED_HARDDROP : 0));
      view.setUint32(at + MAX_P_OFFSET, red.maxProbability, LITTLE_ENDIAN);
    });
  },
  read(options, qdisc) {
    qdisc.quantum = options.u32At(0);
    qdisc.perturb = options.u32At(4);
    qdisc.limit = options.u32At(8);
    qdisc.divisor = options.u32At(12);
    qdisc.flows = options.u32At(16);
    if (options.length < TC_SFQ_QOPT_SIZE + 8) return;
    qdisc.depth = options.u32At(DEPTH_OFFSET);
    qdisc.headDrop = options.u32At(HEADDROP_OFFSET) !== 0;
    const min = options.length >= TC_SFQ_QOPT_V1_SIZE ? options.u32At(QTH_MIN_OFFSET) : 0;
    // Without random early detection there is no lower threshold.
    if (min === 0) return;
    const flags = options.u8At(FLAGS_OFFSET);
    qdisc.red = {
      min,
      max: options.u32At(QTH_MAX_OFFSET),
      maxProbability: options.u32At(MAX_P_OFFSET),
      wlog: options.u8At(WLOG_OFFSET),
      plog: options.u8At(PLOG_OFFSET),
      scellLog: options.u8At(SCELL_LOG_OFFSET),
      ecn: (flags & TC_RED_ECN) !== 0,
      hardDrop: (flags & TC_RED_HARDDROP) !== 0,
    };
  },
};
