import type { AttributeReader } from '../codec/attribute-reader.js';
import type { MessageWriter } from '../codec/message-writer.js';
import type { KnownProperties } from '../codec/properties.js';

/** What is particular to a kind of queueing discipline: how its `TCA_OPTIONS` are written and read. */
export interface QdiscKind<A extends object> {
  /** The name that the kernel knows the kind by (`TCA_KIND`). */
  readonly kernelName: string;
  /** The names of all that the kind has of its own. */
  readonly properties: KnownProperties;
  /** Where it goes unless told otherwise; `'root'` if absent. */
  readonly parent?: 'ingress';
  /** Checks what is asked for and writes what goes into `TCA_OPTIONS`. Absent where there is nothing to be set. */
  encode?(writer: MessageWriter, qdisc: Partial<A>): void;
  /** Reads `TCA_OPTIONS`, on which the reader stands, into `qdisc`. Absent where the kernel has nothing to tell. */
  decode?(options: AttributeReader, qdisc: Partial<A>): void;
}
