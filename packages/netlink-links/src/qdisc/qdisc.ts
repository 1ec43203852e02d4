import type { UnknownAttribute, WithUnknown } from '../message/unknown-attribute.js';
import type { QdiscKindAttributes, QdiscKindStatistics } from './kinds/index.js';
import type { QdiscSizeTable } from './size-table.js';

/** What queueing disciplines of every kind have. */
export interface QdiscAttributes {
  /** `'1:'`, as `tc` writes it; `'0:'` for those that the kernel made by itself. */
  readonly handle: string;
  /** `'root'`, `'ingress'` (for ingress and clsact), `'none'`, or the handle of a class: `'1:10'`. */
  readonly parent: string;
  readonly ifindex: number;
  /** How many hold it. */
  readonly references: number;
  /** How long packets are, where the line below counts them otherwise. */
  readonly sizeTable?: QdiscSizeTable | undefined;
  /** Number of the block of filters that ingress or clsact shares with others, for what comes in. */
  readonly ingressBlock?: number | undefined;
  /** The same of clsact, for what goes out. */
  readonly egressBlock?: number | undefined;
  /** Counters; those of kinds that count more have it in `statistics.kind`. */
  readonly statistics?: QdiscStatistics;
  /** Settings of its kind that this package does not know, those of newer kernels. They are written as they were read. */
  readonly unknown?: readonly UnknownAttribute[] | undefined;
  /** The same of what queueing disciplines of every kind have. */
  readonly unknownCommon?: readonly UnknownAttribute[] | undefined;
}

/** Counters of a queueing discipline. */
export interface QdiscStatistics extends WithUnknown {
  readonly bytes: bigint;
  readonly packets: bigint;
  /** In the queue now. */
  readonly queuedPackets: number;
  readonly queuedBytes: number;
  readonly drops: number;
  readonly requeues: number;
  readonly overlimits: number;
  /**
   * What the kernel measures, where it was told to by a `rateEstimator`. Its settings are not told: to give such a queueing
   * discipline to `qdiscAdd` or `qdiscReplace`, say them beside what was read.
   */
  readonly rateEstimate?: { readonly bytesPerSecond: number; readonly packetsPerSecond: number };
}

/** Kinds of queueing disciplines: the name that `tc` has for them; `'generic'` stands for all others. */
export type QdiscKindName = keyof QdiscKindAttributes;

/** A queueing discipline of one kind. */
export type QdiscOf<K extends QdiscKindName> = QdiscAttributes & { readonly kind: K } & QdiscKindAttributes[K] &
  (K extends keyof QdiscKindStatistics
    ? { readonly statistics?: QdiscStatistics & { readonly kind?: QdiscKindStatistics[K] } }
    : unknown);

/** A queueing discipline; `kind` tells which fields it has of its own. */
export type Qdisc = { [K in QdiscKindName]: QdiscOf<K> }[QdiscKindName];
