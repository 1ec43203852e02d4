import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { IFNAMSIZ } from 'netns-core/sys';
import { ALTIFNAMSIZ } from '../uapi/if.js';

function refuse(property: string, name: unknown, reason: string): never {
  throw new InvalidOptionError(property, `${property} ${shown(name)} cannot be the name of a link: ${reason}`);
}

/** @param size of the kernel's buffer, its NUL included */
function check(property: string, name: string, size: number): string {
  if (typeof name !== 'string') refuse(property, name, 'it must be a string');
  if (name === '') refuse(property, name, 'it is empty');
  const bytes = Buffer.byteLength(name);
  if (bytes >= size) refuse(property, name, `it has ${bytes} bytes, and at most ${size - 1} are possible`);
  if (name === '.' || name === '..') refuse(property, name, 'it means a directory');
  const wrong = /[/:\s\0]/.exec(name);
  if (wrong) refuse(property, name, `it contains ${shown(wrong[0])}`);
  return name;
}

/**
 * Checks the name of a link as the kernel does (`dev_valid_name`): 1 to 15 bytes, no slash, colon or white space.
 *
 * @param property that has it, for the error
 * @throws InvalidOptionError
 */
export function checkLinkName(name: string, property = 'name'): string {
  return check(property, name, IFNAMSIZ);
}

/**
 * Checks a name under which a link can be looked up; alternative names may have up to 127 bytes.
 *
 * @param property that has it, for the error
 * @throws InvalidOptionError
 */
export function checkLookupName(name: string, property = 'name'): string {
  return check(property, name, ALTIFNAMSIZ);
}
