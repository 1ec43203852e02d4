import { checkFunction, checkKnownOptions, checkOptionsObject } from '../checks/index.js';
import { sys } from '../sys/index.js';
import { type OpenSocketOptions, openSocket } from './open-socket.js';
import { checkSocketOptions, SOCKET_OPTION_NAMES, SOCKET_OPTION_SYNONYMS } from './socket-options.js';

/** What {@link SocketReserve} makes. */
export interface ReserveOptions extends Omit<OpenSocketOptions, 'family' | 'type'> {
  /** Sets what else is wanted of each socket. */
  prepare?: ((fd: number) => void) | undefined;
}

/**
 * Makes sockets with the same options, one for each call. It no longer makes any ahead: a socket that was made before
 * it was asked for may be in a namespace that the reference does not mean any more.
 *
 * @deprecated use {@link openSocket}
 */
export class SocketReserve {
  readonly #options: Omit<OpenSocketOptions, 'family' | 'type'>;
  readonly #prepare: ReserveOptions['prepare'];

  /** @throws InvalidOptionError */
  constructor(options: ReserveOptions = {}) {
    checkOptionsObject(options, 'SocketReserve');
    checkKnownOptions(options, {
      callee: 'SocketReserve',
      names: ['namespace', 'prepare', ...SOCKET_OPTION_NAMES],
      synonyms: SOCKET_OPTION_SYNONYMS,
    });
    checkFunction('prepare', options.prepare);
    checkSocketOptions(options);
    const { prepare, ...socketOptions } = options;
    this.#options = socketOptions;
    this.#prepare = prepare;
  }

  /**
   * Makes a socket.
   *
   * @returns a non-blocking, close-on-exec file descriptor, which the caller owns
   * @throws as {@link openSocket}, and what `prepare` throws; no file descriptor stays open then
   */
  open(family: OpenSocketOptions['family'], type: OpenSocketOptions['type']): number {
    const fd = openSocket({ ...this.#options, family, type });
    try {
      this.#prepare?.(fd);
      return fd;
    } catch (error) {
      sys().close(fd);
      throw error;
    }
  }
}
