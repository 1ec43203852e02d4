import { errorCodes } from './cni-error.js';
import { checkDns, type Dns } from './dns.js';
import { DocumentValue, type JsonInput } from './document-value.js';
import { checkHostLocal } from './host-local.js';
import { checkCidr, checkIp } from './ip-address.js';
import { nameProblem, pluginTypeProblem } from './names.js';
import { checkResult, versionOfResult } from './parse-result.js';
import type { Result } from './result.js';
import { checkRoute } from './route.js';
import { resolveVersion } from './versions.js';

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
  ipMasq?: boolean;
  ipam?: IpamConfig;
  dns?: Dns;
  /** What a runtime passes beside the configuration, by convention. */
  args?: Record<string, unknown>;
  /** The capability arguments; the runtime puts them here. */
  runtimeConfig?: Record<string, unknown>;
  /** The result of the plugin before, or that of ADD; the runtime puts it here. */
  prevResult?: Result;
  [key: string]: unknown;
}

/** A network of one plugin: the content of a `.conf` file, or what a plugin reads from its standard input. */
export interface NetworkConfig extends PluginConfig {
  name: string;
}

function checkCapabilities(capabilities: DocumentValue): void {
  for (const [, value] of capabilities.entries()) value.boolean();
}

function checkIpam(ipam: DocumentValue): void {
  ipam.object();
  const type = ipam.at('type');
  const name = type.present ? type.string() : '';
  // An empty one means no IPAM: a network of layer 2 only.
  if (name !== '') {
    const problem = pluginTypeProblem(name);
    if (problem !== undefined) type.fail(problem);
  }
  if (name === 'host-local' || name === '') checkHostLocal(ipam);
  if (name === 'static')
    ipam.at('addresses').optional((addresses) => {
      for (const address of addresses.list()) {
        checkCidr(address.object().at('address'));
        address.at('gateway').optional((gateway) => gateway.value === '' || checkIp(gateway));
      }
    });
  if (name === 'host-local' || name === 'static') {
    ipam.at('routes').optional((routes) => routes.list().forEach(checkRoute));
    ipam.at('dns').optional(checkDns);
  }
}

/** Checks what configures one plugin. */
export function checkPluginConfig(config: DocumentValue): void {
  config.object();
  const type = config.at('type');
  const problem = pluginTypeProblem(type.string());
  if (problem !== undefined) type.fail(problem);
  config.at('name').optional((name) => {
    const wrong = nameProblem(name.string());
    if (wrong !== undefined) name.fail(wrong);
  });
  config.at('cniVersion').optional((version) => resolveVersion(version.string(), version.place));
  config.at('capabilities').optional(checkCapabilities);
  config.at('ipMasq').optional((value) => value.boolean());
  config.at('ipam').optional(checkIpam);
  config.at('dns').optional(checkDns);
  config.at('args').optional((args) => args.object());
  config.at('runtimeConfig').optional((runtimeConfig) => runtimeConfig.object());
  config.at('prevResult').optional((prevResult) => {
    const declared = config.at('cniVersion');
    const own = resolveVersion(declared.present ? declared.string() : undefined).version;
    checkResult(prevResult, versionOfResult(prevResult, own));
  });
}

/** Reads a document and checks it as the configuration of one plugin. */
export function readPluginConfig(json: JsonInput): PluginConfig {
  const document = DocumentValue.parse(json, { what: 'plugin configuration', code: errorCodes.invalidNetworkConfig });
  checkPluginConfig(document);
  return document.value as PluginConfig;
}

/**
 * Reads the configuration of a network of one plugin. Nothing in it is changed, unknown keys are kept.
 *
 * @throws CniError 6 if it is no JSON, 7 if a value is wrong (with the place: `ipam.ranges[0][0].subnet`), 1 if its
 * version is not known
 */
export function parseNetworkConfig(json: JsonInput): NetworkConfig {
  const document = DocumentValue.parse(json, { what: 'network configuration', code: errorCodes.invalidNetworkConfig });
  if (document.object().at('plugins').present && !document.at('type').present)
    document.at('type').fail('is missing: this is a list of plugins, for parseNetworkConfigList');
  document.at('name').string();
  checkPluginConfig(document);
  return document.value as NetworkConfig;
}
