export { VrfAgent, type VrfAgentOptions } from './agent.js';
export { BindError } from './bind-error.js';
export { createVrfConnector, type VrfConnectorOptions } from './connector.js';
export {
  type Counters,
  counters,
  type DialConnectedMessage,
  type DialErrorMessage,
  type DialStartMessage,
  type ListenMessage,
  type ReplacedMessage,
  type ResolveMessage,
  type VrfLogger,
} from './diagnostics.js';
export { type ConnectionOptions, DialError, type DialOptions, dial } from './dial/index.js';
export { createVrfOriginLookup, type OriginAddress, type OriginLookup } from './dns-interceptor.js';
export { InvalidOptionError } from './errors.js';
export { createVrfFetch, type VrfFetch } from './fetch.js';
export { AllAddressesFailedError } from './happy-eyeballs/index.js';
export {
  VrfHttpAgent,
  type VrfHttpAgentOptions,
  VrfHttpsAgent,
  type VrfHttpsAgentOptions,
} from './http-agents/index.js';
export {
  type ListenOptions,
  listenInVrf,
  listenInVrfWith,
  VrfListener,
  type VrfListenerEvents,
} from './listen/index.js';
export { NamespaceReplacedError } from './open-connections.js';
export { type PoolClass, type VrfProxyOptions, vrfProxyOptions } from './proxy.js';
export {
  clearDnsCache,
  createVrfLookup,
  type LookupCallback,
  NameResolutionError,
  type VrfLookup,
  type VrfLookupOptions,
} from './resolve/index.js';
export type { VrfDnsOptions, VrfTarget } from './target.js';
export { setTos } from './tos.js';
export { createUdpSocket, type UdpOptions } from './udp/index.js';
