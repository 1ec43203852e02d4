import { checkFunction, checkOptionsObject } from '../checks/index.js';
import { connectBroker } from './broker-source.js';
import { hopSource } from './hop-source.js';
import type { SocketSource } from './source-types.js';

/** The environment variable that holds the path of a broker's socket. */
const VARIABLE = 'NETNS_BROKER';

// Once per thread, whichever copy of this package is asked: the ESM and the CommonJS build must not differ in it.
const KEY = Symbol.for('netns-core.socket-source');
const holder = process as typeof process & { [KEY]?: { source: SocketSource | undefined } };
holder[KEY] ??= { source: undefined };
const state = holder[KEY];

/**
 * Makes all sockets of the calling thread come from a source: those of `openSocket` and of everything that uses it.
 * Sockets that are open stay as they are. A worker thread calls it for itself.
 *
 * @param source `hopSource`, or what `connectBroker` returned
 * @throws InvalidOptionError
 */
export function useSocketSource(source: SocketSource): void {
  checkOptionsObject(source, 'useSocketSource');
  for (const name of ['open', 'identify', 'mustExist', 'inspect'] as const)
    checkFunction(`source.${name}`, source[name] ?? null);
  state.source = source;
}

/**
 * The source in use: that of `useSocketSource`, else the broker that the environment variable NETNS_BROKER names, else
 * {@link hopSource}.
 *
 * @throws InvalidOptionError where NETNS_BROKER is not an absolute path
 */
export function socketSource(): SocketSource {
  state.source ??= defaultSource();
  return state.source;
}

function defaultSource(): SocketSource {
  const path = process.env[VARIABLE];
  return path === undefined || path === '' ? hopSource : connectBroker(path);
}
