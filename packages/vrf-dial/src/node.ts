/**
 * All of vrf-dial but `fetch` and undici, which takes 130 ms to load: `dial`, agents of `node:http`, servers, UDP, ping and
 * names.
 * @module
 */

export { InvalidOptionError } from 'netns-core';
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
export {
  AllAddressesFailedError,
  type ConnectionOptions,
  createVrfSocket,
  DialError,
  type DialOptions,
  type DialTlsOptions,
  dial,
  dialTls,
  type VrfSocketOptions,
} from './dial/index.js';
export {
  ProxyError,
  VrfHttpAgent,
  type VrfHttpAgentOptions,
  VrfHttpsAgent,
  type VrfHttpsAgentOptions,
  type VrfProxy,
} from './http-agents/index.js';
export {
  type ListenOptions,
  listenInVrf,
  listenInVrfWith,
  VrfListener,
  type VrfListenerEvents,
} from './listen/index.js';
export { type Ping, PingError, type PingOptions, type PingReply, type PingResult, ping } from './ping/index.js';
export { NamespaceReplacedError } from './replacement/open-connections.js';
export {
  type AddressWithTtl,
  clearDnsCache,
  createVrfLookup,
  createVrfResolver,
  DnsQueryError,
  type LookupCallback,
  NameResolutionError,
  type RecordTypeName,
  type ResolvedRecords,
  type VrfLookup,
  type VrfLookupAllOptions,
  type VrfLookupOneOptions,
  type VrfLookupOptions,
  VrfResolver,
} from './resolve/index.js';
export { BindError } from './socket/bind-error.js';
export { setTos } from './socket/tos.js';
export type { VrfDnsOptions, VrfTarget } from './target/target.js';
export {
  createUdpSocket,
  listenUdpInVrf,
  type UdpOptions,
  VrfUdpListener,
  type VrfUdpListenerEvents,
} from './udp/index.js';
export {
  listVrfs,
  netnsToVrf,
  type Vrf,
  type VrfEvent,
  type VrfWatch,
  type WatchVrfsOptions,
  watchVrfs,
} from './vrfs/index.js';
