import type { AddressFamily } from '../message/ip-address.js';
import type { UnknownAttribute } from '../message/unknown-attribute.js';
import type { RouteProtocol } from '../route/numbers.js';

/** What a rule does with a packet that it is for; `FR_ACT_…` of `<linux/fib_rules.h>`. */
export type RuleAction = 'lookup' | 'goto' | 'nop' | 'blackhole' | 'unreachable' | 'prohibit';

/** A rule of policy routing: which packets, and where to look for their route. */
export interface Rule {
  family: AddressFamily;
  /** The lowest comes first. */
  priority: number;
  action: RuleAction | number;
  /** Table that is looked up, where `action` is `'lookup'`. */
  table?: number;
  /** Priority of the rule that `'goto'` leads to. */
  goto?: number;
  /** Source network; that of all packets if absent. */
  src?: string;
  /** Destination network; that of all packets if absent. */
  dst?: string;
  /** Name of the link that packets come in by. */
  iif?: string;
  /** Name of the link that a socket is bound to. */
  oif?: string;
  fwmark?: number;
  fwmask?: number;
  tos: number;
  /** The rule is for the packets that what it says does not fit. */
  invert: boolean;
  /** The table is that of the packet's VRF device. */
  l3mdev?: boolean;
  /** First and last user id. */
  uidRange?: readonly [number, number];
  /** IP protocol number. */
  ipProtocol?: number;
  sourcePorts?: readonly [number, number];
  destinationPorts?: readonly [number, number];
  tunnelId?: bigint;
  /** Routes with a prefix of this length or shorter do not count. */
  suppressPrefixLength?: number;
  /** Routes over links of this group do not count. */
  suppressInterfaceGroup?: number;
  protocol?: RouteProtocol | number;
  /** Realms, `from << 16 | to`. */
  flow?: number;
  /** Attributes that this package does not know: selectors of newer kernels. They are written as they were read. */
  unknown?: readonly UnknownAttribute[];
  /** State that the kernel tells: the link of `iif` or `oif`, or the target of `goto`, is not there. */
  flags: readonly RuleFlag[];
}

export type RuleFlag = 'unresolved' | 'iif-detached' | 'oif-detached';
