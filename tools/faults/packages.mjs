// Which operations each package has, by its exports.
import * as core from './operations/core.mjs';
import * as dial from './operations/dial.mjs';
import * as links from './operations/links.mjs';
import * as neslink from './operations/neslink.mjs';

export const PACKAGES = {
  'netns-core': core,
  'netlink-links': links,
  'vrf-dial': dial,
  neslink,
};

/** Exports that do something: neither constants nor classes of errors. */
export async function exportsOf(name) {
  const entries = Object.entries(await import(name));
  const { only = /./ } = PACKAGES[name];
  return entries
    .filter(([key, value]) => typeof value === 'function' && !(value.prototype instanceof Error) && only.test(key))
    .map(([key]) => key)
    .sort();
}
