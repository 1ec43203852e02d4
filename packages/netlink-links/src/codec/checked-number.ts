import { NetnsError } from 'netns-core';
import { shown } from 'netns-core/checks';

/**
 * Checks an argument that must be an integer within bounds; `undefined` passes.
 *
 * @param what the argument's name, for the error: `'priority of a rule'`
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 */
export function checkInteger(what: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return;
  throw new NetnsError(`${shown(value)} is no ${what}: an integer from ${least} to ${most} is needed`, {
    code: 'ERR_INVALID_ARGUMENT',
  });
}

/**
 * Checks an argument that must be a finite number within bounds; `undefined` passes.
 *
 * @param unit of the bounds, for the error: `'ms'`
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 */
export function checkQuantity(
  what: string,
  value: number | undefined,
  least: number,
  most: number,
  unit: string,
): void {
  if (value === undefined || (Number.isFinite(value) && value >= least && value <= most)) return;
  throw new NetnsError(`${shown(value)} is no ${what}: a number from ${least} to ${most} ${unit} is needed`, {
    code: 'ERR_INVALID_ARGUMENT',
  });
}
