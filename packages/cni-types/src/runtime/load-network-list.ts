import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { CniError, errorCodes } from '../cni-error.js';
import { DocumentValue, shown } from '../document-value.js';
import { type PluginConfig, parseNetworkConfig, readPluginConfig } from '../network-config.js';
import {
  isOn,
  listFromConfig,
  type NetworkConfigList,
  type ParseListOptions,
  parseNetworkConfigList,
} from '../network-config-list.js';
import { NetworkNotFoundError } from './errors.js';

async function filesWith(directory: string, ...extensions: readonly string[]): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory() && extensions.includes(path.extname(entry.name)))
      .map((entry) => path.join(directory, entry.name))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new CniError({
      code: errorCodes.ioFailure,
      msg: `${directory} cannot be read: ${(error as Error).message}`,
      cause: error,
    });
  }
}

/** Reads a file by one of the parsers, whose complaints get the file's name in front. */
async function readWith<T>(file: string, parse: (text: string) => T): Promise<T> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new CniError({
      code: errorCodes.ioFailure,
      msg: `${file} cannot be read: ${(cause as Error).message}`,
      cause,
    });
  }
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof CniError)) throw error;
    const { code, msg, details, place } = error;
    throw new CniError({ code, msg: `${file}: ${msg}`, details, place, cause: error });
  }
}

/** The name in a document, if it has one; nothing is checked, for it may be another network's document. */
function nameIn(text: string): unknown {
  const document = DocumentValue.parse(text, { what: 'network configuration', code: errorCodes.invalidNetworkConfig });
  return document.object().at('name').value;
}

async function withPluginFiles(list: NetworkConfigList, file: string): Promise<NetworkConfigList> {
  if (isOn(list.loadOnlyInlinedPlugins)) return list;
  const added: PluginConfig[] = [];
  for (const pluginFile of await filesWith(path.join(path.dirname(file), list.name), '.conf'))
    added.push(await readWith(pluginFile, readPluginConfig));
  const plugins = [...list.plugins, ...added];
  if (plugins.length === 0)
    throw new CniError({
      code: errorCodes.invalidNetworkConfig,
      msg: `${file}: plugins: is missing, and ${path.join(path.dirname(file), list.name)} has no .conf file`,
      place: 'plugins',
    });
  return added.length === 0 ? list : { ...list, plugins };
}

/** What can be set when a network is loaded. */
export type LoadOptions = Pick<ParseListOptions, 'onDiagnostic'>;

/**
 * Loads a network from a directory such as `/etc/cni/net.d`: the first `.conflist` file, in the order of names, whose
 * network has that name, with the plugins of the folder `<dir>/<name>` behind its own (unless
 * `loadOnlyInlinedPlugins`), else the first `.conf` or `.json` file of a single plugin.
 *
 * @throws NetworkNotFoundError, naming the directory and the networks it has; CniError if a file on the way is wrong,
 * with its path and the place in it
 */
export async function loadNetworkList(
  directory: string,
  name: string,
  options: LoadOptions = {},
): Promise<NetworkConfigList> {
  const found = new Set<string>();
  const lists = await filesWith(directory, '.conflist');
  const singles = await filesWith(directory, '.conf', '.json');
  for (const file of [...lists, ...singles]) {
    const declared = await readWith(file, nameIn);
    if (declared !== name) {
      if (typeof declared === 'string') found.add(declared);
      continue;
    }
    if (!lists.includes(file)) return listFromConfig(await readWith(file, parseNetworkConfig));
    const list = await readWith(file, (text) => parseNetworkConfigList(text, { ...options, pluginsElsewhere: true }));
    return withPluginFiles(list, file);
  }
  throw new NetworkNotFoundError({
    code: errorCodes.invalidNetworkConfig,
    msg: `there is no network ${shown(name)} in ${directory}`,
    details:
      found.size > 0 ? `there are ${[...found].map(shown).join(', ')}` : 'there is no network configuration at all',
  });
}
