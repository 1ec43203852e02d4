import { type AnswerCache, answerCache, type CachedAnswer, cacheGeneration } from './answer-cache.js';
import type { Finding } from './answer-question.js';
import { completeKey, identityNumber } from './complete-key.js';
import type { ConfigurationSource, KeyedConfiguration } from './configuration.js';
import type { ResolvedAddress, ResolverContext } from './context.js';
import { askedFamilies, type WantedFamily } from './families.js';
import type { Question } from './message.js';
import { TYPE_A } from './record-types.js';
import { addressesOf } from './search-servers.js';

/** No answer is believed for longer than a day, however large its TTL (RFC 8767 section 4 has a week). */
const MAX_TTL = 86_400;
/** Names of which a resolver remembers the answer as it was last put together. */
const MAX_REMEMBERED = 64;

/** An answer put together from the cache, and all that it rests on. */
interface Remembered {
  readonly family: WantedFamily;
  readonly configuration: KeyedConfiguration;
  readonly prefix: string;
  readonly generation: number;
  readonly addresses: readonly ResolvedAddress[];
  readonly expires: number;
}

/** The cache as one target sees it: of the network that it means, and with its own bounds. */
export class TargetCache {
  readonly #context: ResolverContext;
  readonly #answers: AnswerCache | undefined;
  readonly #maxTtlMs: number;
  readonly #maxNegativeTtlMs: number;
  // Most programs ask for few names, over and over.
  #remembered: Map<string, Remembered> | undefined;
  #prefix = '';
  #prefixNetwork: string | undefined;
  #prefixAsking = '';

  constructor(context: ResolverContext) {
    this.#context = context;
    const { cache } = context.dns;
    const { maxEntries, maxTtl, maxNegativeTtl } = typeof cache === 'object' ? cache : {};
    const target = maxEntries === undefined ? '' : completeKey([context.label, context.etcName, context.dns]);
    this.#answers = cache === false ? undefined : answerCache(maxEntries, target);
    this.#maxTtlMs = (maxTtl ?? Number.POSITIVE_INFINITY) * 1000;
    this.#maxNegativeTtlMs = (maxNegativeTtl ?? Number.POSITIVE_INFINITY) * 1000;
  }

  /**
   * What tells the place that answers are kept in now from every other one; `undefined` without a cache, or while the
   * target's network is not there.
   */
  key(now: number): string | undefined {
    if (this.#answers === undefined) return undefined;
    const network = this.#context.networkKey(now);
    return network === undefined ? undefined : `${identityNumber(this.#answers)} ${network}`;
  }

  /** The answer that was put together before, if nothing that it rests on has changed. */
  recall(
    hostname: string,
    family: WantedFamily,
    source: ConfigurationSource,
    now: number,
  ): readonly ResolvedAddress[] | undefined {
    const last = this.#remembered?.get(hostname);
    if (last === undefined || last.family !== family || last.expires <= now) return undefined;
    const configuration = source.read(now);
    return configuration === last.configuration &&
      this.#keyPrefix(configuration, now) === last.prefix &&
      cacheGeneration() === last.generation
      ? last.addresses
      : undefined;
  }

  /**
   * What is known of all names that would be asked for.
   *
   * @returns the addresses, none if it is known that there are none, `undefined` if that has to be asked
   */
  find(
    names: readonly string[],
    hostname: string,
    family: WantedFamily,
    configuration: KeyedConfiguration,
    now: number,
  ): readonly ResolvedAddress[] | undefined {
    const prefix = this.#keyPrefix(configuration, now);
    if (prefix === undefined || names.length === 0) return undefined;
    for (const name of names) {
      let addresses: readonly ResolvedAddress[] = [];
      let expires = Number.POSITIVE_INFINITY;
      for (const asked of askedFamilies(family, configuration.noAaaa)) {
        const answer = this.#answers?.find(`${prefix}${asked}${name}`, now);
        if (answer === undefined) return undefined;
        const until = this.#until(answer);
        if (until <= now) return undefined;
        if (family === 0 || family === asked)
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
    return [];
  }

  /**
   * Keeps what servers said, in the network that the answer came from.
   *
   * @param generation of the cache, when the question was asked
   */
  keep(configuration: KeyedConfiguration, question: Question, finding: Finding, generation: number): void {
    if (this.#answers === undefined || finding.kind === 'failed' || !(finding.ttl > 0)) return;
    if (finding.network === undefined) return;
    const prefix = keyPrefix(finding.network, configuration.askingKey);
    const nonexistent = finding.kind === 'none' && finding.nonexistent;
    const stored = performance.now();
    const entry: CachedAnswer = {
      addresses: finding.kind === 'records' ? addressesOf(finding) : [],
      nonexistent,
      stored,
      expires: stored + Math.min(finding.ttl, MAX_TTL) * 1000,
    };
    // No such name is true of both families (RFC 8020), also when only one was asked for.
    const families = nonexistent ? [4, 6] : [question.type === TYPE_A ? 4 : 6];
    for (const family of families) this.#answers.keep(`${prefix}${family}${question.name}`, entry, generation);
  }

  /** Until when this target believes an answer: the bounds of one target are not those of others. */
  #until({ addresses, stored, expires }: CachedAnswer): number {
    return Math.min(expires, stored + (addresses.length > 0 ? this.#maxTtlMs : this.#maxNegativeTtlMs));
  }

  /** What keys of the cache begin with in the network that the target means now; `undefined` without cache or network. */
  #keyPrefix({ askingKey }: KeyedConfiguration, now: number): string | undefined {
    if (this.#answers === undefined) return undefined;
    const network = this.#context.networkKey(now);
    if (network === undefined) return undefined;
    if (network !== this.#prefixNetwork || askingKey !== this.#prefixAsking) {
      this.#prefixNetwork = network;
      this.#prefixAsking = askingKey;
      this.#prefix = keyPrefix(network, askingKey);
    }
    return this.#prefix;
  }
}

function keyPrefix(network: string, askingKey: string): string {
  return `${network} ${askingKey} `;
}
