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
export { InvalidOptionError } from './errors.js';
export type { VrfDnsOptions, VrfTarget } from './target.js';
