import { checkBytes, propertiesOf } from '../../message/checks.js';
import type { QdiscKind } from './kind.js';

/** A queueing discipline of a kind that this package does not know: its options as they are. */
export interface GenericQdiscAttributes {
  /** The name that the kernel has for the kind (`TCA_KIND`). */
  readonly kernelKind: string;
  /** What `TCA_OPTIONS` holds. */
  readonly options?: Uint8Array;
}

const properties = propertiesOf<GenericQdiscAttributes>(
  { kernelKind: 'set', options: 'set' },
  { kernelname: 'kernelKind', data: 'options' },
);

/** Its kernel name is its `kernelKind`. */
export const generic: QdiscKind<GenericQdiscAttributes> = {
  kernelName: '',
  properties,
  check({ options }) {
    checkBytes('options', options);
  },
  write(writer, { options }) {
    // Padding would belong to the options: only whole attributes have it in them already.
    if (options !== undefined) writer.raw(options);
  },
  read(options, qdisc) {
    qdisc.options = options.copy();
  },
};
