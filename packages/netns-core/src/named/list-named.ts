import { readdirSync } from 'node:fs';
import { escaped } from '../checks/escaped.js';
import { accessDenied, describeErrno, NetnsError } from '../errors.js';
import { NETNS_DIRS } from '../namespace/named-directories.js';
import { threadSys } from '../thread/thread.js';
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
      const { code = 'EIO' } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') continue;
      const what = `cannot list the directory of named namespaces ${escaped(directory, 300)}`;
      if (code === 'ERR_ACCESS_DENIED') throw accessDenied(error, what, `--allow-fs-read=${escaped(directory, 300)}`);
      throw new NetnsError(`${what}: ${describeErrno(code, 'scandir', directory)}`, {
        code,
        path: directory,
        cause: error,
      });
    }
  }
  return [...names].sort();
}
