import { InvalidOptionError } from 'netns-core';
import { checkProperties, checkQuantity, propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import type { Field } from '../../message/fields.js';
import { qdiscOfFields } from '../../qdisc/kinds/kind.js';
import { TC_SERVICE_CURVE_SIZE, TCA_HFSC_FSC, TCA_HFSC_RSC, TCA_HFSC_USC } from '../../uapi/pkt-sched.js';
import type { ClassKind } from './kind.js';

/** A curve of hfsc: a rate for a while, then another. */
export interface HfscCurve {
  /** The rate at first, bits per second; 0 if left out. */
  readonly m1?: number | undefined;
  /** How long the first rate lasts, ms; 0 if left out. */
  readonly d?: number | undefined;
  /** The rate from then on, bits per second. */
  readonly m2: number;
}

/** A class of hfsc; tc-hfsc(7). It needs `realTime` or `linkShare`; `sc` of tc is both of them. */
export interface HfscClassAttributes {
  /** What is guaranteed; `rt` of tc. */
  readonly realTime?: HfscCurve;
  /** Its share of what is left; `ls` of tc. */
  readonly linkShare?: HfscCurve;
  /** The most that it gets by its share; `ul` of tc. */
  readonly upperLimit?: HfscCurve;
}

const CURVE = propertiesOf<HfscCurve>({ m1: 'set', d: 'set', m2: 'set' }, { rate: 'm2' });
const D_OFFSET = 4;
const M2_OFFSET = 8;
/** Rates are 32-bit numbers of bytes. */
const MAX_RATE = 0xffffffff * 8;

const curve = (attribute: number): Field<HfscCurve> => ({
  attribute,
  read: (data) => ({
    m1: data.u32At(0) * 8,
    d: data.u32At(D_OFFSET) / 1000,
    m2: data.u32At(M2_OFFSET) * 8,
  }),
  check(property, value) {
    checkProperties(value, property, CURVE);
    const { m1, d, m2 } = value as HfscCurve;
    if (m2 === undefined)
      throw new InvalidOptionError(`${property}.m2`, `${property} needs \`m2\`, its rate in bits per second`);
    checkQuantity(`${property}.m1`, m1, 0, MAX_RATE, 'bits per second');
    checkQuantity(`${property}.d`, d, 0, 0xffffffff / 1000, 'ms');
    checkQuantity(`${property}.m2`, m2, 0, MAX_RATE, 'bits per second');
  },
  write: (writer, type, { m1 = 0, d = 0, m2 }) =>
    void writer.struct(type, TC_SERVICE_CURVE_SIZE, (view, at) => {
      view.setUint32(at, Math.floor(m1 / 8), LITTLE_ENDIAN);
      view.setUint32(at + D_OFFSET, Math.round(d * 1000), LITTLE_ENDIAN);
      view.setUint32(at + M2_OFFSET, Math.floor(m2 / 8), LITTLE_ENDIAN);
    }),
});

const fields = qdiscOfFields<HfscClassAttributes>(
  'hfsc',
  { realTime: curve(TCA_HFSC_RSC), linkShare: curve(TCA_HFSC_FSC), upperLimit: curve(TCA_HFSC_USC) },
  { rt: 'realTime', ls: 'linkShare', ul: 'upperLimit' },
);

export const hfsc: ClassKind<HfscClassAttributes> = {
  ...fields,
  check(spec) {
    const { realTime, linkShare, upperLimit } = spec;
    if (upperLimit !== undefined && linkShare === undefined)
      throw new InvalidOptionError('upperLimit', 'upperLimit is one of the linkShare, which has to be there as well');
    if (realTime === undefined && linkShare === undefined)
      throw new InvalidOptionError('realTime', 'a class of hfsc needs a curve: realTime, linkShare, or both');
    fields.check?.(spec);
  },
};
