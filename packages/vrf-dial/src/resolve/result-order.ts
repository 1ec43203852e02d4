import { getDefaultResultOrder } from 'node:dns';
import type { CheckedDns } from '../target/dns-options.js';

/** How addresses of both families are ordered: as the target says, or as Node's `dns.lookup` does in this process. */
export function resultOrder({ order }: CheckedDns): 'ipv4first' | 'ipv6first' | 'verbatim' {
  return order ?? getDefaultResultOrder();
}
