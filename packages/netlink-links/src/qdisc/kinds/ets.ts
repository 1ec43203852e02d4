import { mustBe } from '../../message/checks.js';
import { type Field, u8, u32 } from '../../message/fields.js';
import {
  TC_PRIORITIES,
  TCA_ETS_NBANDS,
  TCA_ETS_NSTRICT,
  TCA_ETS_PRIOMAP,
  TCA_ETS_PRIOMAP_BAND,
  TCA_ETS_QUANTA,
  TCA_ETS_QUANTA_BAND,
} from '../../uapi/pkt-sched.js';
import { type QdiscKind, qdiscOfFields } from './kind.js';

/** Enhanced transmission selection: strict bands first, the others by their shares; tc-ets(8). */
export interface EtsAttributes {
  /** Number of bands, from 1 to 16; as many as `strict` and `quanta` name if left out. */
  readonly bands?: number;
  /** How many of them, the first ones, are always served before the others. */
  readonly strict?: number;
  /** Bytes that each of the other bands may send when it is its turn; the link's MTU where left out. */
  readonly quanta?: readonly number[];
  /** For each priority of packets, up to sixteen, the band that it goes to; the last band where left out. */
  readonly priomap?: readonly number[];
}

const MAX_BANDS = 16;

/** Numbers, each in an attribute, one after the other. */
const listOf = (attribute: number, element: Field<number>, max: number, of: string): Field<readonly number[]> => ({
  attribute,
  read(data) {
    const values: number[] = [];
    const elements = data.nested();
    while (elements.next()) if (elements.type === element.attribute) values.push(element.read(elements) ?? 0);
    return values;
  },
  check(property, value) {
    if (!Array.isArray(value) || value.length > max) throw mustBe(property, `an array of up to ${max} ${of}`, value);
    for (const [index, each] of Array.from(value).entries()) {
      if (each === undefined) throw mustBe(`${property}[${index}]`, 'given', each);
      element.check?.(`${property}[${index}]`, each);
    }
  },
  write(writer, type, values) {
    writer.nest(
      type,
      (nested) => {
        for (const value of values) element.write?.(nested, element.attribute, value);
      },
      true,
    );
  },
});

const fields = qdiscOfFields<EtsAttributes>(
  'ets',
  {
    bands: u8(TCA_ETS_NBANDS, 1, MAX_BANDS),
    strict: u8(TCA_ETS_NSTRICT, 0, MAX_BANDS),
    quanta: listOf(TCA_ETS_QUANTA, u32(TCA_ETS_QUANTA_BAND, 1), MAX_BANDS, 'sizes in bytes'),
    priomap: listOf(TCA_ETS_PRIOMAP, u8(TCA_ETS_PRIOMAP_BAND, 0, MAX_BANDS - 1), TC_PRIORITIES, 'bands'),
  },
  { prioritymap: 'priomap' },
  { marked: true },
);

/** The kernel wants their number in any case. */
const bandsOf = ({ bands, strict = 0, quanta = [] }: Partial<EtsAttributes>): number => bands ?? strict + quanta.length;

export const ets: QdiscKind<EtsAttributes> = {
  ...fields,
  check(qdisc) {
    fields.check?.(qdisc);
    const { strict = 0, quanta = [], priomap = [] } = qdisc;
    const bands = bandsOf(qdisc);
    if (bands < 1 || bands > MAX_BANDS)
      throw mustBe('bands', `an integer from 1 to ${MAX_BANDS}, or follow from strict and quanta`, qdisc.bands);
    if (strict > bands) throw mustBe('strict', `at most the number of bands, ${bands}`, strict);
    if (quanta.length > bands - strict)
      throw mustBe(
        'quanta',
        `an array of at most ${bands - strict} sizes: one for each band that is not strict`,
        quanta,
      );
    for (const [priority, band] of priomap.entries())
      if (band >= bands) throw mustBe(`priomap[${priority}]`, `a band from 0 to ${bands - 1}`, band);
  },
  write: (writer, qdisc) => fields.write?.(writer, { ...qdisc, bands: bandsOf(qdisc) }),
};
