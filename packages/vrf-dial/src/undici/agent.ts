import type { SocketOptions } from 'netns-core';
import { InvalidOptionError } from 'netns-core';
import { checkOptionsObject, shown } from 'netns-core/checks';
import { Agent, type buildConnector, type Dispatcher, errors, Pool } from 'undici';
import type { VrfLogger } from '../diagnostics.js';
import { CONNECTION_OPTIONS } from '../dial/connection-options.js';
import type { ConnectionOptions } from '../dial/index.js';
import { NET_OPTIONS, TLS_OPTIONS, TLS_SYNONYMS } from '../options/node-options.js';
import { namesOf, type OptionGroup, optionNames, refuseMisspeltOptions } from '../options/option-group.js';
import { logger } from '../options/value-checks.js';
import { SOCKET_OPTIONS } from '../target/socket-options.js';
import type { VrfTarget } from '../target/target.js';
import { TARGET_OPTIONS } from '../target/target-options.js';
import { VrfConnector, type VrfConnectorOptions } from './connector.js';
import { IdlePools } from './idle-pools.js';
import { OriginDispatcher } from './origin-dispatcher.js';
import { checkUndiciOption, UNDICI_CONNECT_OPTIONS, UNDICI_OPTIONS } from './undici-options.js';

/** Options of {@link VrfAgent}: where, how, and undici's own for an Agent. */
export interface VrfAgentOptions
  extends VrfTarget,
    SocketOptions,
    ConnectionOptions,
    Omit<Agent.Options, 'connect' | 'socketPath' | keyof ConnectionOptions> {
  /** undici's options of a connection, TLS options among them: `{ ca, rejectUnauthorized, … }`. Not a function. */
  connect?: buildConnector.BuildOptions | undefined;
  /** Takes notes of namespaces that are removed or replaced; `console` will do. */
  logger?: VrfLogger | undefined;
}

/** Options of the agent that are the connector's. */
const CONNECTOR_OPTIONS = ['allowH2', 'maxCachedSessions', 'useH2c', 'socketPath'] as const;
/** What belongs to the target and not to undici. */
const GROUPS: readonly OptionGroup[] = [
  TARGET_OPTIONS,
  SOCKET_OPTIONS,
  CONNECTION_OPTIONS,
  { logger: { check: logger, synonyms: ['log', 'logging'] } },
];
const OURS = namesOf(...GROUPS);
const NAMES = optionNames(GROUPS, UNDICI_OPTIONS);
const INNER_NAMES = optionNames(GROUPS, [...UNDICI_CONNECT_OPTIONS, ...TLS_OPTIONS, ...NET_OPTIONS], TLS_SYNONYMS);
const PLACES = namesOf(TARGET_OPTIONS, SOCKET_OPTIONS);
/**
 * What undici's Pool must not see. Its own `clientTtl` lets requests wait forever once all clients that `connections`
 * allows are too old; here each connection observes it.
 */
const NOT_FOR_UNDICI: readonly string[] = ['maxCachedSessions', 'connectTimeout', 'clientTtl'];
/** What undici's Agent takes as it is, with functions and certificates. It copies all other options by way of JSON. */
const NOT_COPIED: readonly string[] = ['connect', 'tls', 'factory'];

const STATE = Symbol('vrf-dial.agent');

/** What an agent has behind its methods. */
interface AgentState {
  readonly origins: Map<string, OriginDispatcher>;
  readonly idle: IdlePools;
  readonly connector: VrfConnector;
  /** Whether it was closed or destroyed. */
  ending: boolean;
}

/**
 * undici's Agent, with every connection made in a VRF, a namespace or over an interface. Give it as `dispatcher` to
 * `fetch` (Node's own, or that of undici 6, 7 or 8), `request` and the rest.
 *
 * When the namespace is removed or replaced, idle connections are dropped and no request begins in the old one later
 * than 50 ms after that; running requests finish, or fail with {@link NamespaceReplacedError} (`onReplaced`).
 */
