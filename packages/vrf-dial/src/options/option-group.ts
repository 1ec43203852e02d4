import { checkKnownOptions, checkMisspeltOptions } from 'netns-core/checks';

/** One option: how its value is checked, and what else people call it. */
export interface OptionRule<T = unknown> {
  /** Returns the value, or throws an InvalidOptionError that names the option. Called only where there is a value. */
  readonly check: (option: string, value: unknown) => T;
  /** Other names for the same thing, in lower case, for the hint in the error. */
  readonly synonyms?: readonly string[];
}

/** A group of options by name. */
export type OptionGroup = Readonly<Record<string, OptionRule>>;

/** The checked values of a group. */
export type Checked<G extends OptionGroup> = {
  -readonly [K in keyof G]?: Exclude<ReturnType<G[K]['check']>, undefined>;
};

/** The names in some groups. */
export function namesOf(...groups: readonly OptionGroup[]): readonly string[] {
  return groups.flatMap((group) => Object.keys(group));
}

/**
 * Checks the values of one group; other options are left alone. What is `undefined` is not given.
 *
 * @param prefix stands before the names in messages: `'dns.'`
 * @returns a new object that holds only what was given
 * @throws InvalidOptionError with the option's name
 */
export function checkGroup<G extends OptionGroup>(options: object, group: G, prefix = ''): Checked<G> {
  const checked: Record<string, unknown> = {};
  for (const [name, { check }] of Object.entries(group)) {
    const value = (options as Record<string, unknown>)[name];
    if (value !== undefined) checked[name] = check(`${prefix}${name}`, value);
  }
  return checked as Checked<G>;
}

/** All that a callee takes, and what else people call it. Made once, when the program is loaded: calls are many. */
export interface OptionNames {
  readonly names: readonly string[];
  readonly synonyms: Readonly<Record<string, string>>;
}

/**
 * @param theirs names that another library, which the options are passed on to, is known to take
 */
export function optionNames(
  ours: readonly OptionGroup[],
  theirs: readonly string[] = [],
  theirSynonyms: Readonly<Record<string, string>> = {},
): OptionNames {
  return { names: [...namesOf(...ours), ...theirs], synonyms: { ...theirSynonyms, ...synonymsOf(ours) } };
}

/**
 * Refuses other names.
 *
 * @param callee what takes the options, for the message
 * @throws InvalidOptionError with the nearest known name
 */
export function refuseUnknownOptions(options: object, callee: string, known: OptionNames): void {
  checkKnownOptions(options, { callee, ...known });
}

/**
 * For callees that pass options on to undici or Node, of whatever version: refuses names that look like a misspelt
 * option of ours or theirs, or are another word for one of ours. A name that is near to nothing passes, for a newer
 * version may know it.
 *
 * @throws InvalidOptionError with the name that was meant
 */
export function refuseMisspeltOptions(options: object, callee: string, known: OptionNames): void {
  checkMisspeltOptions(options, { callee, ...known }, NONE);
}

const NONE: ReadonlySet<string> = new Set();

function synonymsOf(groups: readonly OptionGroup[]): Record<string, string> {
  const all: Record<string, string> = {};
  for (const group of groups)
    for (const [name, { synonyms = [] }] of Object.entries(group)) for (const synonym of synonyms) all[synonym] = name;
  return all;
}
