import { escaped, shown } from '../checks/escaped.js';
import { InvalidNameError, InvalidOptionError, NetnsError } from '../errors.js';

/** The longest name of a file, in bytes (`NAME_MAX` of `<linux/limits.h>`). */
const NAME_MAX = 255;

/**
 * Checks that a name can be a file's name in the directory of named namespaces, and nothing else: no path leads out
 * of that directory.
 *
 * @throws InvalidNameError; InvalidOptionError if it is not even a string
 */
export function checkName(name: string): void {
  if (typeof name !== 'string')
    throw new InvalidOptionError('name', `the namespace name must be a string, not ${typeof name}`);
  const problem = problemOfName(name);
  if (problem !== undefined)
    throw new InvalidNameError(`the namespace name "${escaped(name, 80)}" ${problem}`, { code: 'ERR_INVALID_NAME' });
}

/** Why a name cannot be one of a file in a directory; `undefined` if it can. */
export function problemOfName(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name === '.' || name === '..') return 'is a directory, not a name';
  if (name.includes('/')) return 'contains a slash: give a path as { path }';
  if (name.includes('\0')) return 'contains a NUL character';
  const length = Buffer.byteLength(name);
  return length > NAME_MAX ? `is ${length} bytes long: ${NAME_MAX} at most` : undefined;
}

/** How a name is called in messages: `the namespace "red"`. */
export function describeName(name: string): string {
  return `the namespace "${escaped(name, NAME_MAX)}"`;
}

/**
 * The name of the namespace that holds a VRF: `'x'` is in `'ns-x'`. `''` (the caller's own), `'default'` and names
 * that already begin with `ns-` stay as they are.
 *
 * @throws InvalidOptionError if it is not a string
 */
export function vrfToNetns(vrf: string): string {
  if (typeof vrf !== 'string') throw new InvalidOptionError('vrf', `vrf must be a string, not ${shown(vrf)}`);
  return vrf === '' || vrf === 'default' || vrf.startsWith('ns-') ? vrf : `ns-${vrf}`;
}

/**
 * Takes `[<vrf>/]address:port` apart: `'management/192.0.2.1:80'` gives
 * `{ namespace: 'ns-management', address: '192.0.2.1:80' }`, and without a VRF the namespace is `''`. Neither part is
 * checked further.
 *
 * @throws NetnsError `ERR_INVALID_ADDRESS` if there is more than one slash
 */
export function parseAddress(address: string): { namespace: string; address: string } {
  if (typeof address !== 'string')
    throw new InvalidOptionError('address', `address must be a string, not ${shown(address)}`);
  const [first = '', second, ...more] = address.split('/');
  if (more.length > 0)
    throw new NetnsError(`"${escaped(address)}" has more than one slash: [<vrf>/]address:port is expected`, {
      code: 'ERR_INVALID_ADDRESS',
    });
  return second === undefined ? { namespace: '', address: first } : { namespace: vrfToNetns(first), address: second };
}
