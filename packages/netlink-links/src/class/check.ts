import { InvalidOptionError } from 'netns-core';
import { checkProperties, checkPropertiesOfKind, mustBe, propertiesOf, propertiesOfKinds } from '../message/checks.js';
import { checkUnknown } from '../message/unknown-attribute.js';
import { checkLinkOf } from '../operation/link-reference.js';
import { checkKernelKind } from '../qdisc/check.js';
import { formatHandle, parseHandle, parseParent } from '../qdisc/handle.js';
import type { QdiscStatistics } from '../qdisc/qdisc.js';
import { checkRateEstimator } from '../qdisc/rate-estimator.js';
import { TC_H_ROOT } from '../uapi/pkt-sched.js';
import { CLASS_KINDS } from './kinds/index.js';
import type { ClassKind } from './kinds/kind.js';
import type { TrafficClassPlace, TrafficClassRemoval, TrafficClassSettings, TrafficClassSpec } from './spec.js';
import type { TrafficClassAttributes } from './traffic-class.js';

const COMMON = propertiesOf<TrafficClassSettings & { readonly kind: string }, TrafficClassAttributes>(
  {
    kind: 'set',
    link: 'set',
    ifindex: 'set',
    classid: 'set',
    parent: 'set',
    rateEstimator: 'set',
    unknown: 'set',
    unknownCommon: 'set',
    leaf: 'told',
    statistics: 'told',
  },
  { dev: 'link', interface: 'link', type: 'kind', handle: 'classid', estimator: 'rateEstimator' },
);

const PROPERTIES = propertiesOfKinds(COMMON, CLASS_KINDS);

/** Where a class is, checked. */
export interface CheckedPlace {
  readonly link: string | number;
  readonly classid: number;
  readonly parent: number;
  /** `TCA_KIND`, where it is known. */
  readonly kernelName: string | undefined;
  /** How it reads in an error: `'class 1:10 (htb) of eth0'`. */
  readonly description: string;
  /** The link as an error calls it. */
  readonly target: string;
}

/** A spec whose values were checked. */
export interface CheckedClass extends CheckedPlace {
  readonly spec: TrafficClassSpec;
  readonly kind: ClassKind<TrafficClassSpec>;
}

/** Checks the number of a class: both of its parts have to be there. @throws InvalidOptionError */
export function checkClassid(classid: unknown, property = 'classid'): number {
  const wanted = "the number of a class as tc writes it, '1:10'";
  if (typeof classid !== 'string' && typeof classid !== 'number') throw mustBe(property, wanted, classid);
  const number = parseHandle(classid, property);
  if ((number & 0xffff) === 0 || number < 0x10000) throw mustBe(property, wanted, classid);
  return number;
}

function checkPlace(place: TrafficClassPlace, kernelName: string | undefined): CheckedPlace {
  const { link, shown: target } = checkLinkOf('a class', place);
  const classid = checkClassid(place.classid);
  const major = classid >>> 16;
  const parent = place.parent === undefined ? major * 0x10000 : parseParent(place.parent);
  if (parent !== TC_H_ROOT && parent >>> 16 !== major)
    throw new InvalidOptionError(
      'parent',
      `parent '${formatHandle(parent)}' is of another queueing discipline than class '${formatHandle(classid)}': both begin with the same number`,
    );
  const kind = kernelName === undefined ? '' : ` (${kernelName})`;
  return {
    link,
    classid,
    parent,
    kernelName,
    description: `class ${formatHandle(classid)}${kind} of ${target}`,
    target,
  };
}

/**
 * Checks a class before anything is sent.
 *
 * @throws InvalidOptionError
 */
export function checkClass(callee: string, spec: TrafficClassSpec): CheckedClass {
  checkPropertiesOfKind(spec, callee, 'class', PROPERTIES);
  checkClassKind(spec.kind);
  const kind = CLASS_KINDS[spec.kind] as ClassKind<TrafficClassSpec>;
  if (spec.kind === 'generic') checkKernelKind(spec.kernelKind, 'class');
  const place = checkPlace(spec, spec.kind === 'generic' ? spec.kernelKind : kind.kernelName);
  checkRateEstimator(spec.rateEstimator);
  checkUnknown(spec.unknown);
  checkUnknown(spec.unknownCommon, 'unknownCommon');
  if (spec.unknown !== undefined && kind.holdsAttributes !== true)
    throw new InvalidOptionError('unknown', `the options of a ${spec.kind} class are not read: it has no \`unknown\``);
  const { statistics } = spec as { readonly statistics?: Partial<QdiscStatistics> | undefined };
  if (callee !== 'classChange' && statistics?.rateEstimate !== undefined && spec.rateEstimator === undefined)
    throw new InvalidOptionError(
      'rateEstimator',
      'rateEstimator must be given beside a class that was read with one: the kernel does not tell its settings. To make it without, leave out `statistics`',
    );
  kind.check?.(spec as Partial<TrafficClassSpec>);
  return { ...place, spec, kind };
}

/** Checks one of the kinds of classes. @throws InvalidOptionError */
export function checkClassKind(kind: unknown): void {
  if (typeof kind !== 'string' || !Object.hasOwn(CLASS_KINDS, kind))
    throw mustBe(
      'kind',
      `one of ${Object.keys(CLASS_KINDS).join(', ')} ('generic' stands for others, with a \`kernelKind\`)`,
      kind,
    );
}

/** Checks which class is to be removed. @throws InvalidOptionError */
export function checkClassRemoval(callee: string, place: TrafficClassRemoval): CheckedPlace {
  checkProperties(place, callee, PROPERTIES.any);
  const { kind } = place;
  if (kind !== undefined && (typeof kind !== 'string' || kind.includes('\0')))
    throw mustBe('kind', 'the name of a kind', kind);
  if (kind === 'generic') checkKernelKind(place.kernelKind, 'class');
  return checkPlace(place, kind === 'generic' ? place.kernelKind : kind);
}
