import { NetnsError } from 'netns-core';
import type { Scope } from '../addresses/address.js';

const NAMES: Readonly<Record<number, Exclude<Scope, number>>> = {
  0: 'global',
  200: 'site',
  253: 'link',
  254: 'host',
  255: 'nowhere',
};
const NUMBERS: Readonly<Record<string, number>> = { global: 0, site: 200, link: 253, host: 254, nowhere: 255 };

/** The name of an `RT_SCOPE_…` number. */
export function scopeName(scope: number): Scope {
  return NAMES[scope] ?? scope;
}

/**
 * The number behind a scope.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 */
export function scopeNumber(scope: Scope): number {
  const number = typeof scope === 'number' ? scope : NUMBERS[scope];
  if (number === undefined || !Number.isInteger(number) || number < 0 || number > 255)
    throw new NetnsError(`'${scope}' is no scope: global, site, link, host, nowhere or a number up to 255 is one`, {
      code: 'ERR_INVALID_ARGUMENT',
    });
  return number;
}
