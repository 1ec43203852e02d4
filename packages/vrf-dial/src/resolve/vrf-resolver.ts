import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { InvalidOptionError, type SocketOptions } from 'netns-core';
import { checkKnownOptions, checkOptionsObject, shown } from 'netns-core/checks';
import { namesInHosts, normaliseName } from 'netns-core/etc';
import { errnoNumber, parseIPv4, parseIPv6 } from 'netns-core/sys';
import { Cancellation } from '../cancellation.js';
import { checkNameServers } from '../target/dns-options.js';
import type { DnsServer } from '../target/dns-server.js';
import type { ResolvedTarget, VrfTarget } from '../target/target.js';
import { answerQuestions, type Finding } from './answer-question.js';
import { firstServer } from './asking.js';
import { ConfigurationSource } from './configuration.js';
import type { ResolverContext } from './context.js';
import { describeNoAnswer } from './errors.js';
import { checkLookupTarget, lookupIn, type VrfLookup, type VrfLookupOptions } from './lookup.js';
import type { DnsRecord } from './message.js';
import { DnsQueryError } from './query-error.js';
import { type AddressWithTtl, type RecordsOf, type RecordTypeName, SHAPES } from './record-shapes.js';
import { causeOf } from './server-failures.js';
import { targetContext } from './target-context.js';
import { whenThere } from './when-there.js';

/** What `resolve` gives for a type, as `dns.promises.resolve` does. */
export type ResolvedRecords<T extends RecordTypeName> = T extends 'A' | 'AAAA'
  ? string[]
  : T extends 'SOA'
    ? RecordsOf<'SOA'>[number]
    : RecordsOf<T>;

const DNS_PORT = 53;
/** Codes of c-ares for servers that were heard, or not at all. */
const SERVER_CODES: ReadonlySet<string> = new Set([
  ...['EFORMERR', 'ESERVFAIL', 'ENOTFOUND', 'ENOTIMP', 'EREFUSED', 'EBADRESP', 'ETIMEOUT'],
]);

/**
 * Asks name servers for records of any of the usual types, with the methods, the results and the error codes of
 * `dns.promises.Resolver`. Every query, retry and TCP fallback leaves from the target's namespace.
 *
 * As with c-ares, names are asked for as they are: neither the search list nor, but for `reverse`, the hosts file
 * counts. Nothing is cached. `lookup` is what {@link createVrfLookup} gives.
 */
export class VrfResolver {
  readonly #target: ResolvedTarget;
  readonly #context: ResolverContext;
  readonly #running = new Set<Cancellation>();
  #configuration: ConfigurationSource;
  #lookup: VrfLookup | undefined;

  /** @internal made by {@link createVrfResolver} */
  constructor(target: ResolvedTarget) {
    this.#target = target;
    this.#context = targetContext(target);
    this.#configuration = new ConfigurationSource(target.etcName, target.dns);
  }

  /**
   * Asks for the records of one type.
   *
   * @param rrtype `'A'`, `'AAAA'`, `'CAA'`, `'CNAME'`, `'MX'`, `'NS'`, `'PTR'`, `'SOA'`, `'SRV'` or `'TXT'`
   * @throws DnsQueryError; NetnsError where the namespace cannot be entered; InvalidOptionError for another type
   */
  async resolve(hostname: string): Promise<string[]>;
  async resolve<T extends RecordTypeName>(hostname: string, rrtype: T): Promise<ResolvedRecords<T>>;
  async resolve(hostname: string, rrtype: RecordTypeName = 'A'): Promise<unknown> {
    if (!Object.hasOwn(SHAPES, rrtype))
      throw new InvalidOptionError(
        'rrtype',
        `rrtype must be one of ${Object.keys(SHAPES).join(', ')}, got ${shown(rrtype)}`,
      );
    if (rrtype === 'A') return this.resolve4(hostname);
    if (rrtype === 'AAAA') return this.resolve6(hostname);
    if (rrtype === 'SOA') return this.resolveSoa(hostname);
    return this.#records(rrtype, hostname);
  }

  /** IPv4 addresses; with `ttl` as `{ address, ttl }`, in seconds. */
  async resolve4(hostname: string): Promise<string[]>;
  async resolve4(hostname: string, options: { ttl: true }): Promise<AddressWithTtl[]>;
  async resolve4(hostname: string, options?: { ttl?: boolean | undefined }): Promise<string[] | AddressWithTtl[]>;
  async resolve4(hostname: string, options?: { ttl?: boolean | undefined }): Promise<string[] | AddressWithTtl[]> {
    return this.#addresses('A', hostname, options);
  }

