import { type DnsRecord, type DnsResponse, NXDOMAIN, type Question } from './message.js';
import { TYPE_CNAME, TYPE_SOA } from './record-types.js';

/** What a response says about the name that was asked for. */
export type Reading =
  | { readonly kind: 'records'; readonly records: readonly DnsRecord[]; readonly ttl: number }
  /** There are none; `ttl` says for how long that may be believed. */
  | { readonly kind: 'none'; readonly nonexistent: boolean; readonly ttl: number }
  /** It is another name for one that the server said nothing about. */
  | { readonly kind: 'alias'; readonly target: string; readonly ttl: number };

/** No answer without records is believed for longer than this (RFC 2308 section 5 has one to three hours). */
const MAX_NEGATIVE_TTL = 3600;

/**
 * Reads the wanted records out of a response, from the name that was asked for through its aliases. Records of any
 * other name do not count, whatever else the server has put there.
 */
export function followAliases({ rcode, answers, authorities }: DnsResponse, question: Question): Reading {
  let { name } = question;
  let ttl = Number.POSITIVE_INFINITY;
  // Each record can be an alias once: no circle is longer than that.
  for (let hops = 0; ; hops += 1) {
    if (hops > answers.length) return { kind: 'none', nonexistent: false, ttl: 0 };
    const records: DnsRecord[] = [];
    let alias: { readonly target: string; readonly ttl: number } | undefined;
    for (const record of answers) {
      if (record.name !== name) continue;
      if (record.type === question.type) {
        ttl = Math.min(ttl, record.ttl);
        records.push(record);
      } else if (record.type === TYPE_CNAME) {
        alias = record;
      }
    }
    if (records.length > 0) return { kind: 'records', records, ttl };
    if (alias === undefined) break;
    name = alias.target;
    ttl = Math.min(ttl, alias.ttl);
  }
  let negativeTtl = 0;
  let authority = false;
  for (const record of authorities) {
    if (record.type !== TYPE_SOA) continue;
    authority = true;
    negativeTtl = Math.min(record.ttl, record.minttl, ttl, MAX_NEGATIVE_TTL);
  }
  if (name !== question.name && !authority && rcode !== NXDOMAIN) return { kind: 'alias', target: name, ttl };
  return { kind: 'none', nonexistent: rcode === NXDOMAIN, ttl: negativeTtl };
}
