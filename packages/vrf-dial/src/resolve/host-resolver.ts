import { isIP } from 'node:net';
import { onAbort } from 'netns-core/checks';
import { channels, count, type ResolveMessage } from '../diagnostics.js';
import { normaliseName } from '../target/host-name.js';
import { type AnswerCache, answerCache, type CachedAnswer, cacheGeneration } from './answer-cache.js';
import { askServers, type Verdict } from './ask-servers.js';
import { completeKey, identityNumber } from './complete-key.js';
import { ConfigurationSource, type KeyedConfiguration, type ResolverConfiguration } from './configuration.js';
import type { ResolvedAddress, ResolverContext } from './context.js';
import { NameResolutionError } from './errors.js';
import { followAliases } from './follow-aliases.js';
import { type Question, TYPE_A, TYPE_AAAA } from './message.js';
import type { SourceStatus } from './nsswitch.js';
import { searchList } from './search-list.js';
import { Stop } from './stop.js';

/** Which addresses are wanted: of both families, or of one. */
export type WantedFamily = 0 | 4 | 6;

/** The addresses of a name as they arrive, family by family. */
export interface Resolution {
  /** Settles as soon as the IPv4 addresses are known; empty where there are none. Rejects where the name has no address at all. */
  readonly ipv4: Promise<readonly ResolvedAddress[]>;
  /** The same for IPv6. */
  readonly ipv6: Promise<readonly ResolvedAddress[]>;
}

/** Aliases that are followed across responses; each response may hold a chain of its own. */
const MAX_ALIASES = 8;
/** How long the second family is waited for once the first has answered with addresses, in milliseconds. */
const SECOND_FAMILY = 1000;
const FAMILIES: Readonly<Record<WantedFamily, readonly (4 | 6)[]>> = { 0: [6, 4], 4: [4], 6: [6] };
const LOCALHOST: readonly ResolvedAddress[] = [
  { address: '::1', family: 6, ttl: 0 },
  { address: '127.0.0.1', family: 4, ttl: 0 },
];

/** What the servers said of one name and family. */
type Finding =
  | { readonly kind: 'addresses'; readonly addresses: readonly ResolvedAddress[] }
  | { readonly kind: 'none'; readonly nonexistent: boolean }
  | { readonly kind: 'failed'; readonly verdict: Exclude<Verdict, { response: unknown }> };

/** An answer put together from the cache, and all that it rests on. */
interface Remembered {
  readonly family: WantedFamily;
  readonly configuration: KeyedConfiguration;
  readonly prefix: string;
  readonly generation: number;
  readonly addresses: readonly ResolvedAddress[];
  readonly expires: number;
}

/** Names of which a resolver remembers the answer as it was last put together. */
const MAX_REMEMBERED = 64;

/** A resolution that is under way for everybody who has asked for it. */
interface Shared {
  readonly job: Job;
  waiting: number;
}

// Callers who want the same at the same time wait for the same answer. Empties itself.
const underWay = new Map<string, Shared>();
// Where the next lookup of a target with `rotate` begins. A count for all: it only has to differ.
let turn = 0;

/**
 * Resolves host names in one network, by sockets that are born there. Answers come, in the order of `nsswitch.conf`,
 * from the hosts file, from the cache or from the servers.
 */
export class HostResolver {
  readonly #context: ResolverContext;
  readonly #configuration: ConfigurationSource;
  readonly #cache: AnswerCache | undefined;
  readonly #maxTtlMs: number;
  readonly #maxNegativeTtlMs: number;
  // Most programs ask for few names, over and over.
  #remembered: Map<string, Remembered> | undefined;
  #prefix = '';
  #prefixNetwork: string | undefined;
  #prefixAsking = '';

  constructor(context: ResolverContext) {
    this.#context = context;
    this.#configuration = new ConfigurationSource(context.etcName, context.dns);
    const { cache } = context.dns;
    const { maxEntries, maxTtl, maxNegativeTtl } = typeof cache === 'object' ? cache : {};
    const target = maxEntries === undefined ? '' : completeKey([context.label, context.etcName, context.dns]);
    this.#cache = cache === false ? undefined : answerCache(maxEntries, target);
    this.#maxTtlMs = (maxTtl ?? Number.POSITIVE_INFINITY) * 1000;
    this.#maxNegativeTtlMs = (maxNegativeTtl ?? Number.POSITIVE_INFINITY) * 1000;
  }

