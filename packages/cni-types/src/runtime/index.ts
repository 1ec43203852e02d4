export { type AttachmentKey, type CachedAttachment, defaultCacheDir, listAttachments } from './attachment-cache.js';
export {
  NetworkNotFoundError,
  NotAttachedError,
  PluginFailedError,
  PluginNotFoundError,
  PluginOutputError,
  PluginSilentError,
  PluginTimeoutError,
  SeveralCniErrors,
} from './errors.js';
export { defaultPluginPath, findPlugin } from './find-plugin.js';
export {
  type Answer,
  type Command,
  type ExecutionOptions,
  getPluginVersions,
  type Invocation,
  invokePlugin,
  type VersionInfo,
} from './invoke-plugin.js';
export {
  type LoadedNetworks,
  type LoadOptions,
  loadAllNetworks,
  loadDefaultNetwork,
  loadNetworkList,
} from './load-network-list.js';
export {
  type AttachmentOptions,
  addNetworkList,
  checkNetworkList,
  delNetworkList,
  type GcNetworksOptions,
  type GcOptions,
  gcNetworkList,
  gcNetworks,
  getCachedAttachment,
  type NetworkOptions,
  statusNetworkList,
  type ValidAttachment,
  validateNetworkList,
} from './network-list.js';
export type { Outcome, PluginExecutor, RunOptions } from './run-executable.js';
