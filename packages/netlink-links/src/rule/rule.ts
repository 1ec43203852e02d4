import type { AddressFamily } from '../message/ip-address.js';
import type { UnknownAttribute } from '../message/unknown-attribute.js';
import type { RouteProtocol } from '../route/numbers.js';

/** What a rule does with a packet that it is for; `FR_ACT_…` of `<linux/fib_rules.h>`. */
export type RuleAction = 'lookup' | 'goto' | 'nop' | 'blackhole' | 'unreachable' | 'prohibit';

/** A rule of policy routing: which packets, and where to look for their route. */
export interface Rule {
  readonly family: AddressFamily;
  /** The lowest comes first. */
  readonly priority: number;
  readonly action: RuleAction | number;
  /** Table that is looked up, where `action` is `'lookup'`. */
  readonly table?: number;
  /** Priority of the rule that `'goto'` leads to. */
  readonly goto?: number;
  /** Source network; that of all packets if absent. */
  readonly src?: string;
  /** Destination network; that of all packets if absent. */
  readonly dst?: string;
  /** Name of the link that packets come in by. */
  readonly iif?: string;
  /** Name of the link that a socket is bound to. */
  readonly oif?: string;
  readonly fwmark?: number;
  readonly fwmask?: number;
  readonly tos: number;
  /** The rule is for the packets that what it says does not fit. */
  readonly invert: boolean;
  /** The table is that of the packet's VRF device. */
  readonly l3mdev?: boolean;
  /** First and last user id. */
  readonly uidRange?: readonly [number, number];
  /** IP protocol number. */
  readonly ipProtocol?: number;
  readonly sourcePorts?: readonly [number, number];
  readonly destinationPorts?: readonly [number, number];
  readonly tunnelId?: bigint;
  /** Routes with a prefix of this length or shorter do not count. */
  readonly suppressPrefixLength?: number;
  /** Routes over links of this group do not count. */
  readonly suppressInterfaceGroup?: number;
  readonly protocol?: RouteProtocol | number;
  /** Realms, `from << 16 | to`. */
  readonly flow?: number;
  /** Attributes that this package does not know: selectors of newer kernels. They are written as they were read. */
  readonly unknown?: readonly UnknownAttribute[];
  /**
   * `'permanent'` for a rule that cannot be removed. The others are state that the kernel tells: the link of `iif` or
   * `oif`, or the target of `goto`, is not there; they are left out when a rule that was read is written again.
   */
  readonly flags: readonly RuleFlag[];
}

/** `FIB_RULE_…` of `<linux/fib_rules.h>` in small letters; the bit itself where it has no name here. */
export type RuleFlag = Exclude<(typeof RULE_FLAGS)[number], undefined> | number;

/** In the order of their bits. The second is `invert`. */
export const RULE_FLAGS = ['permanent', undefined, 'unresolved', 'iif-detached', 'oif-detached'] as const;
