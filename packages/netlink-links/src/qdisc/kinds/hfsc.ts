import { checkInteger } from 'netns-core/checks';
import { propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { TC_HFSC_QOPT_SIZE } from '../../uapi/pkt-sched.js';
import type { QdiscKind } from './kind.js';

/** Hierarchical fair service curves; tc-hfsc(7). */
export interface HfscAttributes {
  /** Minor number of the class for packets that no filter puts in another; with 0 they are dropped. */
  readonly defaultClass: number;
}

const properties = propertiesOf<HfscAttributes>({ defaultClass: 'set' }, { default: 'defaultClass' });

/** `struct tc_hfsc_qopt` */
export const hfsc: QdiscKind<HfscAttributes> = {
  kernelName: 'hfsc',
  properties,
  check({ defaultClass }) {
    checkInteger('defaultClass', defaultClass, 0, 0xffff);
  },
  write(writer, { defaultClass = 0 }) {
    writer.header(TC_HFSC_QOPT_SIZE, (view, at) => view.setUint16(at, defaultClass, LITTLE_ENDIAN));
  },
  read(options, qdisc) {
    qdisc.defaultClass = options.u16At(0);
  },
};
