import { InvalidOptionError } from 'netns-core';
import { checkBoolean, checkInteger } from 'netns-core/checks';
import { checkActions, kernelNameOf } from '../action/check.js';
import type { References } from '../action/references.js';
import { checkProperties, checkPropertiesOfKind, mustBe, propertiesOf, propertiesOfKinds } from '../message/checks.js';
import { checkUnknown } from '../message/unknown-attribute.js';
import { checkLinkOf } from '../operation/link-reference.js';
import { checkKernelKind } from '../qdisc/check.js';
import { formatParent, parseHandle, parseParent, type QdiscHandle } from '../qdisc/handle.js';
import { CLSACT_EGRESS, CLSACT_INGRESS } from '../uapi/pkt-cls.js';
import { INGRESS_HANDLE, TC_H_ROOT, TC_H_UNSPEC } from '../uapi/pkt-sched.js';
import { TC_ACT_EXT_VAL_MASK } from '../uapi/tc-act.js';
import type { FilterAttributes, FilterPlace, FilterRemoval, FilterSettings, FilterSpec } from './filter.js';
import { FILTER_KINDS } from './kinds/index.js';
import type { FilterKind } from './kinds/kind.js';
import { filterProtocols } from './kinds/protocol.js';

const COMMON = propertiesOf<FilterSettings & { readonly kind: string }, FilterAttributes>(
  {
    kind: 'set',
    link: 'set',
    ifindex: 'set',
    block: 'set',
    parent: 'set',
    chain: 'set',
    priority: 'set',
    protocol: 'set',
    handle: 'set',
    classid: 'set',
    actions: 'set',
    skipHw: 'set',
    skipSw: 'set',
    unknown: 'set',
    unknownCommon: 'set',
    inHw: 'told',
  },
  {
    dev: 'link',
    interface: 'link',
    type: 'kind',
    prio: 'priority',
    pref: 'priority',
    flowid: 'classid',
    action: 'actions',
    skip_hw: 'skipHw',
    skip_sw: 'skipSw',
  },
);

const PROPERTIES = propertiesOfKinds(COMMON, FILTER_KINDS);

/** The number of a chain goes with an action, `{ goto: chain }`. */
export const MAX_CHAIN = TC_ACT_EXT_VAL_MASK;

/** Where a filter is, checked. */
export interface CheckedPlace extends Omit<CheckedWhere, 'where'> {
  readonly priority: number;
  readonly protocol: number;
  readonly handle: number;
  /** `TCA_KIND`, where it is known. */
  readonly kernelName: string | undefined;
  /** How it reads in an error: `'filter flower at ingress of eth0'`. */
  readonly description: string;
}

/** A spec whose values were checked. */
export interface CheckedFilter extends CheckedPlace {
  readonly spec: FilterSpec;
  readonly kind: FilterKind<FilterSpec>;
  /** What it and its actions name, its own link included. */
  readonly references: References;
  /** The kernel's names of the kinds of its actions. */
  readonly actionKinds: readonly string[];
}

/** The number of the queueing discipline or class of a filter. @throws InvalidOptionError */
export function filterParent(parent: QdiscHandle): number {
  if (parent === 'ingress') return CLSACT_INGRESS;
  if (parent === 'egress') return CLSACT_EGRESS;
  const number = parseParent(parent);
  // The kernel takes the number of no queueing discipline for the one at the root.
  return number === TC_H_ROOT ? TC_H_UNSPEC : number;
}

/** The same, the other way round. */
export function formatFilterParent(parent: number): string {
  if (parent === CLSACT_INGRESS || parent === INGRESS_HANDLE) return 'ingress';
  return parent === CLSACT_EGRESS ? 'egress' : formatParent(parent);
}

function checkHandle(kind: FilterKind<object> | undefined, handle: string | number | undefined): number {
  if (handle === undefined) return 0;
  if (kind?.parseHandle !== undefined) return kind.parseHandle(handle);
  if (typeof handle !== 'number') throw mustBe('handle', 'a number from 0 to 4294967295', handle);
  checkInteger('handle', handle, 0, 0xffffffff);
  return handle;
}

/** Where filters and chains are, checked. */
export interface CheckedWhere {
  /** The link; `undefined` for a block. */
  readonly link: string | number | undefined;
  readonly block: number | undefined;
  readonly parent: number;
  readonly chain: number | undefined;
  /** The link or block as an error calls it. */
  readonly target: string;
  /** How the place reads in an error: `'at ingress of eth0'`. */
  readonly where: string;
}

/**
 * Checks a link with a parent, or a block.
 *
 * @param what is there, for the error: `'a filter'`
 * @throws InvalidOptionError
 */
export function checkWhere(
  what: string,
  place: Pick<FilterPlace, 'link' | 'ifindex' | 'block' | 'parent' | 'chain'>,
): CheckedWhere {
  checkInteger('block', place.block, 1, 0xfffffffe);
  if (place.block !== undefined)
    for (const name of ['link', 'ifindex', 'parent'] as const)
      if (place[name] !== undefined)
        throw new InvalidOptionError(name, `${name} and block exclude each other: ${what} is at a link or in a block`);
  if (place.block === undefined && place.link === undefined && place.ifindex === undefined)
    throw new InvalidOptionError('link', `${what} needs a link or a block: \`link\`, \`ifindex\` or \`block\``);
  const { link, shown: target } =
    place.block === undefined ? checkLinkOf(what, place) : { link: undefined, shown: `block ${place.block}` };
  const parent = place.parent === undefined ? TC_H_UNSPEC : filterParent(place.parent);
  checkInteger('chain', place.chain, 0, MAX_CHAIN);
  const where =
    place.block !== undefined
      ? `in ${target}`
      : `at ${parent === 0 ? 'root' : formatFilterParent(parent)} of ${target}`;
  return { link, block: place.block, parent, chain: place.chain, target, where };
}

