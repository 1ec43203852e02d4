export { AllAddressesFailedError } from './all-addresses-failed-error.js';
export type { AddressConnector } from './connect-address.js';
export type { ConnectedHandle } from './connect-handle.js';
export {
  CONNECTION_OPTIONS,
  type ConnectionOptions,
  checkConnectionOptions,
  connectionFor,
} from './connection-options.js';
export type { ConnectionObserver, ConnectionSettings } from './connection-socket.js';
export { DeferredConnect } from './deferred-connect.js';
export { type DialOptions, dial } from './dial.js';
export { DialError, hostAndPort, secondConnectError, timeoutError } from './dial-error.js';
export { type DialTlsOptions, dialTls } from './dial-tls.js';
export { Dialer, type DialerSettings } from './dialer.js';
export { createVrfSocket, type VrfSocketOptions } from './vrf-socket.js';
