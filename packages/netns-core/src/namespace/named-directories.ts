import { statSync } from 'node:fs';

/** Where named namespaces are mounted (`ip netns`). */
export const NETNS_RUN_DIR = '/run/netns';

/** Where a name is looked for, in this order. On most systems the second is the first, but not in every container. */
export const NETNS_DIRS: readonly string[] = [NETNS_RUN_DIR, '/var/run/netns'];

function fileId(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

/**
 * Where a new name is made if no directory is given: the first of {@link NETNS_DIRS} that exists. `ip netns` knows
 * `/var/run/netns` only, so that is where the directory is made if `/var/run` is not a link to `/run`.
 */
export function defaultNamedDirectory(): string {
  const existing = NETNS_DIRS.find((dir) => fileId(dir) !== undefined);
  if (existing !== undefined) return existing;
  const varRun = fileId('/var/run');
  return varRun === undefined || varRun === fileId('/run') ? NETNS_RUN_DIR : '/var/run/netns';
}
