import type { QdiscKindAttributes } from './kinds/index.js';

/** What queueing disciplines of every kind have. */
export interface QdiscAttributes {
  /** `'1:'`, as `tc` writes it; `'0:'` for those that the kernel made by itself. */
  handle: string;
  /** `'root'`, `'ingress'` (for ingress and clsact), `'none'`, or the handle of a class: `'1:10'`. */
  parent: string;
  ifindex: number;
  /** How many hold it. */
  references: number;
  statistics?: QdiscStatistics;
}

/** Counters of a queueing discipline. */
export interface QdiscStatistics {
  bytes: bigint;
  packets: bigint;
  /** In the queue now. */
  queuedPackets: number;
  queuedBytes: number;
  drops: number;
  requeues: number;
  overlimits: number;
}

/** Kinds of queueing disciplines: the name that `tc` has for them; `'generic'` stands for all others. */
export type QdiscKindName = keyof QdiscKindAttributes;

/** A queueing discipline of one kind. */
export type QdiscOf<K extends QdiscKindName> = QdiscAttributes & { kind: K } & QdiscKindAttributes[K];

/** A queueing discipline; `kind` tells which fields it has of its own. */
export type Qdisc = { [K in QdiscKindName]: QdiscOf<K> }[QdiscKindName];
