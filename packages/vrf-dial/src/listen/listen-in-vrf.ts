import type { Server } from 'node:net';
import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { checkListenOptions, checkServer, type ListenOptions, type ListenSettings } from './listen-options.js';
import type { CreateServer } from './listener-servers.js';
import { VrfListener } from './vrf-listener.js';

/**
 * Has a server listen in a VRF, a namespace or on an interface, whenever that is there.
 *
 * The server is the caller's own and stays what it is: its timeouts, limits, socket options, `address()` and `close()`
 * are Node's. While it waits, `server.listening` is false and `server.address()` null. In a worker of a cluster the
 * socket is the worker's own; workers share a port with `reusePort: true`.
 *
 * @param server a server of `node:net`, `http`, `https`, `http2` or `tls` that does not listen yet
 * @returns once it listens or, where the namespace or the address is not there, once it waits
 * @throws InvalidOptionError, InvalidNameError for bad options; BindError where the address is in use or not allowed,
 *   and, at home, where it is not there; NamespaceNotFoundError with `waitForNamespace: 0`; NetnsError
 */
export async function listenInVrf(server: Server, options: ListenOptions): Promise<VrfListener> {
  const settings = checkListenOptions(options, 'listenInVrf');
  return arm(settings, checkServer(server));
}

/**
 * As {@link listenInVrf}, with a new server each time the namespace returns; the one before is closed.
 *
 * @param createListener makes a server that does not listen yet; called once the namespace is there
 * @throws as {@link listenInVrf}, and what `createListener` throws the first time
 */
export async function listenInVrfWith(createListener: CreateServer, options: ListenOptions): Promise<VrfListener> {
  const settings = checkListenOptions(options, 'listenInVrfWith');
  if (typeof createListener !== 'function')
    throw new InvalidOptionError(
      'createListener',
      `createListener must be a function that makes a server, not ${shown(createListener)}`,
    );
  return arm(settings, createListener);
}

async function arm(settings: ListenSettings, server: Server | CreateServer): Promise<VrfListener> {
  settings.signal?.throwIfAborted();
  const listener = new VrfListener(settings, server);
  await listener.arm();
  return listener;
}