function checkPlace(
  place: FilterPlace,
  kernelName: string | undefined,
  kind: FilterKind<object> | undefined,
  defaultProtocol: number,
): CheckedPlace {
  const { link, block, parent, chain, target, where } = checkWhere('a filter', place);
  checkInteger('priority', place.priority, 1, 0xffff);
  const what = kernelName === undefined ? 'filter' : `filter ${kernelName}`;
  const priority = place.priority === undefined ? '' : ` with priority ${place.priority}`;
  return {
    link,
    block,
    parent,
    chain,
    target,
    priority: place.priority ?? 0,
    protocol: place.protocol === undefined ? defaultProtocol : filterProtocols.number(place.protocol),
    handle: checkHandle(kind, place.handle),
    kernelName,
    description: `${what}${priority} ${where}`,
  };
}

/** Checks one of the kinds of filters. @throws InvalidOptionError */
export function checkFilterKind(kind: unknown): void {
  if (typeof kind !== 'string' || !Object.hasOwn(FILTER_KINDS, kind))
    throw mustBe(
      'kind',
      `one of ${Object.keys(FILTER_KINDS).join(', ')} ('generic' stands for others, with a \`kernelKind\`)`,
      kind,
    );
}

/**
 * Checks a filter before anything is sent.
 *
 * @param defaultProtocol of a filter that says none
 * @throws InvalidOptionError
 */
export function checkFilter(callee: string, spec: FilterSpec, defaultProtocol: number): CheckedFilter {
  checkPropertiesOfKind(spec, callee, 'filter', PROPERTIES);
  checkFilterKind(spec.kind);
  const kind = FILTER_KINDS[spec.kind] as unknown as FilterKind<FilterSpec>;
  if (spec.kind === 'generic') checkKernelKind(spec.kernelKind, 'filter');
  const place = checkPlace(
    spec,
    spec.kind === 'generic' ? spec.kernelKind : kind.kernelName,
    kind as FilterKind<object>,
    defaultProtocol,
  );
  if (spec.classid !== undefined) parseHandle(spec.classid, 'classid');
  for (const name of ['skipHw', 'skipSw'] as const) {
    checkBoolean(name, spec[name]);
    if (spec[name] !== undefined && kind.shared !== undefined && kind.shared.flags === undefined)
      throw new InvalidOptionError(name, `${name} is not for filters of ${spec.kind}, which hardware does not have`);
  }
  if (spec.skipHw === true && spec.skipSw === true)
    throw new InvalidOptionError('skipSw', 'skipHw and skipSw exclude each other: nothing would have the filter');
  checkUnknown(spec.unknown);
  checkUnknown(spec.unknownCommon, 'unknownCommon');
  if (spec.unknown !== undefined && kind.shared === undefined)
    throw new InvalidOptionError('unknown', `the options of a ${spec.kind} filter are not read: it has no \`unknown\``);
  const { links, programs } = checkActions(spec.actions);
  kind.check?.(spec, spec.protocol === undefined && place.protocol === 0 ? undefined : place.protocol);
  const handle = spec.handle === undefined ? (kind.handleOf?.(spec) ?? place.handle) : place.handle;
  const program = kind.program?.(spec);
  const { link, block, parent, chain, target, priority, protocol, kernelName, description } = place;
  return {
    link,
    block,
    parent,
    chain,
    target,
    priority,
    protocol,
    handle,
    kernelName,
    description,
    spec,
    kind,
    references: {
      links: link === undefined ? links : [link, ...links],
      programs: program === undefined ? programs : [program, ...programs],
    },
    actionKinds: [...new Set((spec.actions ?? []).map(kernelNameOf))],
  };
}

/** Checks which filters are to be removed. @throws InvalidOptionError */
export function checkFilterRemoval(callee: string, place: FilterRemoval): CheckedPlace {
  checkProperties(place, callee, PROPERTIES.any);
  const { kind } = place;
  if (kind !== undefined && (typeof kind !== 'string' || kind.includes('\0')))
    throw mustBe('kind', 'the name of a kind', kind);
  if (kind === 'generic') checkKernelKind(place.kernelKind, 'filter');
  if (place.handle !== undefined && place.priority === undefined)
    throw new InvalidOptionError(
      'priority',
      'a filter is removed by its handle and its priority, which has to be there as well',
    );
  if (place.priority === undefined && place.protocol !== undefined)
    throw new InvalidOptionError(
      'priority',
      'filters are removed by their priority; all of them where neither it nor a protocol is given',
    );
  const known = kind !== undefined && Object.hasOwn(FILTER_KINDS, kind) ? kind : undefined;
  const of =
    known === undefined
      ? typeof place.handle === 'string'
        ? (FILTER_KINDS.u32 as FilterKind<object>)
        : undefined
      : (FILTER_KINDS[known as keyof typeof FILTER_KINDS] as FilterKind<object>);
  const kernelName = kind === 'generic' ? place.kernelKind : kind;
  const checked = checkPlace(place, kernelName, of, 0);
  // All filters of a place are removed without saying which kind they are.
  return place.priority === undefined ? { ...checked, kernelName: undefined } : checked;
}
