import { InvalidOptionError } from 'netns-core';
import { checkKnownOptions, shown } from 'netns-core/checks';

// The checks of specs and filters. Each refuses with an InvalidOptionError that names the property.

type KeysOf<T> = T extends unknown ? keyof T & string : never;

/**
 * All properties of a spec and of the type that is read: `'set'` for those that are written, `'told'` for those that
 * only a reader gives and a writer ignores, so that what was read can be given back. The compiler sees to it that
 * none is missing and none is left over.
 */
export type PropertyTable<Spec, Read = Spec> = {
  readonly [K in KeysOf<Spec> | KeysOf<Read>]: K extends KeysOf<Spec> ? 'set' : 'told';
};

/** The names that an object may have, and what other programs call them. */
export interface KnownProperties {
  readonly names: readonly string[];
  /** In small letters, each with the name here: `{ from: 'src' }`. */
  readonly synonyms?: Readonly<Record<string, string>> | undefined;
}

/** The names of a table, with iproute2's words for them. */
export function propertiesOf<Spec, Read = Spec>(
  table: PropertyTable<Spec, Read>,
  synonyms?: Readonly<Record<string, string>>,
): KnownProperties {
  return { names: Object.keys(table), synonyms };
}

/** The properties of objects that are of one of several kinds. */
export interface KindProperties {
  /** Those that objects of any kind have: what was read can be removed as it is, whatever kind it is of. */
  readonly any: KnownProperties;
  readonly of: Readonly<Record<string, KnownProperties>>;
}

type KindsWithProperties = Readonly<Record<string, { readonly properties: KnownProperties }>>;

/**
 * Puts the properties of each kind beside those that all have: once, since thousands of objects are checked, and when the
 * first of them is checked.
 */
export function propertiesOfKinds(common: KnownProperties, kinds: KindsWithProperties): KindProperties {
  let made: KindProperties | undefined;
  const properties = (): KindProperties => {
    made ??= combined(common, kinds);
    return made;
  };
  return {
    get any() {
      return properties().any;
    },
    get of() {
      return properties().of;
    },
  };
}

function combined(common: KnownProperties, kinds: KindsWithProperties): KindProperties {
  const all = Object.values(kinds).flatMap(({ properties }) => properties.names);
  const of = Object.entries(kinds).map(([kind, { properties }]) => [
    kind,
    {
      names: [...common.names, ...properties.names],
      synonyms: { ...common.synonyms, ...properties.synonyms },
    },
  ]);
  return { any: { ...common, names: [...common.names, ...new Set(all)] }, of: Object.fromEntries(of) };
}

/**
 * Refuses what is not an object, and properties that it cannot have: what is left of a misspelt request can do far
 * more than was meant.
 *
 * @param callee the function and what it takes, `'ruleAdd'`
 * @throws InvalidOptionError with the name that was probably meant
 */
export function checkProperties(value: unknown, callee: string, known: KnownProperties): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidOptionError(callee, `${callee} needs an object, got ${shown(value)}`);
  checkKnownOptions(value, { callee, noun: 'property', ...known });
}

/**
 * Refuses what is not an object, and properties that an object of its kind cannot have; where the kind is not known, those that
 * no kind has.
 *
 * @param noun of the object, `'filter'`
 * @throws InvalidOptionError with the name that was probably meant
 */
export function checkPropertiesOfKind(value: unknown, callee: string, noun: string, { any, of }: KindProperties): void {
  const kind = typeof value === 'object' && value !== null ? (value as { readonly kind?: unknown }).kind : undefined;
  const known = typeof kind === 'string' && Object.hasOwn(of, kind) ? of[kind] : undefined;
  if (known === undefined) checkProperties(value, callee, any);
  else checkProperties(value, `${callee} of a ${kind} ${noun}`, known);
}

/** The error of a property whose value cannot be: what it must be, and what it is. */
export function mustBe(property: string, wanted: string, value: unknown): InvalidOptionError {
  return new InvalidOptionError(property, `${property} must be ${wanted}, got ${shown(value)}`);
}

/** Checks a number within bounds, a fraction too; `undefined` passes. @param unit of the bounds: `'ms'` */
export function checkQuantity(property: string, value: unknown, min: number, max: number, unit: string): void {
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max))
    return;
  throw mustBe(property, `a number from ${min} to ${max} ${unit}`, value);
}

/** Checks a 64-bit number; `undefined` passes. */
export function checkBigint(property: string, value: unknown): void {
  if (value === undefined || (typeof value === 'bigint' && value >= 0n && value <= 0xffff_ffff_ffff_ffffn)) return;
  throw mustBe(property, `a bigint from 0n to ${0xffff_ffff_ffff_ffffn}n`, value);
}

/** Checks a text without NUL characters; `undefined` passes. */
export function checkText(property: string, value: unknown): void {
  if (value === undefined || (typeof value === 'string' && !value.includes('\0'))) return;
  throw mustBe(property, 'a string without NUL characters', value);
}

/** Checks bytes; `undefined` passes. */
export function checkBytes(property: string, value: unknown): void {
  if (value !== undefined && !(value instanceof Uint8Array)) throw mustBe(property, 'a Uint8Array', value);
}

/** Checks an array without holes, of anything; `undefined` passes. @param of what its elements are: `'next hops'` */
export function checkArray(property: string, value: unknown, of: string): void {
  if (value === undefined) return;
  if (!Array.isArray(value) || value.includes(undefined)) throw mustBe(property, `an array of ${of}`, value);
}

/**
 * The filter of a list, which may be the reference to a link alone.
 *
 * @throws InvalidOptionError
 */
export function filterOf<F extends { link?: unknown }>(filter: unknown, callee: string, known: KnownProperties): F {
  const isFilter = typeof filter === 'object' && filter !== null && !Array.isArray(filter) && !('index' in filter);
  const wanted = isFilter ? filter : { link: filter };
  checkProperties(wanted, callee, known);
  return wanted as F;
}
