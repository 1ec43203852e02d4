import { LITTLE_ENDIAN } from '../codec/endianness.js';
import { propertiesOf } from '../codec/properties.js';
import type { QdiscKind } from './kind.js';

/** A band for each of the hardware's queues. */
export interface MultiqAttributes {
  bands?: number;
  maxBands?: number;
}

const properties = propertiesOf<MultiqAttributes>({ bands: 'set', maxBands: 'set' });

export const multiq: QdiscKind<MultiqAttributes> = {
  kernelName: 'multiq',
  properties,
  encode(writer) {
    // `struct tc_multiq_qopt`; the kernel fills it in from the link.
    writer.header(4, (view, at) => view.setUint16(at, 0, LITTLE_ENDIAN));
  },
  decode(options, qdisc) {
    qdisc.bands = options.u16At(0);
    qdisc.maxBands = options.u16At(2);
  },
};
