export { Cancellation } from './cancellation.js';
export { type ConnectionObserver, type ConnectionSettings, connectAddress } from './connect-address.js';
export {
  type ConnectionOptions,
  checkConnectionOptions,
  type DialOptions,
  dial,
} from './dial.js';
export { DialError, timeoutError } from './dial-error.js';
export { Dialer, type DialerSettings } from './dialer.js';
