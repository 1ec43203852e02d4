import { flagNames } from '../message/flag-names.js';
import { NamedNumbers } from '../message/named-numbers.js';
import { MCAST_EXCLUDE, MCAST_INCLUDE, MDB_PERMANENT, MDB_TEMPORARY } from '../uapi/if-bridge.js';
import { MDB_FLAGS } from './mdb-entry.js';

export const mdbStates = new NamedNumbers<'temporary' | 'permanent'>('state', {
  temporary: MDB_TEMPORARY,
  permanent: MDB_PERMANENT,
});
export const mdbFilterModes = new NamedNumbers<'include' | 'exclude'>('filterMode', {
  exclude: MCAST_EXCLUDE,
  include: MCAST_INCLUDE,
});
export const mdbFlagNames = flagNames(MDB_FLAGS);
