export * from './node.js';
export { VrfAgent, type VrfAgentOptions } from './undici/agent.js';
export { createVrfConnector, type VrfConnectorOptions } from './undici/connector.js';
export { createVrfOriginLookup, type OriginAddress, type OriginLookup } from './undici/dns-interceptor.js';
export { createVrfFetch, type VrfFetch } from './undici/fetch.js';
export { type PoolClass, type VrfProxyOptions, vrfProxyOptions } from './undici/proxy.js';
