export { type CniArgs, formatCniArgs, parseCniArgs } from './cni-args.js';
export { CniError, type CniErrorDetails, type CniErrorDocument, errorCodes } from './cni-error.js';
export { convertResult } from './convert-result.js';
export type { Dns } from './dns.js';
export type { JsonInput } from './document-value.js';
export type { Finding } from './lint/finding.js';
export { lintNetworkList } from './lint/lint-network-list.js';
export { checkContainerId, checkInterfaceName, checkNetworkName } from './names.js';
export { type IpamConfig, type NetworkConfig, type PluginConfig, parseNetworkConfig } from './network-config.js';
export {
  convertNetworkConfigList,
  diagnoseNetworkConfigList,
  listFromConfig,
  type NetworkConfigList,
  type ParseListOptions,
  parseNetworkConfigList,
  type Switch,
  versionOfList,
} from './network-config-list.js';
export { type ParseResultOptions, parseResult } from './parse-result.js';
export { printResult } from './print-result.js';
export type {
  Interface,
  IPConfig,
  IPConfigOfFamily,
  IPConfigWithVersion,
  Result,
  Result1,
  Result02,
  Result04,
  ResultOfVersion,
} from './result.js';
export type { Route } from './route.js';
export {
  type CniVersion,
  currentVersion,
  type Diagnostic,
  effectiveVersion,
  isSupportedVersion,
  type ResolvedVersion,
  resolveVersion,
  supportedVersions,
  type VersionDeclaration,
} from './versions.js';
