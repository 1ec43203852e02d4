import { checkOpenSocketOptions, type OpenSocketOptions } from './socket-maker.js';
import { socketSource } from './socket-source.js';

export type { OpenSocketOptions };

/**
 * Makes a socket in a namespace and sets its options. Nothing is bound or connected. The socket
 * comes from the socket source in use: a hop, unless `useSocketSource` or NETNS_BROKER says otherwise.
 *
 * @returns a non-blocking, close-on-exec file descriptor, which the caller owns: hand it to
 *   `new net.Socket({ fd })`, `server.listen({ fd })` or `dgram.bind({ fd })`
 * @throws InvalidOptionError, or the errors of {@link runInNamespace}, or the kernel's, naming the option
 *   that failed; no file descriptor stays open then
 */
export function openSocket(options: OpenSocketOptions): number {
  checkOpenSocketOptions(options);
  return (options.source ?? socketSource()).open(options);
}
