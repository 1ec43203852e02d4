import type { AddressFamily } from '../message/ip-address.js';
import type { UnknownAttribute } from '../message/unknown-attribute.js';
import type { RouteProtocol } from '../route/numbers.js';
import type { RouteTable } from '../route/table.js';
import type { RuleAction, RuleFlag } from './rule.js';

/** A rule to be made or removed; one that was read will do. */
export interface RuleSpec {
  /** That of `src` or `dst` if left out, and IPv4 where there is neither. */
  family?: AddressFamily | undefined;
  /** If left out the kernel puts the rule before all others but the first. */
  priority?: number | undefined;
  /** `'lookup'`, or `'goto'` where `goto` is given. */
  action?: RuleAction | number | undefined;
  /** Where a new rule looks up: `'main'` if left out. */
  table?: RouteTable | undefined;
  goto?: number | undefined;
  src?: string | undefined;
  dst?: string | undefined;
  iif?: string | undefined;
  oif?: string | undefined;
  fwmark?: number | undefined;
  fwmask?: number | undefined;
  tos?: number | undefined;
  invert?: boolean | undefined;
  l3mdev?: boolean | undefined;
  uidRange?: readonly [number, number] | undefined;
  ipProtocol?: number | undefined;
  sourcePorts?: readonly [number, number] | undefined;
  destinationPorts?: readonly [number, number] | undefined;
  tunnelId?: bigint | undefined;
  suppressPrefixLength?: number | undefined;
  suppressInterfaceGroup?: number | undefined;
  protocol?: RouteProtocol | number | undefined;
  flow?: number | undefined;
  /** As read: `'permanent'`, and bits that have no name here, as numbers. */
  flags?: readonly RuleFlag[] | undefined;
  /** As read: selectors of newer kernels that this package does not know. */
  unknown?: readonly UnknownAttribute[] | undefined;
}
