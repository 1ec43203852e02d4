import { checkKnownOptions, checkMisspeltOptions } from 'netns-core/checks';

/** Refuses option names that the callee does not read. @throws InvalidOptionError */
export function checkNoUnknownOptions(options: object, names: readonly string[], callee: string): void {
  checkKnownOptions(options, { callee, names });
}

/** For callees that pass their options on: refuses only what looks like a misspelt option of ours. */
export function checkNoMisspeltOptions(options: object, names: readonly string[], callee: string): void {
  checkMisspeltOptions(options, { callee, names }, FOREIGN);
}

/** Options of undici, `node:tls` and `node:http` that only look like ours. */
const FOREIGN: ReadonlySet<string> = new Set(['tls', 'hints', 'path']);
