import { addressesInHosts, normaliseName } from 'netns-core/etc';
import { channels, count, type ResolveMessage } from '../diagnostics.js';
import { cacheGeneration } from './answer-cache.js';
import { firstServer } from './asking.js';
import { completeKey } from './complete-key.js';
import { ConfigurationSource, type KeyedConfiguration } from './configuration.js';
import type { ResolvedAddress, ResolverContext } from './context.js';
import { NameResolutionError, noAnswer, notInDns, notInHosts } from './errors.js';
import type { WantedFamily } from './families.js';
import { localAnswer } from './local-answer.js';
import { dnsDecides, goThroughSources, type SourceOutcome } from './name-sources.js';
import { TYPE_A } from './record-types.js';
import { searchList } from './search-list.js';
import { addressesOf, type SearchOutcome, searchServers } from './search-servers.js';
import {
  bothFamilies,
  failedResolution,
  type Resolution,
  type ResolutionJob,
  type SharedResolution,
  shareResolution,
} from './shared-resolution.js';
import { TargetCache } from './target-cache.js';

/** What a resolution may be told. */
export interface ResolveOptions {
  family?: WantedFamily;
  /** Gives up waiting; the last caller that does ends the queries and closes their sockets. */
  signal?: AbortSignal | undefined;
}

/**
 * Resolves host names in one network, by sockets that are born there. Answers come, in the order of `nsswitch.conf`,
 * from the hosts file, from the cache or from the servers.
 */
export class HostResolver {
  readonly #context: ResolverContext;
  readonly #configuration: ConfigurationSource;
  readonly #cache: TargetCache;
  /** Callers that differ in it must not share an error, for it names the target. */
  readonly #identity: string;

  constructor(context: ResolverContext) {
    this.#context = context;
    this.#configuration = new ConfigurationSource(context.etcName, context.dns);
    this.#cache = new TargetCache(context);
    this.#identity = completeKey([context.label, context.etcName]);
  }

  /**
   * The addresses where they are known without asking a server: IP addresses, `localhost`, the hosts file, the cache.
   *
   * @returns in no particular order of families; `undefined` where a server has to be asked
   * @throws NameResolutionError where it is known that there are none
   */
  known(hostname: string, family: WantedFamily): readonly ResolvedAddress[] | undefined {
    const started = performance.now();
    let source: ResolveMessage['source'] = 'cache';
    try {
      let addresses = this.#cache.recall(hostname, family, this.#configuration, started);
      if (addresses === undefined) {
        source = 'local';
        addresses = localAnswer(hostname, family);
      }
      if (addresses === undefined) {
        const configuration = this.#configuration.read(started);
        const outcome = goThroughSources(configuration.sources, (service) => {
          source = service === 'files' ? 'hosts' : 'cache';
          return service === 'files'
            ? this.#fromHosts(configuration, hostname, family)
            : this.#fromCache(configuration, hostname, family, started);
        });
        if (outcome === undefined) {
          if (configuration.sources.length > 0) return undefined;
          throw new NameResolutionError('ENOTFOUND', hostname, 'nsswitch.conf names neither files nor dns for hosts');
        }
        if (outcome.status !== 'SUCCESS') throw outcome.error();
        addresses = outcome.addresses;
      }
      countKnown(source);
      if (channels.resolve.hasSubscribers)
        this.#publish(hostname, source, started, { addresses: addresses.map(({ address }) => address) });
      return addresses;
    } catch (error) {
      countKnown(source);
      if (channels.resolve.hasSubscribers) this.#publish(hostname, source, started, { error });
      throw error;
    }
  }

  /** Starts to resolve a name and gives the addresses family by family, for Happy Eyeballs. */
  start(hostname: string, { family = 0, signal }: ResolveOptions = {}): Resolution {
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
    return this.#ask(hostname, family, signal);
  }

  /**
   * Resolves a name to all its addresses, IPv6 first, each family in the server's order.
   *
   * @throws NameResolutionError, or NetnsError where the network cannot be entered, or the signal's reason
   */
  async resolve(hostname: string, { family = 0, signal }: ResolveOptions = {}): Promise<readonly ResolvedAddress[]> {
    signal?.throwIfAborted();
    const known = this.known(hostname, family);
    if (known !== undefined) return known;
    const resolution = this.#ask(hostname, family, signal);
    if (family === 4) return resolution.ipv4;
    if (family === 6) return resolution.ipv6;
    try {
      return await bothFamilies(resolution);
    } finally {
      resolution.leave();
    }
  }

