import { NamedNumbers } from '../codec/named-numbers.js';

/** Routing tables that have a name everywhere. */
export type RouteTableName = 'default' | 'main' | 'local';

/** A routing table as it can be given: by number, or by one of the three names. Answers have the number. */
export type RouteTable = number | RouteTableName;

export const routeTables = new NamedNumbers<RouteTableName>(
  'routing table',
  { default: 253, main: 254, local: 255 },
  0xffffffff,
);
