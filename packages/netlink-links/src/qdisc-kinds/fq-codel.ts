import { propertiesOf } from '../codec/properties.js';
import { bool32, u32 } from '../link-kinds/fields.js';
import { type Fields, fieldReader, writeFields } from '../link-kinds/kind.js';
import type { QdiscKind } from './kind.js';
import { microseconds } from './microseconds.js';

/** Controlled delay for each of many flows; tc-fq_codel(8). */
export interface FqCodelAttributes {
  /** Packets. */
  limit?: number;
  /** Number of flows; only when it is made. */
  flows?: number;
  /** Bytes that a flow may send when it is its turn. */
  quantum?: number;
  /** How long the delay must last, ms. */
  interval?: number;
  /** Delay that is accepted, ms. */
  target?: number;
  ecn?: boolean;
  /** Delay from which packets are marked, ms. */
  ceThreshold?: number;
  /** Bytes. */
  memoryLimit?: number;
  dropBatch?: number;
}

const properties = propertiesOf<FqCodelAttributes>(
  {
    limit: 'set',
    flows: 'set',
    quantum: 'set',
    interval: 'set',
    target: 'set',
    ecn: 'set',
    ceThreshold: 'set',
    memoryLimit: 'set',
    dropBatch: 'set',
  },
  { memory_limit: 'memoryLimit', ce_threshold: 'ceThreshold', drop_batch: 'dropBatch' },
);

const fields: Fields<FqCodelAttributes> = {
  limit: u32(2),
  flows: u32(5),
  quantum: u32(6),
  interval: microseconds(3),
  target: microseconds(1),
  ecn: bool32(4),
  ceThreshold: microseconds(7),
  memoryLimit: u32(9),
  dropBatch: u32(8),
};
const read = fieldReader(fields);

export const fqCodel: QdiscKind<FqCodelAttributes> = {
  kernelName: 'fq_codel',
  properties,
  encode: (writer, qdisc) => writeFields(writer, fields, qdisc),
  decode: (options, qdisc) => read(options.nested(), qdisc),
};
