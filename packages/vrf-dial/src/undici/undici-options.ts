import { InvalidOptionError } from 'netns-core';
import { escaped, shown } from 'netns-core/checks';

/** The type of each option of undici's Agent, Pool and Client (undici 6, 7 and 8); `refused` by undici itself. */
const TYPES = {
  allowH2: 'boolean',
  autoSelectFamily: 'boolean',
  autoSelectFamilyAttemptTimeout: 'number',
  bodyTimeout: 'number',
  clientTtl: 'number',
  connect: 'object',
  connectTimeout: 'number',
  connectionWindowSize: 'number',
  connections: 'number',
  eventSource: 'object',
  factory: 'function',
  h2Options: 'object',
  headersTimeout: 'number',
  idleTimeout: 'refused',
  initialWindowSize: 'number',
  interceptors: 'object',
  keepAlive: 'refused',
  keepAliveMaxTimeout: 'number',
  keepAliveTimeout: 'number',
  keepAliveTimeoutThreshold: 'number',
  localAddress: 'string',
  maxCachedSessions: 'number',
  maxConcurrentStreams: 'number',
  maxHeaderSize: 'number',
  maxKeepAliveTimeout: 'refused',
  maxOrigins: 'number',
  maxRedirections: 'number',
  maxRequestsPerClient: 'number',
  maxResponseSize: 'number',
  pingInterval: 'number',
  pipelining: 'number',
  requestTimeout: 'refused',
  socketPath: 'string',
  socketTimeout: 'refused',
  strictContentLength: 'boolean',
  throwOnError: 'boolean',
  tls: 'object',
  useH2c: 'boolean',
  useMilo: 'boolean',
  webSocket: 'object',
} as const;

/**
 * What undici's Agent, Pool and Client take (undici 6, 7 and 8), and what they used to take and refuse by themselves.
 * A test holds the list against their types and their code.
 */
export const UNDICI_OPTIONS: readonly string[] = Object.keys(TYPES);

/** How messages name the types. */
const ARTICLES = { number: 'a number', boolean: 'true or false', string: 'a string', object: 'an object' } as const;

/**
 * Checks the type of an option that undici's Agent is given. undici checks some of its options, and those only with the
 * first request; and its Agent copies them by way of JSON, which fails with a TypeError that does not name the option.
 * `undefined` and `null` stand for the default, as in undici.
 *
 * @throws InvalidOptionError
 */
export function checkUndiciOption(option: string, value: unknown): void {
  if (value === undefined || value === null) return;
  const type = Object.hasOwn(TYPES, option) ? TYPES[option as keyof typeof TYPES] : 'refused';
  if (type !== 'refused' && type !== 'function' && typeof value !== type)
    throw new InvalidOptionError(option, `${option} must be ${ARTICLES[type]}, got ${shown(value)}`);
  try {
    JSON.stringify(value);
  } catch (cause) {
    const reason = escaped(cause instanceof Error ? cause.message : shown(cause), 300);
    throw new InvalidOptionError(option, `${shown(option)} must hold only what JSON can: ${reason}`, { cause });
  }
}

/** What undici's `buildConnector` takes beside options of TLS and TCP. */
export const UNDICI_CONNECT_OPTIONS: readonly string[] = [
  'allowH2',
  'httpSocket',
  'maxCachedSessions',
  'preferH2',
  'socketPath',
  'timeout',
  'typeOfService',
  'useH2c',
];
