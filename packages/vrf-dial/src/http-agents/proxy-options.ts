import type { ConnectionOptions as TlsConnectionOptions } from 'node:tls';
import { InvalidOptionError } from 'netns-core';
import { checkOptionsObject, shown } from 'netns-core/checks';
import { checkHost } from '../address/destination.js';
import { http } from '../node-http.js';
import { NET_OPTIONS, TLS_OPTIONS, TLS_SYNONYMS } from '../options/node-options.js';
import { checkGroup, optionNames, refuseMisspeltOptions, refuseUnknownOptions } from '../options/option-group.js';
import { checkNoProxy, type DirectHosts } from './no-proxy.js';

/** A proxy, and what it is told. */
export interface VrfProxy {
  /** `http://` or `https://`, with credentials if the proxy wants them (Basic). */
  url: string | URL;
  /** Headers for the proxy: of CONNECT, and of http requests that it forwards. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** TLS options (`ca`, `cert`, `servername`, …) of the connection to an `https://` proxy. */
  tls?: Omit<TlsConnectionOptions, 'path' | 'socket' | 'host' | 'port' | 'timeout' | 'lookup'> | undefined;
  /** Hosts that are reached directly, in the VRF as well, in the forms of `NO_PROXY`. */
  noProxy?: string | readonly string[] | undefined;
}

/** The options of an agent that are about its proxy. */
export interface ProxyOptions {
  /** Reaches all hosts but those of `noProxy` through a proxy, which is reached through the VRF. Default none. */
  proxy?: string | URL | VrfProxy | undefined;
  /** Hosts that are reached directly, in the VRF as well, in the forms of `NO_PROXY`. Default none. */
  noProxy?: string | readonly string[] | undefined;
}

