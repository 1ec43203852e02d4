import dns, { type LookupAddress } from 'node:dns';
import { promisify } from 'node:util';
import { lookupIn, type VrfLookupOptions, VrfResolver } from '../resolve/index.js';
import type { ResolvedTarget } from '../target/target.js';
import type { Refusal } from './refusal.js';

/** Lets `dns.lookup` and `dns.promises.lookup` resolve in the target, and refuses what asks by c-ares or getnameinfo. */
export function resolveNamesIn(target: ResolvedTarget, refusal: Refusal): void {
  const resolver = new VrfResolver(target);
  const lookup = lookupIn(target);
  const lookupPromise = (
    hostname: string,
    options?: number | VrfLookupOptions,
  ): Promise<LookupAddress | LookupAddress[]> => resolver.lookup(hostname, options ?? {});
  Object.defineProperty(lookup, 'name', { value: 'lookup' });
  Object.defineProperty(lookupPromise, 'name', { value: 'lookup' });
  // As Node's own: it gives an object.
  Object.defineProperty(lookup, promisify.custom, { value: lookupPromise });
  refuse(dns, 'dns', refusal);
  refuse(dns.promises, 'dns.promises', refusal);
  Object.assign(dns, { lookup });
  Object.assign(dns.promises, { lookup: lookupPromise });
}

/** What sends queries beside `lookup`. */
const ASKING = /^(?:resolve|reverse$|lookupService$|setServers$)/;

function refuse(module: object, name: string, refusal: Refusal): void {
  const effect = 'its queries would be sent';
  const instead = `Use createVrfResolver({ ${refusal.options} }) of vrf-dial, which has the methods of dns.promises.Resolver`;
  const replaced: Record<string, unknown> = {};
  for (const [key, own] of Object.entries(module)) {
    const what = `${name}.${key}`;
    if (key === 'Resolver') replaced[key] = refusal.noInstances(own as object, `new ${what}`, effect, instead);
    else if (typeof own !== 'function' || !ASKING.test(key)) continue;
    else if (name === 'dns' || key === 'setServers') replaced[key] = refusal.always(key, what, effect, instead);
    else replaced[key] = refusal.rejected(key, what, effect, instead);
  }
  Object.assign(module, replaced);
}
