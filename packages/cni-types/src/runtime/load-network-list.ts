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
import { checkOptions, type OptionTypes } from '../options.js';
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

const OPTIONS: OptionTypes = { onDiagnostic: 'function' };

/** A file of a directory, with a way to load its network. */
interface NetworkFile {
  readonly file: string;
  /** The name that the document declares, whatever it is. */
  name(): Promise<unknown>;
  load(): Promise<NetworkConfigList>;
}

/** The files of a directory that configure networks, in the order of their names. */
async function networkFiles(
  directory: string,
  options: LoadOptions,
  order: 'lists first' | 'by name',
): Promise<NetworkFile[]> {
  const lists = await filesWith(directory, '.conflist');
  const singles = await filesWith(directory, '.conf', '.json');
  const files = order === 'lists first' ? [...lists, ...singles] : [...lists, ...singles].sort(byName);
  return files.map((file) => ({
    file,
    name: () => readWith(file, nameIn),
    load: async () => {
      if (!lists.includes(file)) return readWith(file, (text) => listFromConfig(parseNetworkConfig(text)));
      const list = await readWith(file, (text) => parseNetworkConfigList(text, { ...options, pluginsElsewhere: true }));
      return withPluginFiles(list, file);
    },
  }));
}

function byName(a: string, b: string): number {
  return a < b ? -1 : 1;
}

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
  checkOptions(options, 'loadNetworkList', OPTIONS);
  const found = new Set<string>();
  for (const candidate of await networkFiles(directory, options, 'lists first')) {
    const declared = await candidate.name();
    if (declared === name) return candidate.load();
    if (typeof declared === 'string') found.add(declared);
  }
  throw new NetworkNotFoundError({
    code: errorCodes.invalidNetworkConfig,
    msg: `there is no network ${shown(name)} in ${directory}`,
    details:
      found.size > 0
        ? `there are ${[...found].map((other) => shown(other)).join(', ')}`
        : 'there is no network configuration at all',
  });
}

/** All networks of a directory, and what could not be loaded. */
export interface LoadedNetworks {
  /** In the order of their files' names. */
  readonly networks: NetworkConfigList[];
  /** Of the files that are wrong, each with its path and the place in it. */
  readonly errors: CniError[];
}

/**
 * Loads all networks of a directory such as `/etc/cni/net.d`. A file that is wrong is passed over and told in
 * `errors`.
 *
 * @throws CniError if the directory cannot be read; one that does not exist has no networks
 */
export async function loadAllNetworks(directory: string, options: LoadOptions = {}): Promise<LoadedNetworks> {
  checkOptions(options, 'loadAllNetworks', OPTIONS);
  const networks: NetworkConfigList[] = [];
  const errors: CniError[] = [];
  for (const candidate of await networkFiles(directory, options, 'by name'))
    try {
      networks.push(await candidate.load());
    } catch (error) {
      if (!(error instanceof CniError)) throw error;
      errors.push(error);
    }
  return { networks, errors };
}

/**
 * Loads the network that container runtimes use by default: that of the first file, in the order of names, that can be
 * loaded.
 *
 * @throws NetworkNotFoundError, which says what is wrong with the files that there are
 */
export async function loadDefaultNetwork(directory: string, options: LoadOptions = {}): Promise<NetworkConfigList> {
  checkOptions(options, 'loadDefaultNetwork', OPTIONS);
  const { networks, errors } = await loadAllNetworks(directory, options);
  const [first] = networks;
  if (first !== undefined) return first;
  throw new NetworkNotFoundError({
    code: errorCodes.invalidNetworkConfig,
    msg: `there is no network in ${directory}`,
    details:
      errors.length > 0 ? errors.map(({ message }) => message).join('; ') : 'there is no network configuration at all',
  });
}
