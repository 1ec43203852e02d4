import type { ResolvedAddress } from './context.js';
import { type DnsResponse, NXDOMAIN, type Question, TYPE_A, TYPE_CNAME, TYPE_SOA } from './message.js';

/** What a response says about the name that was asked for. */
export type Reading =
  | { readonly kind: 'addresses'; readonly addresses: readonly ResolvedAddress[]; readonly ttl: number }
  /** There are none; `ttl` says for how long that may be believed. */
  | { readonly kind: 'none'; readonly nonexistent: boolean; readonly ttl: number }
  /** It is another name for one that the server said nothing about. */
  | { readonly kind: 'alias'; readonly target: string; readonly ttl: number };

/** Nobody is told for longer than this that there is no such name (RFC 2308 section 5 has one to three hours). */
const MAX_NEGATIVE_TTL = 3600;

/**
 * Reads the addresses out of a response, from the name that was asked for through its aliases. Records of any other
 * name do not count, whatever else the server has put there.
 */
export function followAliases({ rcode, answers, authorities }: DnsResponse, question: Question): Reading {
  let { name } = question;
  let ttl = Number.POSITIVE_INFINITY;
  // Each record can be an alias once: no circle is longer than that.
  for (let hops = 0; ; hops += 1) {
    if (hops > answers.length) return { kind: 'none', nonexistent: false, ttl: 0 };
    const addresses = new Map<string, ResolvedAddress>();
    let alias: { readonly target: string; readonly ttl: number } | undefined;
    for (const record of answers) {
      if (record.name !== name) continue;
      if (record.type === question.type && 'address' in record) {
        ttl = Math.min(ttl, record.ttl);
        addresses.set(record.address, { address: record.address, family: record.type === TYPE_A ? 4 : 6, ttl: 0 });
      } else if (record.type === TYPE_CNAME) {
        alias = record;
      }
    }
    if (addresses.size > 0)
      return { kind: 'addresses', addresses: [...addresses.values()].map((entry) => ({ ...entry, ttl })), ttl };
    if (alias === undefined) break;
    name = alias.target;
    ttl = Math.min(ttl, alias.ttl);
  }
  let negativeTtl = 0;
  let authority = false;
  for (const record of authorities) {
    if (record.type !== TYPE_SOA) continue;
    authority = true;
    negativeTtl = Math.min(record.ttl, record.minimum, ttl, MAX_NEGATIVE_TTL);
  }
  if (name !== question.name && !authority && rcode !== NXDOMAIN) return { kind: 'alias', target: name, ttl };
  return { kind: 'none', nonexistent: rcode === NXDOMAIN, ttl: negativeTtl };
}
