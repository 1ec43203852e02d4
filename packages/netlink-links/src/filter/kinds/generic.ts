import { InvalidOptionError } from 'netns-core';
import { checkBytes, propertiesOf } from '../../message/checks.js';
import type { GenericQdiscAttributes } from '../../qdisc/kinds/generic.js';
import type { FilterKind } from './kind.js';

const properties = propertiesOf<GenericQdiscAttributes>(
  { kernelKind: 'set', options: 'set' },
  { kernelname: 'kernelKind', data: 'options' },
);

/** A filter of a kind that this package does not know (cgroup, flow, route, …): its options as they are, class and actions among them. */
export const generic: FilterKind<GenericQdiscAttributes> = {
  kernelName: '',
  properties,
  check(filter) {
    checkBytes('options', filter.options);
    for (const name of ['classid', 'actions', 'skipHw', 'skipSw'] as const)
      if (filter[name] !== undefined)
        throw new InvalidOptionError(name, `the ${name} of a generic filter is among its options: leave it out`);
  },
  write(writer, { options }) {
    if (options !== undefined) writer.raw(options);
  },
  read(options, filter) {
    filter.options = options.rest();
  },
};
