import type { QdiscKind } from './kind.js';

/** A kind that has nothing to be set and nothing to tell. */
export type WithoutOptions = object;

/** No queue at all: packets are sent at once or dropped. What virtual links have. */
export const noqueue: QdiscKind<WithoutOptions> = { kernelName: 'noqueue' };

/** One queueing discipline for each of the hardware's queues. */
export const mq: QdiscKind<WithoutOptions> = { kernelName: 'mq' };

/** A place for filters on what comes in. */
export const ingress: QdiscKind<WithoutOptions> = { kernelName: 'ingress', parent: 'ingress' };

/** A place for filters on what comes in and what goes out. */
export const clsact: QdiscKind<WithoutOptions> = { kernelName: 'clsact', parent: 'ingress' };