  /** IPv6 addresses; with `ttl` as `{ address, ttl }`, in seconds. */
  async resolve6(hostname: string): Promise<string[]>;
  async resolve6(hostname: string, options: { ttl: true }): Promise<AddressWithTtl[]>;
  async resolve6(hostname: string, options?: { ttl?: boolean | undefined }): Promise<string[] | AddressWithTtl[]>;
  async resolve6(hostname: string, options?: { ttl?: boolean | undefined }): Promise<string[] | AddressWithTtl[]> {
    return this.#addresses('AAAA', hostname, options);
  }

  /** Which authorities may issue certificates, RFC 8659: `{ critical: 0, issue: 'ca.example' }`. */
  resolveCaa(hostname: string): Promise<RecordsOf<'CAA'>> {
    return this.#records('CAA', hostname);
  }

  /** The name that a name is an alias of. */
  resolveCname(hostname: string): Promise<string[]> {
    return this.#records('CNAME', hostname);
  }

  /** Mail servers: `{ exchange, priority }`. */
  resolveMx(hostname: string): Promise<RecordsOf<'MX'>> {
    return this.#records('MX', hostname);
  }

  /** The name servers of a domain. */
  resolveNs(hostname: string): Promise<string[]> {
    return this.#records('NS', hostname);
  }

  /** Names that a name points to; for those of an address see {@link reverse}. */
  resolvePtr(hostname: string): Promise<string[]> {
    return this.#records('PTR', hostname);
  }

  /** What a zone says of itself. */
  async resolveSoa(hostname: string): Promise<RecordsOf<'SOA'>[number]> {
    const [soa] = await this.#records('SOA', hostname);
    if (soa === undefined) throw new DnsQueryError('ENODATA', SHAPES.SOA.syscall, hostname, 'no record of this type');
    return soa;
  }

  /** Where a service is: `{ name, port, priority, weight }`. */
  resolveSrv(hostname: string): Promise<RecordsOf<'SRV'>> {
    return this.#records('SRV', hostname);
  }

  /** Texts, each as its chunks. */
  resolveTxt(hostname: string): Promise<string[][]> {
    return this.#records('TXT', hostname);
  }

  /**
   * The names of an address: from the hosts file if `nsswitch.conf` has it first, otherwise from PTR records.
   *
   * @throws DnsQueryError `EINVAL` for what is not an address
   */
  async reverse(ip: string): Promise<string[]> {
    const syscall = 'getHostByAddr';
    checkText('ip', ip);
    const family = isIP(ip);
    if (family === 0) throw new DnsQueryError('EINVAL', syscall, ip, 'it is not an IP address');
    const { sources, hosts } = this.#configuration.read(performance.now());
    for (const { service } of sources) {
      if (service === 'files') {
        const names = namesInHosts(hosts, ip);
        if (names.length > 0) return names;
      } else {
        const records = await this.#ask(SHAPES.PTR.type, syscall, reverseName(ip, family), ip);
        return SHAPES.PTR.read(records);
      }
    }
    throw new DnsQueryError('ENOTFOUND', syscall, ip, `the hosts file of ${this.#target.label} has no such address`);
  }

  /** Resolves a host name as `dns.promises.lookup` does: hosts file, search list and cache included. */
  lookup(hostname: string, options?: number | (VrfLookupOptions & { all?: false | undefined })): Promise<LookupAddress>;
  lookup(hostname: string, options: VrfLookupOptions & { all: true }): Promise<LookupAddress[]>;
  lookup(hostname: string, options?: number | VrfLookupOptions): Promise<LookupAddress | LookupAddress[]>;
  lookup(hostname: string, options: number | VrfLookupOptions = {}): Promise<LookupAddress | LookupAddress[]> {
    this.#lookup ??= lookupIn(this.#target);
    const lookup = this.#lookup;
    return new Promise((resolve, reject) => {
      lookup(hostname, options, (error, found, family) => {
        if (error !== null) reject(error);
        else resolve(Array.isArray(found) ? found : { address: found, family: family ?? 0 });
      });
    });
  }

  /** The servers that the next query asks: `'192.0.2.53'`, or with a port of its own `'[2001:db8::53]:5353'`. */
  getServers(): string[] {
    return this.#configuration.read(performance.now()).servers.map(serverText);
  }

  /**
   * Asks these servers from now on, in place of those of the target or `resolv.conf`.
   *
   * @throws InvalidOptionError
   */
  setServers(servers: readonly string[]): void {
    const checked = checkNameServers('servers', servers);
    if (checked.length === 0)
      throw new InvalidOptionError('servers', "servers is empty: name at least one, for example '192.0.2.53'");
    this.#configuration = new ConfigurationSource(this.#target.etcName, { ...this.#target.dns, servers: checked });
  }

