import { errorCodes } from './cni-error.js';
import { DocumentValue, type JsonInput, shown } from './document-value.js';
import { nameProblem } from './names.js';
import { checkPluginConfig, type NetworkConfig, type PluginConfig } from './network-config.js';
import { type CniVersion, type Diagnostic, effectiveVersion, type ResolvedVersion } from './versions.js';

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
export function isOn(value: Switch | undefined): boolean {
  return value === true || (typeof value === 'string' && value.toLowerCase() === 'true');
}

function checkSwitch(value: DocumentValue): void {
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

/**
 * Reads the configuration of a network: the content of a `.conflist` file. Nothing in it is changed, unknown keys are
 * kept. One that declares a version which was never released, 1.0.1, is accepted: see `onDiagnostic` and
 * {@link diagnoseNetworkConfigList}.
 *
 * @throws CniError 6 if it is no JSON, 7 if a value is wrong (with the place: `plugins[1].ipam.ranges[0][0].subnet`),
 * 1 if its version is not known
 */
export function parseNetworkConfigList(json: JsonInput, options: ParseListOptions = {}): NetworkConfigList {
  const document = DocumentValue.parse(json, {
    what: 'network configuration list',
    code: errorCodes.invalidNetworkConfig,
  });
  const name = document.object().at('name');
  const problem = nameProblem(name.string());
  if (problem !== undefined) name.fail(problem);
  const version = document.at('cniVersion');
  version.optional(() => version.string());
  document.at('cniVersions').optional((versions) => {
    for (const declared of versions.list()) declared.string();
  });
  const declaration = document.value as unknown as Pick<NetworkConfigList, 'cniVersion' | 'cniVersions'>;
  for (const diagnostic of diagnoseNetworkConfigList(declaration)) options.onDiagnostic?.(diagnostic);
  for (const key of ['disableCheck', 'disableGC', 'loadOnlyInlinedPlugins']) document.at(key).optional(checkSwitch);

  const plugins = document.at('plugins');
  if (!plugins.present && options.pluginsElsewhere) {
    if (isOn((document.value as { loadOnlyInlinedPlugins?: Switch }).loadOnlyInlinedPlugins))
      plugins.fail('is missing, though loadOnlyInlinedPlugins is true');
    return { ...(document.value as unknown as NetworkConfigList), plugins: [] };
  }
  if (!plugins.present && document.at('type').present)
    plugins.fail('is missing: this configures a single plugin, for parseNetworkConfig');
  const elements = plugins.list();
  if (elements.length === 0) plugins.fail('is empty: a network needs at least one plugin');
  elements.forEach(checkPluginConfig);
  return document.value as unknown as NetworkConfigList;
}

/** A list whose only plugin is the network's. */
export function listFromConfig(config: NetworkConfig): NetworkConfigList {
  return {
    ...(config.cniVersion === undefined ? {} : { cniVersion: config.cniVersion }),
    name: config.name,
    plugins: [config],
  };
}

/**
 * The same list, declared for another version: everything else stays as it is, for configurations have not changed
 * their form between versions.
 */
export function convertNetworkConfigList(list: NetworkConfigList, version: CniVersion): NetworkConfigList {
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
