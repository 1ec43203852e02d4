import { readdirSync } from 'node:fs';
import { NetnsError } from '../errors.js';
import { threadSys } from '../hop/thread.js';
import { NETNS_DIRS } from '../namespace/reference.js';
import { checkDirectory, type NamedOptions } from './name-file.js';

/**
 * The names in the directory of named namespaces, sorted; as with `ip netns list`, also those with nothing mounted on
 * them yet. Without a directory there are none.
 *
 * @throws NetnsError (`EACCES`, `ENOTDIR`, …)
 */
export function listNamed({ dir }: NamedOptions = {}): string[] {
  if (dir !== undefined) checkDirectory(dir);
  threadSys();
  const names = new Set<string>();
  for (const directory of dir === undefined ? NETNS_DIRS : [dir]) {
    try {
      for (const entry of readdirSync(directory)) names.add(entry);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'EIO';
      if (code === 'ENOENT') continue;
      throw new NetnsError(`cannot list the directory of named namespaces ${directory} (${code})`, {
        code,
        path: directory,
        cause: error,
      });
    }
  }
  return [...names].sort();
}
