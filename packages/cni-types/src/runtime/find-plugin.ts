import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { CniError, errorCodes } from '../cni-error.js';
import { shown } from '../document-value.js';
import { pluginTypeProblem } from '../names.js';
import { PluginNotFoundError } from './errors.js';

/** Where distributions put plugins; searched if neither the options nor `CNI_PATH` say where. */
export const defaultPluginPath: readonly string[] = ['/opt/cni/bin', '/usr/lib/cni', '/usr/libexec/cni'];

/** The directories to search, from the options, the environment or the defaults, in this order. */
export function searchPath(given: string | readonly string[] | undefined): readonly string[] {
  const from = given ?? (process.env.CNI_PATH || undefined) ?? defaultPluginPath;
  return (typeof from === 'string' ? from.split(path.delimiter) : from).filter((directory) => directory !== '');
}

/**
 * Finds the executable of a plugin.
 *
 * @throws PluginNotFoundError naming the directories searched; CniError (7) if the type is not a file name
 */
export async function findPlugin(type: string, directories: readonly string[]): Promise<string> {
  const problem = pluginTypeProblem(type);
  if (problem !== undefined)
    throw new CniError({ code: errorCodes.invalidNetworkConfig, msg: `the plugin's type ${problem}` });
  const unusable: string[] = [];
  for (const directory of directories) {
    const file = path.join(directory, type);
    try {
      if (!(await stat(file)).isFile()) continue;
      await access(file, constants.X_OK);
      return file;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EACCES') unusable.push(file);
    }
  }
  throw new PluginNotFoundError({
    code: errorCodes.internal,
    msg: `the plugin ${shown(type)} was not found`,
    details:
      unusable.length > 0
        ? `${unusable.join(', ')} may not be executed by this user`
        : `searched ${directories.length > 0 ? directories.join(', ') : 'nowhere: the search path is empty'}; install it there or give its directory as \`path\` (CNI_PATH)`,
  });
}
