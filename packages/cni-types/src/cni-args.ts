import { CniError, errorCodes } from './cni-error.js';
import { shown } from './document-value.js';

/** The pairs of `CNI_ARGS`, in their order: `{ IgnoreUnknown: '1', K8S_POD_NAME: 'web-0' }`. */
export type CniArgs = Readonly<Record<string, string>>;

/**
 * Reads `CNI_ARGS`: `FOO=BAR;ABC=123`. A later pair replaces an earlier one of the same key.
 *
 * @throws CniError (4) if it is not text, or a part is not a pair
 */
export function parseCniArgs(text: string): CniArgs {
  if (typeof text !== 'string')
    throw new CniError({
      code: errorCodes.invalidEnvironmentVariables,
      msg: `CNI_ARGS must be a string, not ${shown(text)}`,
    });
  const pairs: [string, string][] = [];
  for (const part of text.split(';')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    if (equals < 1)
      throw new CniError({
        code: errorCodes.invalidEnvironmentVariables,
        msg: `CNI_ARGS: ${shown(part)} is not a pair (as in "KEY=value")`,
      });
    pairs.push([part.slice(0, equals), part.slice(equals + 1)]);
  }
  return Object.fromEntries(pairs);
}

/**
 * Writes `CNI_ARGS`.
 *
 * @throws CniError (4) if a key or value cannot be written: it contains `;` or NUL, or a key is empty or contains `=`
 */
export function formatCniArgs(args: CniArgs): string {
  return Object.entries(args)
    .map(([key, value]) => {
      if (key === '' || /[=;\0]/.test(key) || /[;\0]/.test(value))
        throw new CniError({
          code: errorCodes.invalidEnvironmentVariables,
          msg: `CNI_ARGS: ${shown(`${key}=${value}`)} cannot be written: ";" separates pairs, "=" the key from the value`,
        });
      return `${key}=${value}`;
    })
    .join(';');
}
