export { clearDnsCache } from './answer-cache.js';
export type { ResolvedAddress, ResolverContext } from './context.js';
export { NameResolutionError } from './errors.js';
export type { WantedFamily } from './families.js';
export { HostResolver } from './host-resolver.js';
export {
  checkLookupTarget,
  createVrfLookup,
  type LookupCallback,
  lookupIn,
  type VrfLookup,
  type VrfLookupAllOptions,
  type VrfLookupOneOptions,
  type VrfLookupOptions,
} from './lookup.js';
export { DnsQueryError } from './query-error.js';
export type { AddressWithTtl, RecordTypeName } from './record-shapes.js';
export { resultOrder } from './result-order.js';
export type { Resolution } from './shared-resolution.js';
export { targetContext } from './target-context.js';
export { createVrfResolver, type ResolvedRecords, VrfResolver } from './vrf-resolver.js';
export { whenThere } from './when-there.js';
