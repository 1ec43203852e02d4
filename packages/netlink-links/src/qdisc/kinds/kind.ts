import type { AttributeReader } from '../../message/attribute-reader.js';
import type { KnownProperties } from '../../message/checks.js';
import { checkFields, type Field, type Fields, fieldReader, type Reading, writeFields } from '../../message/fields.js';
import type { MessageWriter } from '../../message/message-writer.js';

/** What is particular to a kind of queueing discipline: how its `TCA_OPTIONS` are written and read. */
export interface QdiscKind<A extends object> {
  /** The name that the kernel knows the kind by (`TCA_KIND`). */
  readonly kernelName: string;
  /** The names of all that the kind has of its own. */
  readonly properties: KnownProperties;
  /** Where it goes unless told otherwise; `'root'` if absent. */
  readonly parent?: 'ingress';
  /** Whether `TCA_OPTIONS` holds attributes, of which those that are not known here are kept and written as they were. */
  readonly holdsAttributes?: boolean;
  /** Whether the kernel wants `TCA_OPTIONS` marked as one that holds attributes (`NLA_F_NESTED`): newer kinds do. */
  readonly marked?: boolean;
  /**
   * Refuses what cannot be written: after it, `write` succeeds. Absent where there is nothing to be set.
   *
   * @throws InvalidOptionError
   */
  check?(qdisc: Partial<A>): void;
  /** Writes what goes into `TCA_OPTIONS`. Absent where there is nothing to be set. */
  write?(writer: MessageWriter, qdisc: Partial<A>): void;
  /** Reads `TCA_OPTIONS`, on which the reader stands, into `qdisc`. Absent where the kernel has nothing to tell. */
  read?(options: AttributeReader, qdisc: Reading<A>): void;
  /** Reads the kind's own counters (`TCA_STATS_APP`), on which the reader stands. Absent where there are none. */
  readStatistics?(counters: AttributeReader): object;
}

/** Makes a kind whose options are a series of attributes, one for each property. */
export function qdiscOfFields<A extends object>(
  kernelName: string,
  fields: { readonly [K in keyof A]-?: Field<NonNullable<A[K]>> },
  synonyms: Readonly<Record<string, string>>,
  more: Pick<QdiscKind<A>, 'readStatistics' | 'marked'> = {},
): QdiscKind<A> {
  const all: Fields<A> = fields;
  const readOptions = fieldReader(all);
  return {
    kernelName,
    properties: { names: Object.keys(fields), synonyms },
    holdsAttributes: true,
    check: (qdisc) => checkFields(all, qdisc),
    write: (writer, qdisc) => writeFields(writer, all, qdisc),
    read: (options, qdisc) => readOptions(options.nested(), qdisc),
    ...more,
  };
}

/** Reads numbers (u32) that follow one another in a structure. */
export function consecutive<N extends string>(
  data: AttributeReader,
  offset: number,
  names: readonly N[],
): Record<N, number> {
  return Object.fromEntries(names.map((name, index) => [name, data.u32At(offset + index * 4)])) as Record<N, number>;
}
