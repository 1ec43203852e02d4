import { CniError, errorCodes } from './cni-error.js';
import { DocumentValue, type JsonInput, shown } from './document-value.js';
import { checkPluginConfig, type NetworkConfig, type PluginConfig } from './network-config.js';
import { checkOptions, type OptionTypes } from './options.js';
import {
  type CniVersion,
  checkVersion,
  type Diagnostic,
  effectiveVersion,
  isVersionNumber,
  type ResolvedVersion,
} from './versions.js';

/** A switch; libcni also takes the words, in any case. */
export type Switch = boolean | string;

/** A network: an ordered list of plugins. Unknown keys are kept. */
export interface NetworkConfigList {
  cniVersion?: string;
  /** Versions that the plugins are known to work with, beside `cniVersion`. Since 1.1.0. */
  cniVersions?: string[];
  name: string;
  /** Whether CHECK must not be used. Since 0.4.0. */
  disableCheck?: Switch;
  /** Whether GC must not be used. Since 1.1.0. */
  disableGC?: Switch;
  /** Whether configurations of plugins in the folder named like the network are left alone. Since 1.1.0. */
  loadOnlyInlinedPlugins?: Switch;
  plugins: PluginConfig[];
  [key: string]: unknown;
}

/** Whether a switch of a list is on. */
export function isOn(value: unknown): boolean {
  return value === true || (typeof value === 'string' && value.toLowerCase() === 'true');
}

/** Checks a switch: true, false, or the words. */
export function checkSwitch(value: DocumentValue): void {
  if (typeof value.value === 'string' && /^(true|false)$/i.test(value.value)) return;
  value.boolean();
}

/**
 * What is to be said about a list that can be used all the same: a version that was never released.
 */
export function diagnoseNetworkConfigList(list: Pick<NetworkConfigList, 'cniVersion' | 'cniVersions'>): Diagnostic[] {
  const { diagnostic } = effectiveVersion(list);
  return diagnostic === undefined ? [] : [diagnostic];
}

/** The version in which a list is run: the highest of those it declares that is known here. */
export function versionOfList(list: Pick<NetworkConfigList, 'cniVersion' | 'cniVersions'>): ResolvedVersion {
  return effectiveVersion(list);
}

/** How a list is read. */
export interface ParseListOptions {
  /** Whether `plugins` may be absent, because they are in files of their own. Default false. */
  pluginsElsewhere?: boolean;
  /** Is told what can be used but should be corrected, such as a version that was never released. */
  onDiagnostic?: (diagnostic: Diagnostic) => void;
}

const OPTIONS: OptionTypes = { pluginsElsewhere: 'boolean', onDiagnostic: 'function' };

/**
 * Reads the configuration of a network: the content of a `.conflist` file. It accepts what libcni accepts: what only
 * plugins read is not judged (see {@link lintNetworkList}), and neither are name and version, until the network is
 * used. Nothing in it is changed, unknown keys are kept. A list that declares a version which was never released,
 * 1.0.1, is accepted: see `onDiagnostic` and {@link diagnoseNetworkConfigList}.
 *
 * @throws CniError 6 if it is not JSON, 7 if a value has a wrong type (with the place: `plugins[1].capabilities.mac`),
 * 999 if an option is wrong
 */
export function parseNetworkConfigList(json: JsonInput, options: ParseListOptions = {}): NetworkConfigList {
  checkOptions(options, 'parseNetworkConfigList', OPTIONS);
  const document = DocumentValue.parse(json, {
    what: 'network configuration list',
    code: errorCodes.invalidNetworkConfig,
  });
  checkNetworkConfigList(document, options);
  const list = document.value as unknown as NetworkConfigList;
  if (options.onDiagnostic !== undefined) tellDiagnostics(list, options.onDiagnostic);
  return document.at('plugins').present ? list : { ...list, plugins: [] };
}

/** A version that is not known is an error when the network is used, and none when it is read. */
function tellDiagnostics(list: NetworkConfigList, onDiagnostic: (diagnostic: Diagnostic) => void): void {
  let diagnostics: Diagnostic[];
  try {
    diagnostics = diagnoseNetworkConfigList(list);
  } catch (error) {
    if (error instanceof CniError) return;
    throw error;
  }
  for (const diagnostic of diagnostics) onDiagnostic(diagnostic);
}

/** Checks the types of what libcni decodes in a list. */
export function checkNetworkConfigList(document: DocumentValue, options: ParseListOptions = {}): void {
  document.object().at('name').string();
  document.at('cniVersion').optional((version) => version.string());
  document.at('cniVersions').optional((versions) => {
    for (const declared of versions.list())
      if (!isVersionNumber(declared.string())) declared.fail(`${shown(declared.value)} is not a version`);
  });
  for (const key of ['disableCheck', 'disableGC']) document.at(key).optional(checkSwitch);

  const plugins = document.at('plugins');
  if (!plugins.present && options.pluginsElsewhere) {
    if (isOn(document.at('loadOnlyInlinedPlugins').value))
      plugins.fail('is missing, though loadOnlyInlinedPlugins is true');
    return;
  }
  if (!plugins.present && document.at('type').present)
    plugins.fail('is missing: this configures a single plugin, for parseNetworkConfig');
  const elements = plugins.list();
  if (elements.length === 0) plugins.fail('is empty: a network needs at least one plugin');
  elements.forEach(checkPluginConfig);
}

/**
 * A list whose only plugin is the network's.
 *
 * @throws CniError (7) if the network has no name
 */
export function listFromConfig(config: NetworkConfig): NetworkConfigList {
  const { cniVersion, name } = config;
  if (name === undefined)
    throw new CniError({
      code: errorCodes.invalidNetworkConfig,
      msg: 'name: is missing: a network is used by its name',
      place: 'name',
    });
  return { ...(cniVersion === undefined ? {} : { cniVersion }), name, plugins: [config] };
}

/**
 * The same list, declared for another version: everything else stays as it is, for configurations have not changed
 * their form between versions.
 *
 * @throws CniError (1) if the version is not known
 */
export function convertNetworkConfigList(list: NetworkConfigList, version: CniVersion): NetworkConfigList {
  checkVersion(version);
  const { cniVersions: _, ...rest } = list;
  return {
    ...rest,
    cniVersion: version,
    plugins: list.plugins.map((plugin) =>
      plugin.cniVersion === undefined ? plugin : { ...plugin, cniVersion: version },
    ),
  };
}

/** How messages name a plugin of a list: `plugins[1] (portmap)`. */
export function describePlugin(list: NetworkConfigList, index: number): string {
  return `network ${shown(list.name)}, plugins[${index}] (${list.plugins[index]?.type})`;
}
