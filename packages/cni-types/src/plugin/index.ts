export { CniError, errorCodes } from '../cni-error.js';
export type { ConfiguredCommand, DelegateOptions, GcAttachment, PluginRequest } from './request.js';
export { type PluginHandlers, type PluginIo, type PluginResult, runPlugin } from './run-plugin.js';
export type { Bandwidth, IpRange, PortMapping, RuntimeConfig, RuntimeDns } from './runtime-config.js';
