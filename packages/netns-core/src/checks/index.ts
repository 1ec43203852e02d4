export { checkRuntime } from '../sys/runtime.js';
export { type Capability, describeRefusal, hasCapability } from './capabilities.js';
export { escaped, shown } from './escaped.js';
export { checkKnownOptions, checkMisspeltOptions, type KnownOptions } from './known-options.js';
export { onAbort } from './on-abort.js';
export {
  checkBoolean,
  checkFunction,
  checkInteger,
  checkMilliseconds,
  checkOptionsObject,
  checkPort,
  checkSignal,
} from './option-checks.js';