  #fromHosts(configuration: KeyedConfiguration, hostname: string, family: WantedFamily): SourceOutcome {
    const addresses = addressesInHosts(configuration.hosts, hostname, family);
    if (addresses !== undefined)
      return { status: 'SUCCESS', addresses: addresses.map((entry) => ({ ...entry, ttl: 0 })) };
    const error = (): NameResolutionError => {
      const dns = configuration.sources.some(({ service }) => service === 'dns');
      return notInHosts(hostname, this.#context, dns ? 'nsswitch.conf stops there' : 'nsswitch.conf names no DNS');
    };
    return { status: 'NOTFOUND', error };
  }

  #fromCache(
    configuration: KeyedConfiguration,
    hostname: string,
    family: WantedFamily,
    now: number,
  ): SourceOutcome | undefined {
    const names = searchList(hostname, configuration.search, configuration.ndots);
    if (names.length === 0) {
      const reason = 'this cannot be the name of a host';
      return { status: 'NOTFOUND', error: () => new NameResolutionError('ENOTFOUND', hostname, reason) };
    }
    const addresses = this.#cache.find(names, hostname, family, configuration, now);
    if (addresses === undefined) return undefined;
    if (addresses.length > 0) return { status: 'SUCCESS', addresses };
    return {
      status: 'NOTFOUND',
      error: () => notInDns(hostname, this.#context, configuration, { family, cached: true }),
    };
  }

  /** Asks the servers, or waits for another caller that asks them the same. */
  #ask(hostname: string, family: WantedFamily, signal: AbortSignal | undefined): SharedResolution {
    count.lookups += 1;
    const started = performance.now();
    const generation = cacheGeneration();
    let configuration: KeyedConfiguration;
    let key: string | undefined;
    try {
      configuration = this.#configuration.read(started);
      const cache = this.#cache.key(started);
      // Everything that the answer, its errors and what is kept of it depend on; the name can hold any text.
      if (cache !== undefined)
        key = `${cache} ${this.#identity} ${configuration.wholeKey} ${generation} ${family} ${hostname}`;
    } catch (error) {
      return failedResolution(error);
    }
    const run = (job: ResolutionJob): Promise<void> => this.#run(hostname, family, configuration, generation, job);
    const resolution = shareResolution(key, family, run, signal);
    if (channels.resolve.hasSubscribers)
      Promise.all([resolution.ipv6, resolution.ipv4]).then(
        ([ipv6, ipv4]) =>
          this.#publish(hostname, 'server', started, { addresses: [...ipv6, ...ipv4].map(({ address }) => address) }),
        (error: unknown) => this.#publish(hostname, 'server', started, { error }),
      );
    return resolution;
  }

  async #run(
    hostname: string,
    family: WantedFamily,
    configuration: KeyedConfiguration,
    generation: number,
    job: ResolutionJob,
  ): Promise<void> {
    const asking = {
      context: this.#context,
      configuration,
      first: firstServer(configuration),
      cancellation: job.cancellation,
    };
    const names = searchList(hostname, configuration.search, configuration.ndots);
    const given = names[0] === normaliseName(hostname);
    const early = dnsDecides(configuration.sources);
    const found = await searchServers(asking, names, given, family, (question, finding) => {
      this.#cache.keep(configuration, question, finding, generation);
      // Not held back for the other family: a caller that wants to connect can start.
      if (early && finding.kind === 'records') job.settle(question.type === TYPE_A ? 4 : 6, addressesOf(finding));
    });
    const dns = this.#outcome(found, hostname, configuration, family);
    const outcome = goThroughSources(configuration.sources, (service) =>
      service === 'files' ? this.#fromHosts(configuration, hostname, family) : dns,
    );
    if (outcome?.status !== 'SUCCESS') throw outcome?.error();
    job.settleAll(outcome.addresses);
  }

  #outcome(
    found: SearchOutcome,
    hostname: string,
    configuration: KeyedConfiguration,
    family: WantedFamily,
  ): SourceOutcome {
    if (found.kind === 'addresses') return { status: 'SUCCESS', addresses: found.addresses };
    if (found.kind === 'none')
      return {
        status: 'NOTFOUND',
        error: () => notInDns(hostname, this.#context, configuration, { family, cached: false }),
      };
    return {
      status: found.refused ? 'TRYAGAIN' : 'UNAVAIL',
      error: () => noAnswer(hostname, this.#context, configuration, found.failures),
    };
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

function countKnown(source: ResolveMessage['source']): void {
  count.lookups += 1;
  if (source === 'cache') count.cached += 1;
}
