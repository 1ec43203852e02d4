import { flagBits, flagNames } from '../message/flag-names.js';
import { NamedNumbers } from '../message/named-numbers.js';
import {
  NUD_DELAY,
  NUD_FAILED,
  NUD_INCOMPLETE,
  NUD_NOARP,
  NUD_NONE,
  NUD_PERMANENT,
  NUD_PROBE,
  NUD_REACHABLE,
  NUD_STALE,
} from '../uapi/neighbour.js';
import { NEIGHBOUR_FLAGS, type NeighbourState } from './neighbour.js';

export const neighbourStates = new NamedNumbers<NeighbourState>(
  'state',
  {
    none: NUD_NONE,
    incomplete: NUD_INCOMPLETE,
    reachable: NUD_REACHABLE,
    stale: NUD_STALE,
    delay: NUD_DELAY,
    probe: NUD_PROBE,
    failed: NUD_FAILED,
    noarp: NUD_NOARP,
    permanent: NUD_PERMANENT,
  },
  0xffff,
);

export const neighbourFlagNames = flagNames(NEIGHBOUR_FLAGS);
export const neighbourFlagBits = flagBits(NEIGHBOUR_FLAGS);
