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
