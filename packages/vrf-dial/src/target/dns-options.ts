import { InvalidOptionError } from 'netns-core';
import { checkOptionsObject, shown } from 'netns-core/checks';
import { normaliseName } from 'netns-core/etc';
import { type Checked, checkGroup, optionNames, refuseUnknownOptions } from '../options/option-group.js';
import { amount, boolean, integer, oneOf } from '../options/value-checks.js';
import { type DnsServer, parseDnsServer } from './dns-server.js';

/** The bounds of a target's DNS cache. */
export const CACHE_OPTIONS = {
  maxEntries: { check: entries, synonyms: ['max', 'maxsize', 'size', 'limit', 'maxitems', 'maxcount', 'entries'] },
  maxTtl: { check: amount('seconds'), synonyms: ['ttl', 'maxage', 'positivettl'] },
  maxNegativeTtl: { check: amount('seconds'), synonyms: ['negativettl', 'errorttl'] },
} as const;
const CACHE_NAMES = optionNames([CACHE_OPTIONS]);

/** In what order addresses of both families come. */
export const ORDERS = ['ipv4first', 'ipv6first', 'verbatim'] as const;

/** How names are resolved in a target. */
export const DNS_OPTIONS = {
  servers: { check: checkNameServers, synonyms: ['nameservers', 'nameserver', 'dnsservers', 'resolvers', 'resolver'] },
  search: { check: checkSearch, synonyms: ['searchlist', 'searchdomains', 'searchdomain', 'domain', 'domains'] },
  hosts: { check: boolean, synonyms: ['hostsfile', 'hostfile', 'usehosts'] },
  cache: { check: checkCache, synonyms: ['caching', 'cacheoptions'] },
  timeout: { check: integer(1, 2 ** 31 - 1), synonyms: ['querytimeout', 'timeoutms'] },
  attempts: { check: integer(1, 100), synonyms: ['tries', 'retries', 'retry', 'maxattempts'] },
  ndots: { check: integer(0, 15), synonyms: ['dots'] },
  rotate: { check: boolean, synonyms: ['rotation', 'roundrobin'] },
  tcp: { check: boolean, synonyms: ['usevc', 'use-vc', 'use_vc', 'usetcp', 'forcetcp'] },
  singleRequest: { check: boolean, synonyms: ['single-request', 'singlerequestreopen', 'single-request-reopen'] },
  noAaaa: { check: boolean, synonyms: ['no-aaaa', 'no_aaaa', 'ipv4only', 'noipv6'] },
  ca: { check: certificates, synonyms: ['cacert', 'cas', 'certificateauthority'] },
  order: {
    check: oneOf(...ORDERS),
    synonyms: ['verbatim', 'resultorder', 'dnsresultorder', 'defaultresultorder', 'prefer', 'preference'],
  },
} as const;
const DNS_NAMES = optionNames([DNS_OPTIONS]);

/** DNS options that have been checked. */
export type CheckedDns = Readonly<Checked<typeof DNS_OPTIONS>>;

/** @throws InvalidOptionError with the option's name, `'dns.servers'` */
export function checkDns(option: string, dns: unknown): CheckedDns {
  if (typeof dns !== 'object' || dns === null || Array.isArray(dns))
    throw new InvalidOptionError(option, `${option} must be an object, not ${shown(dns)}`);
  refuseUnknownOptions(dns, option, DNS_NAMES);
  return Object.freeze(checkGroup(dns, DNS_OPTIONS, `${option}.`));
}

function checkCache(option: string, cache: unknown): boolean | Readonly<Checked<typeof CACHE_OPTIONS>> {
  if (typeof cache === 'boolean') return cache;
  if (typeof cache !== 'object' || cache === null || Array.isArray(cache))
    throw new InvalidOptionError(option, `${option} must be true, false or an object, not ${shown(cache)}`);
  checkOptionsObject(cache, option);
  refuseUnknownOptions(cache, option, CACHE_NAMES);
  return checkGroup(cache, CACHE_OPTIONS, `${option}.`);
}

function entries(option: string, value: unknown): number {
  if (value === Number.POSITIVE_INFINITY) return value;
  return integer(0, Number.MAX_SAFE_INTEGER)(option, value);
}

function strings(option: string, value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.some((entry) => typeof entry !== 'string' || entry === ''))
    throw new InvalidOptionError(option, `${option} must be an array of strings, not ${shown(value)}`);
  return value;
}

/**
 * Reads a list of name servers.
 *
 * @throws InvalidOptionError
 */
export function checkNameServers(option: string, value: unknown): readonly DnsServer[] {
  return strings(option, value).map((text) => {
    const server = parseDnsServer(text);
    if (server === undefined)
      throw new InvalidOptionError(
        option,
        `${option}: ${shown(text)} is not the address of a name server: it takes '192.0.2.53', '192.0.2.53:5353', '[2001:db8::53]:5353', 'tls://192.0.2.53#dns.example' or 'https://192.0.2.53/dns-query#dns.example'`,
      );
    return server;
  });
}

function checkSearch(option: string, value: unknown): readonly string[] {
  return strings(option, value).map((domain) => {
    const name = normaliseName(domain);
    if (name === undefined)
      throw new InvalidOptionError(option, `${option}: ${shown(domain)} is not the name of a domain`);
    return name;
  });
}

/** As text, since it is part of what tells two configurations apart. */
function certificates(option: string, value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw new InvalidOptionError(option, `${option} must have a certificate at least, got []`);
  return list.map((certificate) => {
    const pem = typeof certificate === 'string' || Buffer.isBuffer(certificate) ? String(certificate) : '';
    if (!isCertificates(pem))
      throw new InvalidOptionError(
        option,
        `${option} must be certificates in PEM, as text or Buffers, got ${shown(certificate)}`,
      );
    return pem;
  });
}

const END = '-----END CERTIFICATE-----';

/** Whether a text in PEM consists of certificates that can be read: TLS passes over what it cannot read. */
function isCertificates(pem: string): boolean {
  const blocks = pem.split(END);
  if (blocks.pop()?.includes('-----BEGIN') !== false || blocks.length === 0) return false;
  const { X509Certificate } = process.getBuiltinModule('node:crypto');
  return blocks.every((block) => {
    try {
      return new X509Certificate(`${block}${END}`).serialNumber !== '';
    } catch {
      return false;
    }
  });
}
