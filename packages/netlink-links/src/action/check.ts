import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import type { BpfProgram } from '../bpf/program.js';
import { checkArray, checkBytes, checkProperties, mustBe, propertiesOf, propertiesOfKinds } from '../message/checks.js';
import { checkUnknown } from '../message/unknown-attribute.js';
import { checkKernelKind } from '../qdisc/check.js';
import { TC_COOKIE_MAX_SIZE, TCA_ACT_MAX_PRIO } from '../uapi/tc-act.js';
import type { ActionAttributes, ActionKindName, ActionSpec } from './action.js';
import { checkControl } from './kinds/control.js';
import { ACTION_KINDS } from './kinds/index.js';
import type { ActionKind } from './kinds/kind.js';
import type { References } from './references.js';

const COMMON = propertiesOf<ActionAttributes & { readonly kind: string }>(
  {
    kind: 'set',
    control: 'set',
    index: 'set',
    cookie: 'set',
    unknown: 'set',
    unknownCommon: 'set',
    references: 'set',
    bindings: 'set',
    statistics: 'set',
  },
  { type: 'kind', action: 'control' },
);

const PROPERTIES = propertiesOfKinds(COMMON, ACTION_KINDS);

/** The kind of an action whose `kind` has been checked. */
export function actionKind(action: ActionSpec): ActionKind<ActionSpec> {
  return ACTION_KINDS[action.kind] as unknown as ActionKind<ActionSpec>;
}

/** A kind of actions, as it is named in an action. */
export interface NamedActionKind {
  readonly kind: ActionKindName;
  /** The kernel's name of the kind, for `'generic'`. */
  readonly kernelKind?: string | undefined;
}

/** The kernel's name of a kind that has been checked. */
export function kernelNameOf({ kind, kernelKind = '' }: NamedActionKind): string {
  return kind === 'generic' ? kernelKind : ACTION_KINDS[kind].kernelName;
}

/** Checks a kind of actions. @throws InvalidOptionError */
export function checkActionKind({ kind, kernelKind }: NamedActionKind): void {
  if (typeof kind !== 'string' || !Object.hasOwn(ACTION_KINDS, kind))
    throw mustBe(
      'kind',
      `one of ${Object.keys(ACTION_KINDS).join(', ')} ('generic' stands for others, with a \`kernelKind\`)`,
      kind,
    );
  if (kind === 'generic') checkKernelKind(kernelKind, 'action');
}

/** Checks which action is meant; one that was read will do. @throws InvalidOptionError */
export function checkActionPlace(callee: string, place: NamedActionKind & { readonly index?: unknown }): number {
  checkProperties(place, callee, PROPERTIES.any);
  checkActionKind(place);
  const { index } = place;
  if (typeof index !== 'number') throw mustBe('index', 'the number of the action', index);
  checkInteger('index', index, 1, 0xffffffff);
  return index;
}

/**
 * Checks the actions of a filter; `undefined` passes. What is wrong is named with its place: `actions[1].mode`.
 *
 * @returns what they name
 * @throws InvalidOptionError
 */
export function checkActions(actions: readonly ActionSpec[] | undefined): References {
  checkArray('actions', actions, 'actions');
  const links: (string | number)[] = [];
  const programs: BpfProgram[] = [];
  if (actions !== undefined && actions.length > TCA_ACT_MAX_PRIO)
    throw mustBe('actions', `at most ${TCA_ACT_MAX_PRIO} actions`, actions.length);
  for (const [at, action] of (actions ?? []).entries())
    try {
      const named = checkAction(action);
      links.push(...named.links);
      programs.push(...named.programs);
    } catch (error) {
      if (!(error instanceof InvalidOptionError)) throw error;
      throw new InvalidOptionError(`actions[${at}].${error.option}`, `actions[${at}]: ${error.message}`);
    }
  return { links, programs };
}

/**
 * Checks an action.
 *
 * @returns what it names
 * @throws InvalidOptionError
 */
export function checkAction(action: ActionSpec): References {
  if (typeof action !== 'object' || action === null || Array.isArray(action))
    throw mustBe('action', 'an object with a `kind`', action);
  checkActionKind(action as NamedActionKind);
  const kind = actionKind(action);
  checkProperties(action, `action ${action.kind}`, PROPERTIES.of[action.kind] ?? COMMON);
  checkControl('control', action.control);
  checkInteger('index', action.index, 0, 0xffffffff);
  checkBytes('cookie', action.cookie);
  if (action.cookie !== undefined && (action.cookie.length < 1 || action.cookie.length > TC_COOKIE_MAX_SIZE))
    throw mustBe('cookie', `of 1 to ${TC_COOKIE_MAX_SIZE} bytes`, action.cookie.length);
  checkUnknown(action.unknown);
  checkUnknown(action.unknownCommon, 'unknownCommon');
  if (action.unknown !== undefined && !kind.holdsAttributes)
    throw new InvalidOptionError(
      'unknown',
      `the options of a ${action.kind} action are not read: it has no \`unknown\``,
    );
  kind.check(action);
  const link = kind.link?.(action);
  const program = kind.program?.(action);
  return { links: link === undefined ? [] : [link], programs: program === undefined ? [] : [program] };
}
