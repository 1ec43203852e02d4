import { InvalidOptionError, vrfToNetns } from 'netns-core';
import { shown } from 'netns-core/checks';

const PREFIX = 'ns-';

/**
 * The VRF that a named namespace is, by the convention of `vrfToNetns`: `'x'` for `'ns-x'`, and `'default'` for
 * `'default'`. What it returns means that namespace again as the option `vrf`.
 *
 * @returns `undefined` for names outside the convention
 * @throws InvalidOptionError if it is not a string
 */
export function netnsToVrf(name: string): string | undefined {
  if (typeof name !== 'string') throw new InvalidOptionError('name', `name must be a string, got ${shown(name)}`);
  if (name === 'default') return name;
  const vrf = name.slice(PREFIX.length);
  if (!name.startsWith(PREFIX) || vrf === '') return undefined;
  // 'ns-default' is not the default VRF, and 'ns-ns-x' not 'ns-x': those are named in full.
  return vrfToNetns(vrf) === name ? vrf : name;
}
