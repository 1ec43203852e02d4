import { CniError, errorCodes } from './cni-error.js';
import { shown } from './document-value.js';

/** The names of the options that a function takes, each with what its value must be. */
export type OptionTypes = Readonly<Record<string, 'string' | 'boolean' | 'number' | 'object' | 'function' | 'any'>>;

const ARTICLES = {
  string: 'a string',
  boolean: 'true or false',
  number: 'a number',
  object: 'an object',
  function: 'a function',
} as const;

function refuse(msg: string): never {
  throw new CniError({ code: errorCodes.internal, msg });
}

/**
 * Checks the options of a function: an object, of known names, with values of the right types. `undefined` is an
 * option that was not given.
 *
 * @param callee the function that takes them, for the message
 * @throws CniError (999) that names the option
 */
export function checkOptions(options: unknown, callee: string, types: OptionTypes): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    refuse(`the options of ${callee} must be an object, not ${shown(options)}`);
  for (const [name, value] of Object.entries(options)) {
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    if (type === undefined) refuse(`${callee} has no option ${shown(name)}: it takes ${Object.keys(types).join(', ')}`);
    if (value === undefined || type === 'any') continue;
    if (typeof value !== type || value === null) refuse(`${name} must be ${ARTICLES[type]}, not ${shown(value)}`);
  }
}
