import { propertiesOf } from '../../message/checks.js';
import { keepUnknown } from '../../message/unknown-attribute.js';
import type { QdiscKind } from './kind.js';

/** A kind that has nothing to be set and nothing to tell. */
export type WithoutOptions = object;

const properties = propertiesOf<Record<never, never>>({});

/** What the kinds have in common that can only be made. */
export const noOptions: Pick<QdiscKind<WithoutOptions>, 'properties' | 'holdsAttributes' | 'read'> = {
  properties,
  holdsAttributes: true,
  read(options, qdisc) {
    const attributes = options.nested();
    while (attributes.next()) keepUnknown(attributes, qdisc);
  },
};

/** No queue at all: packets are sent at once or dropped. What virtual links have. */
export const noqueue: QdiscKind<WithoutOptions> = { kernelName: 'noqueue', ...noOptions };

/** One queueing discipline for each of the hardware's queues. */
export const mq: QdiscKind<WithoutOptions> = { kernelName: 'mq', ...noOptions };

/** A place for filters on what comes in. */
export const ingress: QdiscKind<WithoutOptions> = { kernelName: 'ingress', ...noOptions, parent: 'ingress' };

/** A place for filters on what comes in and what goes out. */
export const clsact: QdiscKind<WithoutOptions> = { kernelName: 'clsact', ...noOptions, parent: 'ingress' };