  /**
   * The addresses where they are known without asking anybody: IP addresses, `localhost`, the hosts file, the cache.
   *
   * @returns in no particular order of families; `undefined` where a server has to be asked
   * @throws NameResolutionError where it is known that there are none
   */
  known(hostname: string, family: WantedFamily): readonly ResolvedAddress[] | undefined {
    const observed = channels.resolve.hasSubscribers;
    const started = performance.now();
    let source: ResolveMessage['source'] = 'local';
    try {
      let addresses = this.#recall(hostname, family, started);
      if (addresses !== undefined) source = 'cache';
      else addresses = localAnswer(hostname, family);
      if (addresses === undefined) {
        const configuration = this.#configuration.read(started);
        source = 'hosts';
        for (const { service, returnsOn } of configuration.sources) {
          if (service === 'files') {
            addresses = fromHosts(configuration, hostname, family);
            if (addresses !== undefined && returnsOn.has('SUCCESS')) break;
            if (addresses === undefined && returnsOn.has('NOTFOUND'))
              throw new NameResolutionError(
                'ENOTFOUND',
                hostname,
                `the hosts file of ${this.#context.label} has no such name, and nsswitch.conf stops there`,
              );
          } else {
            source = 'cache';
            addresses = this.#fromCache(configuration, hostname, family, started) ?? addresses;
            break;
          }
        }
        if (addresses === undefined) {
          if (!configuration.sources.some(({ service }) => service === 'dns'))
            throw new NameResolutionError(
              'ENOTFOUND',
              hostname,
              `the hosts file of ${this.#context.label} has no such name, and nsswitch.conf names no DNS`,
            );
          return undefined;
        }
      }
      count.lookups += 1;
      if (source === 'cache') count.cached += 1;
      if (observed) this.#publish(hostname, source, started, { addresses: addresses.map(({ address }) => address) });
      return addresses;
    } catch (error) {
      count.lookups += 1;
      if (source === 'cache') count.cached += 1;
      if (observed) this.#publish(hostname, source, started, { error });
      throw error;
    }
  }

  /**
   * Starts to resolve a name and gives the addresses family by family, for Happy Eyeballs.
   *
   * @param options.signal gives up waiting; the last one who does ends the queries and closes their sockets
   */
  start(
    hostname: string,
    { family = 0, signal }: { family?: WantedFamily; signal?: AbortSignal | undefined } = {},
  ): Resolution {
    let addresses: readonly ResolvedAddress[] | undefined;
    try {
      signal?.throwIfAborted();
      addresses = this.known(hostname, family);
    } catch (error) {
      return failedResolution(error);
    }
    if (addresses !== undefined)
      return {
        ipv4: Promise.resolve(addresses.filter((entry) => entry.family === 4)),
        ipv6: Promise.resolve(addresses.filter((entry) => entry.family === 6)),
      };
    return this.#observed(hostname, this.#ask(hostname, family, signal));
  }

