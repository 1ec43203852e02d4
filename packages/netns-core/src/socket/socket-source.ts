import { connectBroker } from './broker-source.js';
import { hopSource } from './hop-source.js';
import { checkSocketSource, type SocketSource } from './source-types.js';

/** The environment variable that holds the path of a broker's socket. */
const VARIABLE = 'NETNS_BROKER';

// Once per thread, whichever copy of this package is asked: the ESM and the CommonJS build must not differ in it. Each
// copy has a `hopSource` of its own, so that the choice of it is written down by name.
const KEY = Symbol.for('netns-core.socket-source');
const holder = process as typeof process & { [KEY]?: { chosen: SocketSource | 'hop' | undefined } };
holder[KEY] ??= { chosen: undefined };
const state = holder[KEY];

let byDefault: SocketSource | undefined;

/**
 * Makes all sockets of the calling thread come from a source: those of `openSocket` and of everything that uses it.
 * Sockets that are open stay as they are. A worker thread calls it for itself.
 *
 * @param source `hopSource`, or what `connectBroker` returned
 * @throws InvalidOptionError
 */
export function useSocketSource(source: SocketSource): void {
  checkSocketSource('source', source);
  state.chosen = source === hopSource ? 'hop' : source;
}

/**
 * The source in use: that of `useSocketSource`, else the broker that the environment variable NETNS_BROKER names, else
 * {@link hopSource}.
 *
 * @throws InvalidOptionError where NETNS_BROKER is not an absolute path
 */
export function socketSource(): SocketSource {
  if (state.chosen === 'hop') return hopSource;
  if (state.chosen !== undefined) return state.chosen;
  byDefault ??= defaultSource();
  return byDefault;
}

function defaultSource(): SocketSource {
  const path = process.env[VARIABLE];
  return path === undefined || path === '' ? hopSource : connectBroker(path);
}
