import { existsSync } from 'node:fs';
import path from 'node:path';

/** Where named namespaces are mounted (`ip netns`). */
export const NETNS_RUN_DIR = '/run/netns';

/** Where a name is looked for, in this order. On most systems the second is the first, but not in every container. */
export const NETNS_DIRS: readonly string[] = [NETNS_RUN_DIR, '/var/run/netns'];

/**
 * Where a new name is made if no directory is given: the first of {@link NETNS_DIRS} that exists. Builds of `ip netns`
 * know one of them only.
 */
export function defaultNamedDirectory(): string {
  const existing = NETNS_DIRS.find((dir) => existsSync(dir));
  if (existing !== undefined) return existing;
  return NETNS_DIRS.find((dir) => existsSync(path.dirname(dir))) ?? NETNS_RUN_DIR;
}
