import { readdirSync } from 'node:fs';
import { escaped } from '../checks/escaped.js';
import { NetnsError } from '../errors.js';
import { threadSys } from '../hop/thread.js';
import { NETNS_DIRS } from '../namespace/named-directories.js';
import { checkNamedOptions, type NamedOptions } from './name-file.js';

/**
 * The names in the directory of named namespaces, sorted; as with `ip netns list`, also symbolic links and files with
 * nothing mounted on them yet. Without a directory there are none.
 *
 * @throws NetnsError (`EACCES`, `ENOTDIR`, …)
 */
export function listNamed(options: NamedOptions = {}): string[] {
  checkNamedOptions(options, 'listNamed');
  const { dir } = options;
  threadSys();
  const names = new Set<string>();
  for (const directory of dir === undefined ? NETNS_DIRS : [dir]) {
    try {
      for (const entry of readdirSync(directory)) names.add(entry);
    } catch (error) {
      const { code = 'EIO', message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') continue;
      throw new NetnsError(
        `cannot list the directory of named namespaces ${escaped(directory, 300)} (${code === 'ERR_ACCESS_DENIED' ? escaped(message, 300) : code})`,
        { code, path: directory, cause: error },
      );
    }
  }
  return [...names].sort();
}
