import { errorCodes } from './cni-error.js';
import { checkDns, type Dns } from './dns.js';
import { DocumentValue, type JsonInput } from './document-value.js';

/** The part of a configuration that is for the IPAM plugin; what it says beside `type` is that plugin's own. */
export interface IpamConfig {
  type?: string;
  [key: string]: unknown;
}

/** What configures one plugin, in a list or alone. Keys that only the plugin knows are kept and passed on. */
export interface PluginConfig {
  /** The name of the plugin's executable. */
  type: string;
  /** A list's name counts where both have one. */
  name?: string;
  /** A list's version counts where both have one. */
  cniVersion?: string;
  /** Which of the runtime's capability arguments the plugin takes. */
  capabilities?: Record<string, boolean>;
  ipam?: IpamConfig;
  dns?: Dns;
  /** What a runtime passes beside the configuration, by convention. */
  args?: unknown;
  /** The capability arguments; the runtime puts them here. */
  runtimeConfig?: Record<string, unknown>;
  /** The result of the plugin before, or that of ADD; the runtime puts it here. */
  prevResult?: object;
  [key: string]: unknown;
}

/** A network of one plugin: the content of a `.conf` file, or what a plugin reads from its standard input. */
export interface NetworkConfig extends PluginConfig {
  /** Absent in documents that another configuration refers to, such as the delegates of Multus. */
  name?: string;
}

function checkCapabilities(capabilities: DocumentValue): void {
  for (const [, value] of capabilities.entries()) value.boolean();
}

/**
 * Checks the types of what libcni decodes in the configuration of one plugin. All else is the plugin's to judge, and
 * the linter's.
 */
export function checkPluginConfig(config: DocumentValue): void {
  config.object();
  const type = config.at('type');
  if (type.string() === '') type.fail('must not be empty');
  for (const key of ['name', 'cniVersion']) config.at(key).optional((value) => value.string());
  config.at('capabilities').optional(checkCapabilities);
  config.at('ipam').optional((ipam) =>
    ipam
      .object()
      .at('type')
      .optional((name) => name.string()),
  );
  config.at('dns').optional(checkDns);
  config.at('prevResult').optional((prevResult) => prevResult.object());
}

/** Reads a document and checks it as the configuration of one plugin. */
export function readPluginConfig(json: JsonInput): PluginConfig {
  const document = DocumentValue.parse(json, { what: 'plugin configuration', code: errorCodes.invalidNetworkConfig });
  checkPluginConfig(document);
  return document.value as PluginConfig;
}

/**
 * Reads the configuration of a network of one plugin. It accepts what libcni accepts: what only plugins read is not
 * judged (see {@link lintNetworkList}), and neither is the version, until the network is used. Nothing in it is
 * changed, unknown keys are kept.
 *
 * @throws CniError 6 if it is not JSON, 7 if a value has a wrong type (with the place: `capabilities.mac`)
 */
export function parseNetworkConfig(json: JsonInput): NetworkConfig {
  const document = DocumentValue.parse(json, { what: 'network configuration', code: errorCodes.invalidNetworkConfig });
  if (document.object().at('plugins').present && !document.at('type').present)
    document.at('type').fail('is missing: this is a list of plugins, for parseNetworkConfigList');
  checkPluginConfig(document);
  return document.value as NetworkConfig;
}
