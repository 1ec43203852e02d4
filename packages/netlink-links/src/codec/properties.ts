import { InvalidOptionError } from 'netns-core';
import { checkKnownOptions, shown } from 'netns-core/checks';

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