/** A proxy whose options have been checked. */
export interface CheckedProxy {
  readonly host: string;
  readonly port: number;
  /** Whether the connection to it speaks TLS. */
  readonly secure: boolean;
  readonly tls: TlsConnectionOptions;
  /** For messages: without credentials. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly isDirect: DirectHosts;
}

const URL_FORM = "a URL such as 'http://192.0.2.3:3128'";

/** How a {@link VrfProxy} is checked. */
const PROXY_FIELDS = {
  url: { check: checkUrl, synonyms: ['uri', 'href', 'proxy', 'address', 'server', 'host', 'hostname'] },
  headers: { check: checkHeaders, synonyms: ['header', 'proxyheaders'] },
  tls: { check: checkTls, synonyms: ['ssl', 'proxytls', 'tlsoptions'] },
  noProxy: { check: checkNoProxy, synonyms: ['no_proxy', 'bypass', 'exclude', 'exceptions'] },
} as const;
const PROXY_NAMES = optionNames([PROXY_FIELDS]);

/**
 * Checks the proxy of an agent.
 *
 * @returns `undefined` where there is none
 * @throws InvalidOptionError with the option's name
 */
export function checkProxy({ proxy, noProxy }: ProxyOptions): CheckedProxy | undefined {
  if (proxy === undefined) {
    if (noProxy !== undefined) checkNoProxy('noProxy', noProxy);
    return undefined;
  }
  const isUrl = typeof proxy === 'string' || proxy instanceof URL;
  if (!isUrl && (typeof proxy !== 'object' || proxy === null || Array.isArray(proxy)))
    throw new InvalidOptionError('proxy', `proxy must be ${URL_FORM} or an object with one, not ${shown(proxy)}`);
  if (isUrl) return readProxy(checkUrl('proxy', proxy), {}, isDirectBy('noProxy', noProxy));
  refuseUnknownOptions(proxy, 'proxy', PROXY_NAMES);
  if (noProxy !== undefined && proxy.noProxy !== undefined)
    throw new InvalidOptionError('noProxy', 'noProxy is given twice: as an option and as proxy.noProxy');
  const { url, ...fields } = checkGroup(proxy, PROXY_FIELDS, 'proxy.');
  if (url === undefined) throw new InvalidOptionError('proxy.url', `proxy.url must be ${URL_FORM}`);
  return readProxy(url, fields, fields.noProxy ?? isDirectBy('noProxy', noProxy));
}

function isDirectBy(option: string, noProxy: unknown): DirectHosts {
  return noProxy === undefined ? () => false : checkNoProxy(option, noProxy);
}

function readProxy(
  url: URL,
  { headers = {}, tls }: { headers?: Readonly<Record<string, string>>; tls?: TlsConnectionOptions },
  isDirect: DirectHosts,
): CheckedProxy {
  const secure = url.protocol === 'https:';
  if (!secure && tls !== undefined)
    throw new InvalidOptionError(
      'proxy.tls',
      `proxy.tls is for a proxy that is reached by https:, not ${url.protocol}`,
    );
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  const credentials = url.username !== '' || url.password !== '';
  if (credentials && Object.hasOwn(headers, 'proxy-authorization'))
    throw new InvalidOptionError(
      'proxy.headers',
      'proxy.headers has a proxy-authorization, and the URL of the proxy has credentials: give one of them',
    );
  return Object.freeze({
    host: checkHost('proxy', host),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    secure,
    tls: tls ?? {},
    url: url.origin,
    headers: credentials ? { ...headers, 'proxy-authorization': basic(url) } : headers,
    isDirect,
  });
}

/** Messages show nothing of a URL that may have credentials in it. */
function checkUrl(option: string, value: unknown): URL {
  const isText = typeof value === 'string';
  const url = isText ? (URL.canParse(value) ? new URL(value) : undefined) : value;
  if (!(url instanceof URL)) {
    const got = isText && value.includes('@') ? '' : `, not ${shown(value)}`;
    throw new InvalidOptionError(option, `${option} must be ${URL_FORM}${got}`);
  }
  const { protocol } = url;
  if (protocol !== 'http:' && protocol !== 'https:') {
    const hint = /^socks/.test(protocol) ? "; for SOCKS5 use undici's Socks5ProxyAgent with createVrfConnector" : '';
    throw new InvalidOptionError(
      option,
      `${option} must be ${URL_FORM}: the proxy is reached by http: or https:, not ${shown(protocol)}${hint}`,
    );
  }
  if (url.hostname === '' || url.port === '0')
    throw new InvalidOptionError(
      option,
      `${option} must be ${URL_FORM}, with a host and a port that can be connected to`,
    );
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    throw new InvalidOptionError(option, `${option} must be ${URL_FORM}: a path or query has no meaning there`);
  return url;
}

function basic({ username, password }: URL): string {
  let credentials: string;
  try {
    credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  } catch {
    throw new InvalidOptionError(
      'proxy',
      "the credentials in the URL of the proxy contain a '%' that is not an escape",
    );
  }
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

/** Headers of which the agent's own would be a second, or which would break the framing. */
const OWN_HEADERS: readonly string[] = ['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade'];

function checkHeaders(option: string, value: unknown): Readonly<Record<string, string>> {
  checkOptionsObject(value, option);
  const headers: Record<string, string> = {};
  for (const [name, text] of Object.entries(value)) {
    const lowerCase = name.toLowerCase();
    if (OWN_HEADERS.includes(lowerCase))
      throw new InvalidOptionError(option, `${option} cannot contain ${lowerCase}, which the agent writes itself`);
    if (typeof text !== 'string')
      throw new InvalidOptionError(option, `${option}: the value of ${shown(name)} must be text, not ${shown(text)}`);
    try {
      http.validateHeaderName(name);
      http.validateHeaderValue(name, text);
    } catch (cause) {
      throw new InvalidOptionError(option, `${option}: ${shown(name)} cannot be a header with that value`, { cause });
    }
    headers[lowerCase] = text;
  }
  return headers;
}

/** What names another connection than the one to the proxy. */
const REFUSED_TLS: readonly string[] = ['path', 'socket', 'host', 'port', 'lookup', 'timeout', 'fd'];
const TLS_NAMES = optionNames([], [...TLS_OPTIONS, ...NET_OPTIONS], TLS_SYNONYMS);

function checkTls(option: string, value: unknown): TlsConnectionOptions {
  checkOptionsObject(value, option);
  refuseMisspeltOptions(value, option, TLS_NAMES);
  for (const name of REFUSED_TLS)
    if (name in value)
      throw new InvalidOptionError(
        `${option}.${name}`,
        `${option} takes no ${name}: the connection to the proxy is made by the agent`,
      );
  return value as TlsConnectionOptions;
}
