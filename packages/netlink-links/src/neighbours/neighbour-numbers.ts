import { flagBits, flagNames } from '../codec/flag-names.js';
import { NamedNumbers } from '../codec/named-numbers.js';
import { NEIGHBOUR_FLAGS, type NeighbourFlag, type NeighbourState } from './neighbour.js';

export const neighbourStates = new NamedNumbers<NeighbourState>(
  'state of a neighbour',
  {
    none: 0,
    incomplete: 0x01,
    reachable: 0x02,
    stale: 0x04,
    delay: 0x08,
    probe: 0x10,
    failed: 0x20,
    noarp: 0x40,
    permanent: 0x80,
  },
  0xffff,
);

export const neighbourFlagNames = flagNames<NeighbourFlag>(NEIGHBOUR_FLAGS);
export const neighbourFlagBits = flagBits<NeighbourFlag>(NEIGHBOUR_FLAGS);
