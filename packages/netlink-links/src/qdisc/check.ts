import { InvalidOptionError } from 'netns-core';
import { checkInteger, shown } from 'netns-core/checks';
import { checkProperties, checkPropertiesOfKind, mustBe, propertiesOf, propertiesOfKinds } from '../message/checks.js';
import { checkUnknown } from '../message/unknown-attribute.js';
import { checkLinkOf } from '../operation/link-reference.js';
import { INGRESS_HANDLE, TC_H_INGRESS, TC_H_ROOT } from '../uapi/pkt-sched.js';
import { formatHandle, formatParent, parseHandle, parseParent } from './handle.js';
import { QDISC_KINDS } from './kinds/index.js';
import type { QdiscKind } from './kinds/kind.js';
import type { QdiscAttributes, QdiscStatistics } from './qdisc.js';
import { checkRateEstimator } from './rate-estimator.js';
import { checkSizeTable } from './size-table.js';
import type { QdiscPlace, QdiscRemoval, QdiscSettings, QdiscSpec } from './spec.js';

const COMMON = propertiesOf<QdiscSettings & { readonly kind: string }, QdiscAttributes>(
  {
    kind: 'set',
    link: 'set',
    ifindex: 'set',
    parent: 'set',
    handle: 'set',
    sizeTable: 'set',
    ingressBlock: 'set',
    egressBlock: 'set',
    unknown: 'set',
    unknownCommon: 'set',
    rateEstimator: 'set',
    references: 'told',
    statistics: 'told',
  },
  { dev: 'link', interface: 'link', type: 'kind', classid: 'parent', stab: 'sizeTable', estimator: 'rateEstimator' },
);

const PROPERTIES = propertiesOfKinds(COMMON, QDISC_KINDS);

/** Where a queueing discipline is, checked. */
export interface CheckedPlace {
  readonly link: string | number;
  readonly handle: number;
  readonly parent: number;
  /** `TCA_KIND`, where it is known. */
  readonly kernelName: string | undefined;
  /** How it reads in an error: `'qdisc tbf at root of eth0'`. */
  readonly description: string;
  /** The link as an error calls it. */
  readonly target: string;
}

/** A spec whose values were checked. */
export interface CheckedQdisc extends CheckedPlace {
  readonly spec: QdiscSpec;
  readonly kind: QdiscKind<QdiscSpec>;
}

function checkPlace(place: QdiscPlace, atIngress: boolean, kernelName: string | undefined): CheckedPlace {
  const { link, shown: target } = checkLinkOf('a queueing discipline', place);
  const parent = place.parent === undefined ? (atIngress ? TC_H_INGRESS : TC_H_ROOT) : parseParent(place.parent);
  const handle = parent === TC_H_INGRESS ? INGRESS_HANDLE : place.handle === undefined ? 0 : parseHandle(place.handle);
  const what = kernelName === undefined ? 'qdisc' : `qdisc ${kernelName}`;
  return { link, handle, parent, kernelName, description: `${what} at ${formatParent(parent)} of ${target}`, target };
}

/** Checks the kind that `'generic'` stands for. @param what has it: `'queueing discipline'` @throws InvalidOptionError */
export function checkKernelKind(kernelKind: unknown, what = 'queueing discipline'): void {
  if (typeof kernelKind !== 'string' || kernelKind === '' || kernelKind.includes('\0'))
    throw new InvalidOptionError(
      'kernelKind',
      `a 'generic' ${what} needs its \`kernelKind\`, a string, got ${shown(kernelKind)}`,
    );
}

/**
 * Checks a queueing discipline before anything is sent.
 *
 * @throws InvalidOptionError
 */
export function checkQdisc(callee: string, spec: QdiscSpec): CheckedQdisc {
  if (typeof spec !== 'object' || spec === null || Array.isArray(spec))
    throw new InvalidOptionError(callee, `${callee} needs an object, got ${shown(spec)}`);
  checkQdiscKind(spec.kind);
  const kind = QDISC_KINDS[spec.kind] as QdiscKind<QdiscSpec>;
  checkPropertiesOfKind(spec, callee, 'qdisc', PROPERTIES);
  if (spec.kind === 'generic') checkKernelKind(spec.kernelKind);
  const kernelName = spec.kind === 'generic' ? spec.kernelKind : kind.kernelName;
  const place = checkPlace(spec, kind.parent === 'ingress', kernelName);
  if ((place.handle & 0xffff) !== 0)
    throw new InvalidOptionError(
      'handle',
      `handle '${formatHandle(place.handle)}' is that of a class: that of a queueing discipline ends with its colon`,
    );
  checkSettings(spec, kind);
  const { statistics } = spec as { readonly statistics?: Partial<QdiscStatistics> | undefined };
  if (callee !== 'qdiscChange' && statistics?.rateEstimate !== undefined && spec.rateEstimator === undefined)
    throw new InvalidOptionError(
      'rateEstimator',
      'rateEstimator must be given beside a queueing discipline that was read with one: the kernel does not tell its settings. To make it without, leave out `statistics`',
    );
  kind.check?.(spec as Partial<QdiscSpec>);
  return { ...place, spec, kind };
}

/** Checks what can be said of every kind, or of several. */
function checkSettings(spec: QdiscSettings & { readonly kind: string }, kind: QdiscKind<QdiscSpec>): void {
  const { sizeTable, ingressBlock, egressBlock, unknown, unknownCommon, rateEstimator } = spec;
  checkSizeTable(sizeTable);
  checkInteger('ingressBlock', ingressBlock, 1, 0xffffffff);
  checkInteger('egressBlock', egressBlock, 1, 0xffffffff);
  if (ingressBlock !== undefined && kind.parent !== 'ingress')
    throw new InvalidOptionError('ingressBlock', `ingressBlock is for ingress and clsact: a ${spec.kind} has none`);
  if (egressBlock !== undefined && spec.kind !== 'clsact')
    throw new InvalidOptionError('egressBlock', `egressBlock is for clsact: a ${spec.kind} has none`);
  checkUnknown(unknown);
  checkUnknown(unknownCommon, 'unknownCommon');
  checkRateEstimator(rateEstimator);
  if (unknown !== undefined && kind.holdsAttributes !== true)
    throw new InvalidOptionError('unknown', `the options of a ${spec.kind} are not attributes: it has no \`unknown\``);
}

/** Checks one of the kinds of queueing disciplines. @throws InvalidOptionError */
export function checkQdiscKind(kind: unknown): void {
  if (typeof kind !== 'string' || !Object.hasOwn(QDISC_KINDS, kind))
    throw mustBe(
      'kind',
      `one of ${Object.keys(QDISC_KINDS).join(', ')} ('generic' stands for others, with a \`kernelKind\`)`,
      kind,
    );
}

/** Checks where a queueing discipline is to be removed. @throws InvalidOptionError */
export function checkRemoval(callee: string, place: QdiscRemoval): CheckedPlace {
  checkProperties(place, callee, PROPERTIES.any);
  const { kind } = place;
  if (kind !== undefined && (typeof kind !== 'string' || kind.includes('\0')))
    throw mustBe('kind', 'the name of a kind', kind);
  if (kind === 'generic') checkKernelKind(place.kernelKind);
  const kernelName = kind === 'generic' ? place.kernelKind : kind;
  return checkPlace(place, kind === 'ingress' || kind === 'clsact', kernelName);
}
