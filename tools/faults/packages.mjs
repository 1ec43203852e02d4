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

/** Where the exports of a package and the entries of its operations differ. */
export async function differingEntries(packageName) {
  const { operations, withoutCalls } = PACKAGES[packageName];
  const exported = await exportsOf(packageName);
  const entries = Object.keys({ ...operations, ...withoutCalls });
  return [
    ...entries
      .filter((name) => !exported.includes(name))
      .map((name) => ({ name, why: 'has an entry in tools/faults/operations and is not exported' })),
    ...exported
      .filter((name) => !entries.includes(name))
      .map((name) => ({ name, why: 'is exported and has no entry in tools/faults/operations' })),
  ];
}
