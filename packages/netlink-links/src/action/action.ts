import type { UnknownAttribute, WithUnknown } from '../message/unknown-attribute.js';
import type { ActionControl } from './kinds/control.js';
import type { ActionKindAttributes } from './kinds/index.js';

/** What actions of every kind have. */
export interface ActionAttributes {
  /** What happens with the packet afterwards. If left out it is that of tc: see the kinds. */
  readonly control?: ActionControl | undefined;
  /**
   * Its number among the actions of its kind, by which filters share one. An action that was read is given back with its number:
   * while it exists, a filter that is made with it shares it.
   */
  readonly index?: number | undefined;
  /** Up to 16 bytes that the kernel keeps with it. */
  readonly cookie?: Uint8Array | undefined;
  /** Told: how many hold it. */
  readonly references?: number;
  /** Told: how many filters have it. */
  readonly bindings?: number;
  readonly statistics?: ActionStatistics;
  /** Settings of its kind that this package does not know, those of newer kernels. They are written as they were read. */
  readonly unknown?: readonly UnknownAttribute[] | undefined;
  /** The same of what actions of every kind have. */
  readonly unknownCommon?: readonly UnknownAttribute[] | undefined;
}

/** Counters of an action. Times are seconds. */
export interface ActionStatistics extends WithUnknown {
  readonly bytes: bigint;
  readonly packets: bigint;
  readonly drops: number;
  readonly overlimits: number;
  /** How long ago it was made. */
  readonly installed?: number;
  /** How long ago it was used last; since it was made if it never was. */
  readonly lastUsed?: number;
  /** How long ago it was used for the first time; 0 if it never was. */
  readonly firstUsed?: number;
  /** When it ends; 0: never. */
  readonly expires?: number;
}

/** Kinds of actions: the name that `tc` has for them; `'generic'` stands for all others. */
export type ActionKindName = keyof ActionKindAttributes;

/** An action of one kind. */
export type ActionOf<K extends ActionKindName> = ActionAttributes & { readonly kind: K } & ActionKindAttributes[K];

/** What a filter does with a packet; `kind` tells which fields it has of its own. */
export type Action = { [K in ActionKindName]: ActionOf<K> }[ActionKindName];

/** An action to be made; one that was read will do. */
export type ActionSpecOf<K extends ActionKindName> = ActionAttributes & { readonly kind: K } & {
  readonly [P in keyof ActionKindAttributes[K]]?: ActionKindAttributes[K][P] | undefined;
};

/** An action to be made. */
export type ActionSpec = { [K in ActionKindName]: ActionSpecOf<K> }[ActionKindName];
