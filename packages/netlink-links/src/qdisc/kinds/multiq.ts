import { checkInteger } from 'netns-core/checks';
import { propertiesOf } from '../../message/checks.js';
import { TC_MULTIQ_QOPT_SIZE } from '../../uapi/pkt-sched.js';
import type { QdiscKind } from './kind.js';

/** A band for each of the hardware's queues. */
export interface MultiqAttributes {
  /** Told: the link's number of queues. */
  readonly bands?: number;
  /** Told. */
  readonly maxBands?: number;
}

const properties = propertiesOf<MultiqAttributes>({ bands: 'set', maxBands: 'set' });

export const multiq: QdiscKind<MultiqAttributes> = {
  kernelName: 'multiq',
  properties,
  check({ bands, maxBands }) {
    checkInteger('bands', bands, 0, 0xffff);
    checkInteger('maxBands', maxBands, 0, 0xffff);
  },
  write(writer) {
    // The kernel fills it in from the link.
    writer.header(TC_MULTIQ_QOPT_SIZE, () => {});
  },
  read(options, qdisc) {
    qdisc.bands = options.u16At(0);
    qdisc.maxBands = options.u16At(2);
  },
};