  /** Counts a resolution by servers, and publishes what comes of it. */
  #observed<R extends Resolution>(hostname: string, resolution: R): R {
    count.lookups += 1;
    if (channels.resolve.hasSubscribers) {
      const started = performance.now();
      Promise.all([resolution.ipv6, resolution.ipv4]).then(
        ([ipv6, ipv4]) =>
          this.#publish(hostname, 'server', started, { addresses: [...ipv6, ...ipv4].map(({ address }) => address) }),
        (error: unknown) => this.#publish(hostname, 'server', started, { error }),
      );
    }
    return resolution;
  }

  /**
   * Resolves a name to all its addresses, IPv6 first, each family in the server's order.
   *
   * @throws NameResolutionError, or NetnsError where the network cannot be entered, or the signal's reason
   */
  async resolve(
    hostname: string,
    { family = 0, signal }: { family?: WantedFamily; signal?: AbortSignal | undefined } = {},
  ): Promise<readonly ResolvedAddress[]> {
    signal?.throwIfAborted();
    const known = this.known(hostname, family);
    if (known !== undefined) return known;
    const { ipv4, ipv6, leave } = this.#observed(hostname, this.#ask(hostname, family, signal));
    if (family === 4) return ipv4;
    if (family === 6) return ipv6;
    // A server that is silent about one family must not hold up the other for all its retries.
    const patient = async (
      wanted: Promise<readonly ResolvedAddress[]>,
      other: Promise<readonly ResolvedAddress[]>,
    ): Promise<readonly ResolvedAddress[]> => {
      let timer: NodeJS.Timeout | undefined;
      let settled = false;
      const late = new Promise<readonly ResolvedAddress[]>((resolve) => {
        other.then(
          (addresses) => {
            if (addresses.length > 0 && !settled) timer = setTimeout(resolve, SECOND_FAMILY, []);
          },
          () => undefined,
        );
      });
      try {
        return await Promise.race([wanted, late]);
      } finally {
        settled = true;
        clearTimeout(timer);
      }
    };
    try {
      const [six, four] = await Promise.all([patient(ipv6, ipv4), patient(ipv4, ipv6)]);
      return [...six, ...four];
    } finally {
      leave();
    }
  }

  /** The answer that was put together from the cache before, if nothing that it rests on has changed. */
  #recall(hostname: string, family: WantedFamily, now: number): readonly ResolvedAddress[] | undefined {
    const last = this.#remembered?.get(hostname);
    if (last === undefined || last.family !== family || last.expires <= now) return undefined;
    const configuration = this.#configuration.read(now);
    return configuration === last.configuration &&
      this.#cachePrefix(configuration, now) === last.prefix &&
      cacheGeneration() === last.generation
      ? last.addresses
      : undefined;
  }

  /** Cached answers for all names that would be asked for; `undefined` unless they decide the matter. */
  #fromCache(
    configuration: KeyedConfiguration,
    hostname: string,
    family: WantedFamily,
    now: number,
  ): readonly ResolvedAddress[] | undefined {
    const prefix = this.#cachePrefix(configuration, now);
    if (prefix === undefined) return undefined;
    const names = searchList(hostname, configuration.search, configuration.ndots);
    for (const name of names) {
      let addresses: readonly ResolvedAddress[] = [];
      let expires = Number.POSITIVE_INFINITY;
      for (const wanted of FAMILIES[family]) {
        const answer = this.#cache?.find(`${prefix}${wanted}${name}`, now);
        if (answer === undefined) return undefined;
        const until = this.#until(answer);
        if (until <= now) return undefined;
        addresses = addresses.length === 0 ? answer.addresses : [...addresses, ...answer.addresses];
        expires = Math.min(expires, until);
      }
      if (addresses.length === 0) continue;
      this.#remembered ??= new Map();
      if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
      const generation = cacheGeneration();
      this.#remembered.set(hostname, { family, configuration, prefix, generation, addresses, expires });
      return addresses;
    }
    if (names.length === 0) return undefined;
    throw this.#notFound(hostname, configuration, family, true);
  }

  /** Until when this target believes an answer: the bounds of one target are not those of others. */
  #until({ addresses, stored, expires }: CachedAnswer): number {
    return Math.min(expires, stored + (addresses.length > 0 ? this.#maxTtlMs : this.#maxNegativeTtlMs));
  }

  /** What keys of the cache begin with in the network that the target means now; `undefined` without cache or network. */
  #cachePrefix({ askingKey }: KeyedConfiguration, now: number): string | undefined {
    if (this.#cache === undefined) return undefined;
    const network = this.#context.networkKey(now);
    if (network === undefined) return undefined;
    if (network !== this.#prefixNetwork || askingKey !== this.#prefixAsking) {
      this.#prefixNetwork = network;
      this.#prefixAsking = askingKey;
      this.#prefix = cachePrefix(network, askingKey);
    }
    return this.#prefix;
  }

  /** Asks the servers, or waits for somebody who is asking them the same. */
  #ask(hostname: string, family: WantedFamily, signal: AbortSignal | undefined): Waiting {
    let configuration: KeyedConfiguration;
    let key: string | undefined;
    const generation = cacheGeneration();
    try {
      const now = performance.now();
      configuration = this.#configuration.read(now);
      const network = this.#cache === undefined ? undefined : this.#context.networkKey(now);
      if (network !== undefined && this.#cache !== undefined)
        // Everything that the answer, its errors and what is kept of it depend on.
        key = completeKey([
          ...[network, this.#context.label, this.#context.etcName, configuration.wholeKey],
          ...[identityNumber(this.#cache), generation, family, hostname],
        ]);
    } catch (error) {
      return failedResolution(error);
    }
    let shared = key === undefined ? undefined : underWay.get(key);
    if (shared === undefined) {
      shared = { job: new Job(FAMILIES[family]), waiting: 0 };
      if (key !== undefined) underWay.set(key, shared);
      const forget = (): void => {
        if (key !== undefined && underWay.get(key) === shared) underWay.delete(key);
      };
      const { job } = shared;
      job.ended = forget;
      this.#run(hostname, family, configuration, generation, job).then(
        () => job.finish(),
        (error: unknown) => job.fail(error),
      );
    }
    return waitFor(shared, signal);
  }

  /** Goes through the search list until a name has addresses. */
  async #run(
    hostname: string,
    family: WantedFamily,
    configuration: KeyedConfiguration,
    generation: number,
    job: Job,
  ): Promise<void> {
    const names = searchList(hostname, configuration.search, configuration.ndots);
    if (names.length === 0) throw new NameResolutionError('ENOTFOUND', hostname, 'this cannot be the name of a host');
    let failed: Extract<Finding, { kind: 'failed' }> | undefined;
    // A name of the search list exists, without an address: that other names could not be asked for does not matter
    // then, unless it was the very name that was meant, tried before the list (as glibc has it).
    let exists = false;
    let meantFailed = false;
    const meant = names.length > 1 ? normaliseName(hostname) : undefined;
    let first = 0;
    if (configuration.rotate) {
      turn = (turn + 1) % 0x4000_0000;
      first = turn;
    }
    let status: SourceStatus = 'NOTFOUND';
    for (const name of names) {
      const questions = FAMILIES[family].map((wanted) => ({ name, type: wanted === 4 ? TYPE_A : TYPE_AAAA }));
      const verdicts = askServers(this.#context, configuration, questions, first, job.stop);
      const findings = await Promise.all(
        questions.map(async (question, index): Promise<Finding> => {
          const wanted = question.type === TYPE_A ? 4 : 6;
          const verdict = verdicts[index];
          const finding = await this.#judge(await verdict, question, configuration, generation, first, job.stop);
          // Not held back for the other family: who wants to connect can start.
          if (finding.kind === 'addresses') job.settle(wanted, finding.addresses);
          return finding;
        }),
      );
      if (findings.some(({ kind }) => kind === 'addresses')) return;
      exists ||= findings.some((finding) => finding.kind === 'none' && !finding.nonexistent);
      const failure = findings.find((finding) => finding.kind === 'failed');
      if (failure !== undefined && failed === undefined && name === meant && name === names[0]) meantFailed = true;
      failed ??= failure;
      // Where no server was reached for this name, none will be for the next.
      if (failure !== undefined) {
        status = failure.verdict.refused ? 'TRYAGAIN' : 'UNAVAIL';
        if (!failure.verdict.refused) break;
      }
    }
    const fallback = this.#hostsAfterDns(configuration, hostname, family, status);
    if (fallback !== undefined) {
      for (const wanted of FAMILIES[family])
        job.settle(
          wanted,
          fallback.filter((entry) => entry.family === wanted),
        );
      return;
    }
    throw failed === undefined || (exists && !meantFailed)
      ? this.#notFound(hostname, configuration, family, false)
      : this.#noAnswer(hostname, configuration, failed.verdict);
  }

  /** For `hosts: dns files`. */
  #hostsAfterDns(
    configuration: ResolverConfiguration,
    hostname: string,
    family: WantedFamily,
    status: SourceStatus,
  ): readonly ResolvedAddress[] | undefined {
    const { sources } = configuration;
    const dns = sources.findIndex(({ service }) => service === 'dns');
    if (sources[dns]?.returnsOn.has(status) || sources[dns + 1]?.service !== 'files') return undefined;
    return fromHosts(configuration, hostname, family);
  }

  /** Reads the servers' verdict on a question, asks on where it ends in an alias, and keeps the answer. */
  async #judge(
    given: Verdict | undefined,
    question: Question,
    configuration: KeyedConfiguration,
    generation: number,
    first: number,
    stop: Stop,
  ): Promise<Finding> {
    let verdict = given;
    let asked = question;
    let ttl = Number.POSITIVE_INFINITY;
    const networks = new Set<string>();
    const keep = (addresses: readonly ResolvedAddress[], nonexistent: boolean): void => {
      const [network] = networks;
      // An answer whose parts came from two namespaces is of neither.
      if (network !== undefined && networks.size === 1)
        this.#keep(
          cachePrefix(network, configuration.askingKey),
          question,
          { addresses, nonexistent, ttl },
          generation,
        );
    };
    for (let aliases = 0; verdict !== undefined; aliases += 1) {
      if (!('response' in verdict)) return { kind: 'failed', verdict };
      networks.add(verdict.network);
      const reading = followAliases(verdict.response, asked);
      ttl = Math.min(ttl, reading.ttl);
      if (reading.kind === 'addresses') {
        const addresses = reading.addresses.map((entry) => ({ ...entry, ttl }));
        keep(addresses, false);
        return { kind: 'addresses', addresses };
      }
      if (reading.kind === 'none') {
        keep([], reading.nonexistent);
        return { kind: 'none', nonexistent: reading.nonexistent };
      }
      // Nothing but a name that can be asked for is followed.
      if (aliases === MAX_ALIASES || searchList(`${reading.target}.`, [], 0).length === 0) break;
      asked = { name: reading.target, type: question.type };
      verdict = await askServers(this.#context, configuration, [asked], first, stop)[0];
    }
    return { kind: 'none', nonexistent: false };
  }

  #keep(
    prefix: string,
    question: Question,
    { addresses, nonexistent, ttl }: { addresses: readonly ResolvedAddress[]; nonexistent: boolean; ttl: number },
    generation: number,
  ): void {
    if (this.#cache === undefined || !(ttl > 0)) return;
    const stored = performance.now();
    const entry = { addresses, nonexistent, stored, expires: stored + ttl * 1000 };
    // No such name is true of both families (RFC 8020), also when only one was asked for.
    const families = nonexistent ? [4, 6] : [question.type === TYPE_A ? 4 : 6];
    for (const family of families) this.#cache.keep(`${prefix}${family}${question.name}`, entry, generation);
  }

  #notFound(
    hostname: string,
    configuration: ResolverConfiguration,
    family: WantedFamily,
    cached: boolean,
  ): NameResolutionError {
    const servers = configuration.servers.map(({ text }) => text);
    const what =
      family === 0 ? 'no such name, or no address for it,' : `no such name, or no IPv${family} address for it,`;
    const asked = `${cached ? 'so said' : 'asked'} ${servers.join(', ')}, from ${configuration.serversFrom}`;
    return new NameResolutionError('ENOTFOUND', hostname, `${what} in ${this.#context.label} (${asked})`, { servers });
  }

  #noAnswer(
    hostname: string,
    configuration: ResolverConfiguration,
    { failures }: Exclude<Verdict, { response: unknown }>,
  ): NameResolutionError {
    const said = failures.map(({ server, reason }) => `${server}: ${reason}`).join('; ');
    const { etcName } = this.#context;
    const hint =
      etcName !== undefined && configuration.serversFrom === '/etc/resolv.conf'
        ? `; these servers are the host's own: /etc/netns/${etcName}/resolv.conf can name others for this namespace`
        : '';
    return new NameResolutionError(
      'EAI_AGAIN',
      hostname,
      `no name server gave an answer in ${this.#context.label} (${said}; from ${configuration.serversFrom}${hint})`,
      { servers: failures.map(({ server }) => server) },
    );
  }

  #publish(
    hostname: string,
    source: ResolveMessage['source'],
    started: number,
    outcome: { addresses: readonly string[] } | { error: unknown },
  ): void {
    const message: ResolveMessage = {
      target: this.#context.label,
      hostname,
      source,
      duration: performance.now() - started,
      ...outcome,
    };
    channels.resolve.publish(message);
  }
}

