import type { DocumentValue } from './document-value.js';

/** What a resolver in the container is to be told. */
export interface Dns {
  /** Addresses of name servers, the preferred one first. */
  nameservers?: string[];
  /** The local domain. */
  domain?: string;
  /** Domains to search, the preferred one first. */
  search?: string[];
  /** Options of resolv.conf(5). */
  options?: string[];
}

/** Checks the types of a `dns` object. Whether its name servers are addresses is for the linter and the plugin. */
export function checkDns(dns: DocumentValue): void {
  dns.object();
  dns.at('domain').optional((domain) => domain.string());
  for (const key of ['nameservers', 'search', 'options'])
    dns.at(key).optional((list) => {
      for (const element of list.list()) element.string();
    });
}

/** Whether there is nothing in it that the specification knows. */
export function isEmptyDns(dns: Dns): boolean {
  return !dns.nameservers?.length && !dns.domain && !dns.search?.length && !dns.options?.length;
}