export class VrfAgent extends Agent {
  // Not a private field: `compose` gives a Proxy, whose methods run with the Proxy as `this`.
  /** @internal */
  declare readonly [STATE]: AgentState;

  /** @throws InvalidOptionError, InvalidNameError, or undici's InvalidArgumentError */
  constructor(options: VrfAgentOptions) {
    const origins = new Map<string, OriginDispatcher>();
    const idle = new IdlePools();
    const connector = new VrfConnector(connectorOptions(options), 'VrfAgent', {
      maxAgeMs: clientTtl(options),
      onReplaced: (error) => {
        const { onReplaced } = connector.target;
        void idle.end(onReplaced === 'abort' ? error : undefined);
        for (const origin of [...origins.values()]) origin.replace(onReplaced, error);
      },
    });
    const state: AgentState = { origins, idle, connector, ending: false };
    const connect: buildConnector.connector = (request, callback) => connector.connect(request, callback);
    const ended = (dispatcher: OriginDispatcher): void => {
      if (origins.get(dispatcher.origin) === dispatcher) origins.delete(dispatcher.origin);
    };
    const { factory = makePool } = options;
    if (typeof factory !== 'function')
      throw new InvalidOptionError('factory', `factory must be a function, not ${shown(factory)}`);
    const rest: Record<string, unknown> = {};
    for (const [option, value] of Object.entries(options))
      if (!OURS.includes(option) && !NOT_FOR_UNDICI.includes(option)) rest[option] = value;
    super({
      ...rest,
      connect,
      factory: (origin, poolOptions) => {
        const name = String(origin);
        if (name.includes('@'))
          throw new InvalidOptionError('origin', 'the URL contains credentials: give them as a header instead');
        const dispatcher = new OriginDispatcher(name, {
          pool: () => idle.take(name) ?? factory(origin, poolOptions),
          giveBack: (pool) => {
            // A pool of the user's factory is closed when it is idle, as undici's Agent does: its end may be waited for.
            if (state.ending || factory !== makePool) return false;
            idle.put(name, pool);
            return true;
          },
          ended,
        });
        origins.set(name, dispatcher);
        return dispatcher;
      },
    });
    Object.defineProperty(this, STATE, { value: state });
  }

  /** undici's contract: begins a request, in the namespace as it is now. */
  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const { connector, origins, ending } = this[STATE];
    connector.connections.verify();
    // Straight to the pool of an origin that has one, past undici's Agent, which would ask its own table and then the
    // OriginDispatcher; what an Agent does for its origins it does as their listener.
    const origin = ending ? undefined : origins.get(options?.origin as string)?.current;
    return origin === undefined ? super.dispatch(options, handler) : origin.dispatch(options, handler);
  }

  override close(): Promise<void>;
  override close(callback: () => void): void;
  override close(callback?: () => void): Promise<void> | undefined {
    // undici refuses it, and what is refused must not close anything.
    if (callback !== undefined && typeof callback !== 'function') return super.close(callback) as undefined;
    this[STATE].ending = true;
    const idle = this[STATE].idle.end();
    if (callback !== undefined) return super.close(() => idle.then(callback)) as undefined;
    return new Promise((resolve, reject) => {
      // undici passes an error here that its types leave out.
      super.close(((error: Error | null) => (error ? reject(error) : idle.then(resolve))) as () => void);
    });
  }

  override destroy(): Promise<void>;
  override destroy(error: Error | null): Promise<void>;
  override destroy(callback: () => void): void;
  override destroy(error: Error | null, callback: () => void): void;
  override destroy(first?: Error | null | (() => void), second?: () => void): Promise<void> | undefined {
    const state = this[STATE];
    if (second !== undefined && typeof second !== 'function') return super.destroy(first as Error, second) as undefined;
    state.ending = true;
    const error = typeof first === 'function' ? null : (first ?? null);
    void state.idle.end(error);
    state.connector.connections.cancelPending(error ?? new errors.ClientDestroyedError());
    const callback = typeof first === 'function' ? first : second;
    if (callback !== undefined) return super.destroy(error, callback) as undefined;
    return super.destroy(error);
  }

  /** undici's `stats`, of the pools in use, by origin. */
  declare readonly stats: Agent['stats'];

  static {
    // undici's types have a property where its code has a getter.
    Object.defineProperty(this.prototype, 'stats', {
      configurable: true,
      get(this: VrfAgent) {
        return statsOf(this[STATE].origins.values());
      },
    });
  }

  /** How many connections are open, in use or not. */
  get connections(): number {
    return this[STATE].connector.connections.size;
  }
}

