import { propertiesOf } from '../../message/checks.js';
import type { QdiscKind } from './kind.js';

/** A kind that has nothing to be set and nothing to tell. */
export type WithoutOptions = object;

const properties = propertiesOf<Record<never, never>>({});

/** No queue at all: packets are sent at once or dropped. What virtual links have. */
export const noqueue: QdiscKind<WithoutOptions> = { kernelName: 'noqueue', properties };

/** One queueing discipline for each of the hardware's queues. */
export const mq: QdiscKind<WithoutOptions> = { kernelName: 'mq', properties };

/** A place for filters on what comes in. */
export const ingress: QdiscKind<WithoutOptions> = { kernelName: 'ingress', properties, parent: 'ingress' };

/** A place for filters on what comes in and what goes out. */
export const clsact: QdiscKind<WithoutOptions> = { kernelName: 'clsact', properties, parent: 'ingress' };
