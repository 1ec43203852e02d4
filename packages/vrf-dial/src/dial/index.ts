export { AllAddressesFailedError } from './all-addresses-failed-error.js';
export { type ConnectionObserver, type ConnectionSettings, connectAddress } from './connect-address.js';
export { CONNECTION_OPTIONS, type ConnectionOptions, checkConnectionOptions } from './connection-options.js';
export { type DialOptions, dial } from './dial.js';
export { DialError, timeoutError } from './dial-error.js';
export { Dialer, type DialerSettings } from './dialer.js';
