import type { AttributeReader } from '../../message/attribute-reader.js';
import type { Reading } from '../../message/fields.js';
import type { QdiscKind } from '../../qdisc/kinds/kind.js';

/** What is particular to the classes of one kind of queueing discipline. */
export interface ClassKind<A extends object> extends Omit<QdiscKind<A>, 'parent'> {
  /** Reads `TCA_XSTATS`, on which the reader stands: counters that only this kind has. */
  readCounters?(counters: AttributeReader, read: Reading<A>): void;
}
