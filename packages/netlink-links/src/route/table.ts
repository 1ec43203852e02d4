import { NamedNumbers } from '../message/named-numbers.js';
import { RT_TABLE_DEFAULT, RT_TABLE_LOCAL, RT_TABLE_MAIN } from '../uapi/route.js';

/** Routing tables that have a name everywhere. */
export type RouteTableName = 'default' | 'main' | 'local';

/** A routing table as it can be given: by number, or by one of the three names. Answers have the number. */
export type RouteTable = number | RouteTableName;

export const routeTables = new NamedNumbers<RouteTableName>(
  'table',
  { default: RT_TABLE_DEFAULT, main: RT_TABLE_MAIN, local: RT_TABLE_LOCAL },
  0xffffffff,
);