function cachePrefix(network: string, askingKey: string): string {
  return `${network} ${askingKey} `;
}

/** IP addresses and `localhost` with everything below it (RFC 6761 section 6.3) need no source at all. */
function localAnswer(hostname: string, family: WantedFamily): readonly ResolvedAddress[] | undefined {
  const literal = isIP(hostname);
  if (literal === 4 || literal === 6) {
    if (family === 0 || family === literal) return [{ address: hostname, family: literal, ttl: 0 }];
    throw new NameResolutionError('ENOTFOUND', hostname, `it is an IPv${literal} address, and IPv${family} is wanted`);
  }
  // The length first: this runs for every name.
  if (hostname.length < 9 || !/(?:^|\.)localhost\.?$/i.test(hostname)) return undefined;
  return family === 0 ? LOCALHOST : LOCALHOST.filter((entry) => entry.family === family);
}

function fromHosts(
  { hosts }: ResolverConfiguration,
  hostname: string,
  family: WantedFamily,
): readonly ResolvedAddress[] | undefined {
  if (hosts.size === 0) return undefined;
  const entries = hosts.get(hostname.toLowerCase().replace(/\.$/, ''));
  const found = entries?.filter((entry) => family === 0 || entry.family === family);
  return found === undefined || found.length === 0 ? undefined : found.map((entry) => ({ ...entry, ttl: 0 }));
}

