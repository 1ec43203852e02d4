import { InvalidOptionError } from 'netns-core';
import { IFNAMSIZ } from 'netns-core/sys';
import { ALTIFNAMSIZ } from '../uapi/if.js';

function refuse(name: unknown, reason: string): never {
  throw new InvalidOptionError('name', `${JSON.stringify(name)} can not be the name of a link: ${reason}`);
}

function check(name: string, room: number): string {
  if (typeof name !== 'string' || name === '') refuse(name, 'it is empty');
  const size = Buffer.byteLength(name);
  if (size >= room) refuse(name, `it has ${size} bytes and ${room - 1} are the most`);
  if (name === '.' || name === '..') refuse(name, 'it means a directory');
  const wrong = /[/:\s\0]/.exec(name);
  if (wrong) refuse(name, `it contains ${JSON.stringify(wrong[0])}`);
  return name;
}

/**
 * Checks the name of a link as the kernel does (`dev_valid_name`): 1 to 15 bytes, no slash, colon or white space.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 */
export function checkLinkName(name: string): string {
  return check(name, IFNAMSIZ);
}

/**
 * Checks a name under which a link can be looked up; alternative names may have up to 127 bytes.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 */
export function checkLookupName(name: string): string {
  return check(name, ALTIFNAMSIZ);
}
