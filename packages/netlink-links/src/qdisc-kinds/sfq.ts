import { checkInteger } from '../codec/checked-number.js';
import { LITTLE_ENDIAN } from '../codec/endianness.js';
import { propertiesOf } from '../codec/properties.js';
import type { QdiscKind } from './kind.js';

/** Flows are served in turn; tc-sfq(8). */
export interface SfqAttributes {
  /** Bytes that a flow may send when it is its turn; the link's MTU if left out. */
  quantum?: number;
  /** Seconds after which flows are hashed anew; 0 is never. */
  perturb?: number;
  /** Packets. */
  limit?: number;
  divisor?: number;
  /** The most flows. */
  flows?: number;
  /** Packets that a flow may have queued; it can only be read here. */
  depth?: number;
}

const properties = propertiesOf<SfqAttributes>({
  quantum: 'set',
  perturb: 'set',
  limit: 'set',
  divisor: 'set',
  flows: 'set',
  depth: 'set',
});

/** `struct tc_sfq_qopt`: quantum, perturb_period, limit, divisor, flows. */
const TC_SFQ_QOPT_SIZE = 20;
const DEPTH_OFFSET = 20;

export const sfq: QdiscKind<SfqAttributes> = {
  kernelName: 'sfq',
  properties,
  encode(writer, { quantum = 0, perturb = 0, limit = 0, divisor = 0, flows = 0 }) {
    checkInteger('quantum', quantum, 0, 0x7fffffff);
    checkInteger('period of perturbation', perturb, 0, 0x7fffffff);
    checkInteger('limit', limit, 0, 0xffffffff);
    checkInteger('divisor', divisor, 0, 0x10000);
    checkInteger('number of flows', flows, 0, 0xffffffff);
    writer.header(TC_SFQ_QOPT_SIZE, (view, at) => {
      for (const [index, value] of [quantum, perturb, limit, divisor, flows].entries())
        view.setUint32(at + index * 4, value, LITTLE_ENDIAN);
    });
  },
  decode(options, qdisc) {
    qdisc.quantum = options.u32At(0);
    qdisc.perturb = options.u32At(4);
    qdisc.limit = options.u32At(8);
    qdisc.divisor = options.u32At(12);
    qdisc.flows = options.u32At(16);
    if (options.length >= DEPTH_OFFSET + 4) qdisc.depth = options.u32At(DEPTH_OFFSET);
  },
};
