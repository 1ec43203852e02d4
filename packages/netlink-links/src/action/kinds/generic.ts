import { InvalidOptionError } from 'netns-core';
import { checkBytes, propertiesOf } from '../../message/checks.js';
import type { GenericQdiscAttributes } from '../../qdisc/kinds/generic.js';
import type { ActionKind } from './kind.js';

const properties = propertiesOf<GenericQdiscAttributes>(
  { kernelKind: 'set', options: 'set' },
  { kernelname: 'kernelKind', data: 'options' },
);

/** An action of a kind that this package does not know: its options as they are, `control` and `index` among them. */
export const generic: ActionKind<GenericQdiscAttributes> = {
  kernelName: '',
  properties,
  holdsAttributes: false,
  check({ options, control, index }) {
    checkBytes('options', options);
    for (const [name, value] of Object.entries({ control, index }))
      if (value !== undefined)
        throw new InvalidOptionError(name, `the ${name} of a generic action is among its options: leave it out`);
  },
  write(writer, { options }) {
    if (options !== undefined) writer.raw(options);
  },
  read(options, action) {
    action.options = options.rest();
  },
};