  /** Ends all queries that are under way with `ECANCELLED`, and closes their sockets. */
  cancel(): void {
    for (const cancellation of [...this.#running]) cancellation.cancel(CANCELLED);
  }

  async #addresses(
    rrtype: 'A' | 'AAAA',
    hostname: string,
    options: { ttl?: boolean | undefined } = {},
  ): Promise<string[] | AddressWithTtl[]> {
    checkOptionsObject(options, 'options');
    checkKnownOptions(options, { callee: rrtype === 'A' ? 'resolve4' : 'resolve6', names: ['ttl'], synonyms: {} });
    const found = await this.#records(rrtype, hostname);
    return options.ttl ? found : found.map(({ address }) => address);
  }

  async #records<T extends RecordTypeName>(rrtype: T, hostname: string): Promise<RecordsOf<T>> {
    checkText('hostname', hostname);
    const { type, syscall, read } = SHAPES[rrtype];
    const name = hostname === '' || hostname === '.' ? '' : normaliseName(hostname);
    if (name === undefined) throw new DnsQueryError('EBADNAME', syscall, hostname, 'this cannot be a name in the DNS');
    return read(await this.#ask(type, syscall, name, hostname)) as RecordsOf<T>;
  }

  async #ask(type: number, syscall: string, name: string, hostname: string): Promise<readonly DnsRecord[]> {
    const cancellation = new Cancellation();
    this.#running.add(cancellation);
    try {
      const finding = await whenThere(this.#target, cancellation, async () => {
        const configuration = this.#configuration.read(performance.now());
        const asking = { context: this.#context, configuration, first: firstServer(configuration), cancellation };
        const [answer] = await Promise.all(answerQuestions(asking, [{ name, type }]));
        if (answer?.kind === 'records') return answer;
        const reason =
          answer?.kind === 'failed'
            ? describeNoAnswer(this.#context, configuration, answer.failures)
            : `${answer?.nonexistent ? 'no such name' : 'no record of this type'} in ${this.#target.label} (asked ${configuration.servers.map(({ text }) => text).join(', ')}, from ${configuration.serversFrom})`;
        const servers = configuration.servers.map(({ text }) => text);
        const cause = answer?.kind === 'failed' ? causeOf(answer.failures) : undefined;
        throw new DnsQueryError(errorCode(answer), syscall, hostname, reason, { servers, cause });
      });
      return finding.records;
    } catch (error) {
      if (error !== CANCELLED) throw error;
      throw new DnsQueryError('ECANCELLED', syscall, hostname, 'the resolver was told to cancel its queries');
    } finally {
      this.#running.delete(cancellation);
    }
  }
}

/** What cancelled queries are rejected with, until their error is made. */
const CANCELLED = Symbol('cancelled');

/** The code that c-ares has for an answer without records; of a server whose TLS failed, the code of that. */
function errorCode(finding: Exclude<Finding, { kind: 'records' }> | undefined): string {
  if (finding?.kind !== 'failed') return finding?.nonexistent ? 'ENOTFOUND' : 'ENODATA';
  const code = finding.failures.at(-1)?.code ?? 'ECONNREFUSED';
  // To c-ares all errors of system calls mean that the server was not reached.
  return SERVER_CODES.has(code) || errnoNumber(code) === 0 ? code : 'ECONNREFUSED';
}

function serverText({ address, zone, port, secure, text }: DnsServer): string {
  if (secure !== undefined) return text;
  const host = zone === undefined ? address : `${address}%${zone}`;
  if (port === DNS_PORT) return host;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The name below which the DNS has the names of an address (RFC 1035 section 3.5, RFC 3596 section 2.5). */
function reverseName(ip: string, family: number): string {
  const bytes = family === 4 ? parseIPv4(ip) : parseIPv6(ip);
  if (family === 4) return `${[...bytes].reverse().join('.')}.in-addr.arpa`;
  const nibbles = [...bytes].flatMap((byte) => [byte >> 4, byte & 0xf]);
  return `${nibbles
    .reverse()
    .map((nibble) => nibble.toString(16))
    .join('.')}.ip6.arpa`;
}

function checkText(option: string, value: unknown): void {
  if (typeof value !== 'string')
    throw new InvalidOptionError(option, `${option} must be a string, got ${shown(value)}`);
}

/**
 * Makes a resolver of the shape of `dns.promises.Resolver` whose queries leave from a VRF, a namespace or an interface.
 *
 * @throws InvalidOptionError, InvalidNameError for a target that cannot be right
 */
export function createVrfResolver(target: VrfTarget & SocketOptions): VrfResolver {
  return new VrfResolver(checkLookupTarget(target, 'createVrfResolver'));
}
