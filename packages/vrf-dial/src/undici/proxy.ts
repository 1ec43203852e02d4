import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { type buildConnector, type Dispatcher, Pool } from 'undici';

/** A UNIX socket that does not exist. */
const NOWHERE = '/proc/self/socks-proxies-are-not-reached-through-a-vrf';

/** A `Pool` class, of any version of undici. */
export type PoolClass = new (origin: string | URL, options: never) => unknown;

/** What an undici `ProxyAgent` or `EnvHttpProxyAgent` must be told so that all its connections are made in a VRF. */
export interface VrfProxyOptions {
  uri: string;
  /** Of an EnvHttpProxyAgent's connections to hosts that `NO_PROXY` exempts. */
  connect: buildConnector.connector;
  /** What undici connects to SOCKS proxies by, from home: it leads nowhere. TLS options of a proxy go into the connector. */
  proxyTls: { socketPath: string };
  clientFactory: (origin: URL, options: object) => Dispatcher;
  factory: (origin: string | URL, options: object) => Dispatcher;
}

/**
 * Makes options for undici's `ProxyAgent`, so that the proxy is reached through a VRF, whether requests go through a
 * tunnel or not. (By itself a ProxyAgent connects to its proxy from home: its options have no `connect`.)
 *
 * ```js
 * new ProxyAgent({ ...vrfProxyOptions('http://192.0.2.3:3128', createVrfConnector({ vrf: 'red' })), token })
 * ```
 *
 * For an `EnvHttpProxyAgent` too: hosts that `NO_PROXY` exempts are reached directly, and through the VRF as well.
 *
 * @param uri the proxy, http or https. undici connects to SOCKS proxies by itself, so these are refused
 * @param connector from `createVrfConnector`, with the TLS options for an https proxy
 * @param PoolOfProxyAgent the `Pool` of the undici that the ProxyAgent comes from, if that is not version 7
 * @throws InvalidOptionError
 */
export function vrfProxyOptions(
  uri: string | URL,
  connector: buildConnector.connector,
  PoolOfProxyAgent: PoolClass = Pool as unknown as PoolClass,
): VrfProxyOptions {
  const proxy = typeof uri === 'string' && URL.canParse(uri) ? new URL(uri) : uri;
  if (!(proxy instanceof URL)) throw new InvalidOptionError('uri', `uri must be the URL of a proxy, not ${shown(uri)}`);
  if (proxy.protocol !== 'http:' && proxy.protocol !== 'https:')
    throw new InvalidOptionError(
      'uri',
      `the proxy must be reached by http: or https:, not ${proxy.protocol} (undici makes its connections to SOCKS proxies itself, outside the VRF)`,
    );
  if (typeof connector !== 'function')
    throw new InvalidOptionError(
      'connector',
      `connector must be what createVrfConnector gives, not ${shown(connector)}`,
    );
  const pool = (origin: string | URL, options: object): Dispatcher =>
    new PoolOfProxyAgent(origin, options as never) as Dispatcher;
  const through = (origin: string | URL, options: object): Dispatcher =>
    pool(origin, { ...options, connect: connector });
  return {
    uri: proxy.href,
    connect: connector,
    proxyTls: { socketPath: NOWHERE },
    clientFactory: through,
    // What goes through a tunnel has it as its `connect` among the agent's own options, as what goes past the proxy has
    // the connector. Without these it is the way to a proxy, this or another one, for requests that need no tunnel.
    factory: (origin, options) => ('uri' in options ? pool : through)(origin, options),
  };
}
