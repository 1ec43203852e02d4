import { propertiesOf } from '../codec/properties.js';
import { bool32, u32 } from '../link-kinds/fields.js';
import { type Fields, fieldReader, writeFields } from '../link-kinds/kind.js';
import type { QdiscKind } from './kind.js';
import { microseconds } from './microseconds.js';

/** Controlled delay; tc-codel(8). */
export interface CodelAttributes {
  /** Delay that is accepted, ms. */
  target?: number;
  /** Packets. */
  limit?: number;
  /** How long the delay must last, ms. */
  interval?: number;
  ecn?: boolean;
  /** Delay from which packets are marked, ms. */
  ceThreshold?: number;
}

const properties = propertiesOf<CodelAttributes>(
  { target: 'set', limit: 'set', interval: 'set', ecn: 'set', ceThreshold: 'set' },
  { ce_threshold: 'ceThreshold' },
);

const fields: Fields<CodelAttributes> = {
  limit: u32(2),
  interval: microseconds(3),
  target: microseconds(1),
  ecn: bool32(4),
  ceThreshold: microseconds(5),
};
const read = fieldReader(fields);

export const codel: QdiscKind<CodelAttributes> = {
  kernelName: 'codel',
  properties,
  encode: (writer, qdisc) => writeFields(writer, fields, qdisc),
  decode: (options, qdisc) => read(options.nested(), qdisc),
};