function failedResolution(error: unknown): Waiting {
  const failed = Promise.reject(error);
  failed.catch(() => undefined);
  return { ipv4: failed, ipv6: failed, leave: () => undefined };
}

/** The work of one resolution and those two promises of its outcome. */
class Job {
  readonly #families: readonly (4 | 6)[];
  readonly stop = new Stop();
  readonly #outcomes: Record<4 | 6, PromiseWithResolversOf<readonly ResolvedAddress[]>>;
  /** Called once, when the work has ended or nobody waits for it any more. */
  ended: () => void = () => undefined;

  constructor(families: readonly (4 | 6)[]) {
    this.#families = families;
    this.#outcomes = { 4: withResolvers(), 6: withResolvers() };
    for (const family of [4, 6] as const) {
      this.#outcomes[family].promise.catch(() => undefined);
      if (!families.includes(family)) this.#outcomes[family].resolve([]);
    }
  }

  outcome(family: 4 | 6): Promise<readonly ResolvedAddress[]> {
    return this.#outcomes[family].promise;
  }

  settle(family: 4 | 6, addresses: readonly ResolvedAddress[]): void {
    this.#outcomes[family].resolve(addresses);
  }

  /** All is known; what has not been settled is empty. */
  finish(): void {
    for (const family of this.#families) this.settle(family, []);
    this.ended();
  }

  fail(error: unknown): void {
    for (const family of this.#families) this.#outcomes[family].reject(error);
    this.ended();
  }

  abort(reason: unknown): void {
    this.ended();
    this.stop.stop(reason);
  }
}

interface PromiseWithResolversOf<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers<T>(): PromiseWithResolversOf<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

/** Somebody's place among those who wait for a job. */
interface Waiting extends Resolution {
  /** Waits no longer. Harmless when the job has ended. */
  leave(): void;
}

const NO_LONGER_WANTED = new Error('nobody waits for this resolution any more');

/** Waits for a shared job until the signal; the last one to leave ends it. */
function waitFor(shared: Shared, signal: AbortSignal | undefined): Waiting {
  shared.waiting += 1;
  const { job } = shared;
  let here = true;
  const leaveWith = (reason: unknown): void => {
    if (!here) return;
    here = false;
    shared.waiting -= 1;
    if (shared.waiting === 0) job.abort(reason);
  };
  const leave = (): void => leaveWith(NO_LONGER_WANTED);
  if (signal === undefined) return { ipv4: job.outcome(4), ipv6: job.outcome(6), leave };
  const left = withResolvers<never>();
  left.promise.catch(() => undefined);
  const abort = (): void => {
    left.reject(signal.reason);
    leaveWith(signal.reason);
  };
  const withdraw = onAbort(signal, abort);
  Promise.allSettled([job.outcome(4), job.outcome(6)]).then(withdraw);
  const of = (family: 4 | 6): Promise<readonly ResolvedAddress[]> => {
    const either = Promise.race([job.outcome(family), left.promise]);
    either.catch(() => undefined);
    return either;
  };
  return {
    ipv4: of(4),
    ipv6: of(6),
    leave: () => {
      withdraw();
      leave();
    },
  };
}