function statsOf(origins: Iterable<OriginDispatcher>): Agent['stats'] {
  const all: Agent['stats'] = {};
  for (const { origin, current } of origins) {
    const stats = (current as (Dispatcher & { stats?: Pool['stats'] }) | undefined)?.stats;
    if (stats !== undefined) all[origin] = stats;
  }
  return all;
}

/**
 * A Pool, also for a single connection where undici's Agent takes a Client: a Client keeps waiting requests to itself
 * and would start them on its old connection when the namespace has been replaced.
 */
function makePool(origin: string | URL, options: object): Dispatcher {
  return new Pool(origin, options);
}

/** undici's option: the age after which a connection takes no further request; 0 and null are none. */
function clientTtl(options: VrfAgentOptions): number | undefined {
  const { clientTtl: ttl } = (options ?? {}) as { clientTtl?: unknown };
  if (ttl === undefined || ttl === null) return undefined;
  if (typeof ttl !== 'number' || !(ttl >= 0))
    throw new InvalidOptionError('clientTtl', `clientTtl must be a number of milliseconds or null, got ${shown(ttl)}`);
  return ttl === 0 ? undefined : ttl;
}

function connectorOptions(options: VrfAgentOptions): VrfConnectorOptions {
  checkOptionsObject(options, 'VrfAgent');
  refuseMisspeltOptions(options, 'VrfAgent', NAMES);
  for (const [option, value] of Object.entries(options))
    if (!OURS.includes(option) && !NOT_COPIED.includes(option)) checkUndiciOption(option, value);
  const { connect } = options as { connect?: unknown };
  if (typeof connect === 'function')
    throw new InvalidOptionError(
      'connect',
      'connect must not be a function: VrfAgent makes its connections itself, in the VRF. Give TLS options as an object',
    );
  if (connect !== undefined && connect !== null && typeof connect !== 'object')
    throw new InvalidOptionError('connect', `connect must be an object of options, not ${shown(connect)}`);
  const inner = (connect ?? {}) as Record<string, unknown>;
  const { tls, connectTimeout } = options as { tls?: unknown; connectTimeout?: number | null };
  if (tls !== undefined && tls !== null && typeof tls !== 'object')
    throw new InvalidOptionError('tls', `tls must be an object of options, not ${shown(tls)}`);
  checkInnerOptions('connect', inner);
  checkInnerOptions('tls', tls ?? {});
  const given: Record<string, unknown> = { ...tls, ...inner };
  const source = options as unknown as Record<string, unknown>;
  // A target option that is there but undefined is for the target's check to judge.
  for (const option of [...OURS, ...CONNECTOR_OPTIONS])
    if (source[option] !== undefined || (PLACES.includes(option) && Object.hasOwn(source, option)))
      given[option] = source[option];
  given.timeout ??= connectTimeout ?? undefined;
  return given as VrfConnectorOptions;
}

/** TLS options, and others of a connection, in an object of their own. Where it leads to is said outside. */
function checkInnerOptions(name: 'connect' | 'tls', inner: object): void {
  for (const option of PLACES)
    if (option in inner)
      throw new InvalidOptionError(option, `${option} is an option of VrfAgent itself, not one of its ${name}`);
  refuseMisspeltOptions(inner, name, INNER_NAMES);
}
