import { propertiesOf } from '../codec/properties.js';
import { bool32, u32 } from '../link-kinds/fields.js';
import { type Field, type Fields, fieldReader, writeFields } from '../link-kinds/kind.js';
import type { QdiscKind } from './kind.js';
import { microseconds } from './microseconds.js';

/** A queue for each flow, with pacing; tc-fq(8). */
export interface FqAttributes {
  /** Packets in all queues. */
  limit?: number;
  /** Packets in the queue of a flow. */
  flowLimit?: number;
  /** Bytes that a flow may send when it is its turn. */
  quantum?: number;
  initialQuantum?: number;
  pacing?: boolean;
  /** The most that a flow may send, in bits per second; Infinity is without a limit. */
  maxRate?: number;
  /** Number of buckets, a power of two. */
  buckets?: number;
  refillDelay?: number;
  orphanMask?: number;
  /** Bits per second up to which packets are not held back. */
  lowRateThreshold?: number;
  /** Delay from which packets are marked, ms. */
  ceThreshold?: number;
  /** How far ahead packets may ask to be sent, ms. */
  horizon?: number;
  /** Drop packets beyond the horizon instead of capping their time. */
  horizonDrop?: boolean;
}

const properties = propertiesOf<FqAttributes>(
  {
    limit: 'set',
    flowLimit: 'set',
    quantum: 'set',
    initialQuantum: 'set',
    pacing: 'set',
    maxRate: 'set',
    buckets: 'set',
    refillDelay: 'set',
    orphanMask: 'set',
    lowRateThreshold: 'set',
    ceThreshold: 'set',
    horizon: 'set',
    horizonDrop: 'set',
  },
  { flow_limit: 'flowLimit', maxrate: 'maxRate', refill_delay: 'refillDelay', ce_threshold: 'ceThreshold' },
);

const UNLIMITED = 0xffffffff;

/** Bits per second here, bytes per second in the kernel. */
const rate = (attribute: number): Field<number> => ({
  attribute,
  read: (data) => {
    const bytes = data.u32();
    return bytes === UNLIMITED ? Number.POSITIVE_INFINITY : bytes * 8;
  },
  write: (writer, type, value) =>
    void writer.u32(type, value === Number.POSITIVE_INFINITY ? UNLIMITED : Math.floor(value / 8)),
});

/** The kernel has the logarithm. */
const powerOfTwo = (attribute: number): Field<number> => ({
  attribute,
  read: (data) => 2 ** data.u32(),
  write: (writer, type, value) => void writer.u32(type, Math.round(Math.log2(value))),
});

const horizonDrop: Field<boolean> = {
  attribute: 15,
  read: (data) => data.u8() !== 0,
  write: (writer, type, value) => void writer.u8(type, value ? 1 : 0),
};

const fields: Fields<FqAttributes> = {
  buckets: powerOfTwo(8),
  limit: u32(1),
  flowLimit: u32(2),
  quantum: u32(3),
  initialQuantum: u32(4),
  pacing: bool32(5),
  maxRate: rate(7),
  lowRateThreshold: rate(11),
  refillDelay: microseconds(9),
  orphanMask: u32(10),
  ceThreshold: microseconds(12),
  horizon: microseconds(14),
  horizonDrop,
};
const read = fieldReader(fields);

export const fq: QdiscKind<FqAttributes> = {
  kernelName: 'fq',
  properties,
  encode: (writer, qdisc) => writeFields(writer, fields, qdisc),
  decode: (options, qdisc) => read(options.nested(), qdisc),
};
