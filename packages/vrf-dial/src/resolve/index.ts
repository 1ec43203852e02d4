export { clearDnsCache } from './answer-cache.js';
export type { ResolvedAddress, ResolverContext } from './context.js';
export { NameResolutionError } from './errors.js';
export { HostResolver, type Resolution, type WantedFamily } from './host-resolver.js';
export {
  checkLookupTarget,
  createVrfLookup,
  type LookupCallback,
  lookupIn,
  type VrfLookup,
  type VrfLookupOptions,
} from './lookup.js';
export { targetContext } from './target-context.js';
