import { CniError, errorCodes } from './cni-error.js';
import { shown } from './document-value.js';

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

/** What is wrong with a network's name or a container id; `undefined` if nothing is. */
export function nameProblem(name: unknown): string | undefined {
  if (typeof name !== 'string') return `must be a string, not ${shown(name)}`;
  if (name === '') return 'must not be empty';
  if (NAME.test(name)) return undefined;
  return `${shown(name)} must start with a letter or digit, followed by letters, digits, "_", "." and "-" only`;
}

/** What is wrong with an interface's name; `undefined` if nothing is. The kernel's rules (dev_valid_name). */
export function interfaceNameProblem(name: unknown): string | undefined {
  if (typeof name !== 'string') return `must be a string, not ${shown(name)}`;
  if (name === '') return 'must not be empty';
  if (name === '.' || name === '..') return `must not be ${shown(name)}`;
  if (new TextEncoder().encode(name).length > 15) return `${shown(name)} has more than 15 bytes`;
  if (/[/:\s\0]/.test(name)) return `${shown(name)} must not contain "/", ":" or white space`;
  return undefined;
}

/** What is wrong with a plugin's type, which is the name of an executable; `undefined` if nothing is. */
export function pluginTypeProblem(type: string): string | undefined {
  if (type === '') return 'must not be empty';
  if (type === '.' || type === '..' || /[/\\\0]/.test(type))
    return `${shown(type)} is not the name of an executable: it must not contain "/" or "\\"`;
  return undefined;
}

/**
 * Checks a container id.
 *
 * @throws CniError (4)
 */
export function checkContainerId(id: string): void {
  const problem = nameProblem(id);
  if (problem !== undefined)
    throw new CniError({ code: errorCodes.invalidEnvironmentVariables, msg: `the container id ${problem}` });
}

/**
 * Checks the name of an interface.
 *
 * @throws CniError (4)
 */
export function checkInterfaceName(name: string): void {
  const problem = interfaceNameProblem(name);
  if (problem !== undefined)
    throw new CniError({ code: errorCodes.invalidEnvironmentVariables, msg: `the interface name ${problem}` });
}

/**
 * Checks the name of a network.
 *
 * @throws CniError (7)
 */
export function checkNetworkName(name: string): void {
  const problem = nameProblem(name);
  if (problem !== undefined)
    throw new CniError({ code: errorCodes.invalidNetworkConfig, msg: `the network's name ${problem}`, place: 'name' });
}
