import { checkInteger, checkKnownOptions, checkOptionsObject, escaped } from '../checks/index.js';
import { NamespaceNotFoundError, NetnsError } from '../errors.js';
import { NETNS_DIRS } from '../namespace/named-directories.js';
import { describeNamespace, interpret, type NamespaceRef } from '../namespace/reference.js';
import { identityHere, type ReferenceIdentity, referenceIdentity } from '../namespace/reference-identity.js';
import type { Syscalls } from '../sys/index.js';
import { asMove, MADE, type Move } from '../thread/moves.js';
import { threadSys } from '../thread/thread.js';
import { BrokerConnection, brokenReply, closeSlots } from './broker-connection.js';
import {
  BROKER_PROTOCOL,
  type BrokerReply,
  type BrokerRequest,
  checkSocketPath,
  decodeError,
  MAX_SOCKETS,
} from './broker-protocol.js';
import { BrokerWatch } from './broker-watch.js';
import { hopSource } from './hop-source.js';
import type { OpenSocketOptions } from './socket-maker.js';
import type { BindAddress, InspectedNamespace, SocketSource, SourceWatch } from './source-types.js';

/** How a client of a broker behaves. */
export interface ConnectBrokerOptions {
  /**
   * How long a request may take, in milliseconds, while the broker restarts or does not reply. The calling thread waits.
   * After a request that found no broker, further ones fail at once until there is one.
   *
   * @default 1000
   */
  timeout?: number | undefined;
}

/** Sockets that a broker makes. */
export interface BrokerSource extends SocketSource, Disposable {
  /** Closes the connections to the broker. The next request makes a new one. */
  close(): void;
}

/**
 * The socket source of a process that has no privileges: a broker (`netns-broker`) makes the sockets by its policy. The
 * connection is made with the first socket, and again after the broker has restarted.
 *
 * A broker makes sockets in namespaces that have a name in its `/run/netns`. `''` is the caller's own namespace, where
 * no broker is needed, and so is `'default'` where it means that one. Handles, paths and processes are refused (`ERR_BROKER_UNSUPPORTED`).
 *
 * @param socketPath the absolute path of the broker's socket
 * @throws InvalidOptionError
 */
export function connectBroker(socketPath: string, options: ConnectBrokerOptions = {}): BrokerSource {
  checkSocketPath(socketPath);
  checkOptionsObject(options, 'connectBroker');
  checkKnownOptions(options, { callee: 'connectBroker', names: ['timeout'] });
  checkInteger('timeout', options.timeout, 1, 600_000);
  return new ConnectedBroker(socketPath, options.timeout ?? 1000);
}

class ConnectedBroker implements BrokerSource {
  readonly #path: string;
  readonly #connection: BrokerConnection;
  readonly #watch: BrokerWatch;

  constructor(socketPath: string, timeout: number) {
    this.#path = socketPath;
    this.#connection = new BrokerConnection(socketPath, timeout);
    this.#watch = new BrokerWatch(socketPath);
  }

  open(options: OpenSocketOptions, bindTo?: BindAddress): number {
    const { namespace = '' } = options;
    const name = this.#nameOf(namespace);
    if (name === undefined) return hopSource.open({ ...options, namespace: '' }, bindTo);
    return this.#make({ ...openBody(options), bindTo }, namespace, name);
  }

  openMany(options: OpenSocketOptions, fds: Int32Array): number {
    const name = this.#nameOf(options.namespace ?? '');
    if (name === undefined) {
      fds[0] = hopSource.open({ ...options, namespace: '' });
      return 1;
    }
    const calls = threadSys();
    const count = Math.min(fds.length, MAX_SOCKETS);
    const slots = fds.subarray(0, count);
    this.#ask(calls, requestLine({ ...openBody(options), count }, name), slots);
    if ((slots[0] ?? -1) < 0) throw brokenReply(this.#path);
    return slots.filter((fd) => fd >= 0).length;
  }

  openNetlink(ref: NamespaceRef, protocol: number): number {
    const name = this.#nameOf(ref);
    if (name === undefined) return hopSource.openNetlink('', protocol);
    return this.#make({ request: 'netlink', protocol }, ref, name);
  }

  watch(ref: NamespaceRef, changed: () => void): SourceWatch | undefined {
    const name = this.#nameOf(ref);
    return name === undefined ? undefined : this.#watch.add(name, changed);
  }

  identify(ref: NamespaceRef): ReferenceIdentity | undefined {
    const name = this.#nameOf(ref);
    if (name === undefined) return hopSource.identify('');
    try {
      return identityOf(this.#learn({ request: 'identify' }, name));
    } catch (error) {
      if (error instanceof NamespaceNotFoundError) return undefined;
      throw error;
    }
  }

  mustExist(ref: NamespaceRef): void {
    this.inspect(ref);
  }

  inspect(ref: NamespaceRef): InspectedNamespace {
    const name = this.#nameOf(ref);
    if (name === undefined) return hopSource.inspect('');
    const reply = this.#learn({ request: 'inspect' }, name);
    return { identity: identityOf(reply), cookie: reply.cookie === undefined ? undefined : BigInt(reply.cookie) };
  }

  close(): void {
    this.#connection.close();
    this.#watch.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Asks for something other than a socket. */
  #learn(body: RequestBody, name: string): BrokerReply {
    const calls = threadSys();
    const slots = new Int32Array(1).fill(-1);
    const reply = this.#ask(calls, requestLine(body, name), slots);
    if ((slots[0] ?? -1) < 0) return reply;
    closeSlots(calls, slots);
    throw brokenReply(this.#path);
  }

  #make(body: RequestBody, ref: NamespaceRef, name: string): number {
    return asMove(threadSys(), ref, describeNamespace, this.#receiveSocket, requestLine(body, name), undefined);
  }

  /** The thread stays where it is; as a move, the descriptor is closed if V8 ends the caller half-way. */
  readonly #receiveSocket = (calls: Syscalls, move: Move<NamespaceRef>, request: string): number => {
    this.#ask(calls, request, move.fds.subarray(MADE, MADE + 1));
    const fd = move.fds[MADE] ?? -1;
    if (fd < 0) throw brokenReply(this.#path);
    return fd;
  };

  /** `undefined` for the namespace that the thread is in, where no broker is needed. */
  #nameOf(ref: NamespaceRef): string | undefined {
    if (ref === '') return undefined;
    const target = interpret(ref);
    if (target.kind === 'named' && target.orStart && isHere(ref)) return undefined;
    if (target.kind === 'named' && target.dirs === NETNS_DIRS && !target.orStart) return target.name;
    const reason =
      target.kind === 'named' && target.orStart
        ? "makes no sockets in the namespace 'default' where that is not the caller's own: use another name"
        : `knows namespaces by their names in /run/netns alone, not ${describeNamespace(ref)}: use its name`;
    throw new NetnsError(`the broker at ${escaped(this.#path)} ${reason}`, { code: 'ERR_BROKER_UNSUPPORTED' });
  }

  #ask(calls: Syscalls, request: string, slots: Int32Array): BrokerReply {
    const line = this.#connection.ask(calls, request, slots);
    try {
      const reply = parseReply(line);
      if (reply === undefined) throw brokenReply(this.#path);
      if (reply.version !== BROKER_PROTOCOL)
        throw new NetnsError(
          `the broker at ${escaped(this.#path)} speaks version ${escaped(String(reply.version))} of the protocol, this process version ${BROKER_PROTOCOL}: install the same version of netns-core for both`,
          { code: 'ERR_BROKER_VERSION', path: this.#path },
        );
      if (reply.error !== undefined) throw decodeError(reply.error);
      return reply;
    } catch (error) {
      closeSlots(calls, slots);
      throw error;
    }
  }
}

/** Whether a reference means the namespace that the thread is in. */
function isHere(ref: NamespaceRef): boolean {
  const meant = referenceIdentity(ref);
  const here = identityHere(threadSys());
  return meant !== undefined && here !== undefined && meant.dev === here.dev && meant.ino === here.ino;
}

/** A request without what each of them has. */
type RequestBody = BrokerRequest extends infer R
  ? R extends BrokerRequest
    ? Omit<R, 'version' | 'namespace'>
    : never
  : never;

function requestLine(body: RequestBody, namespace: string): string {
  return JSON.stringify({ version: BROKER_PROTOCOL, ...body, namespace });
}

function openBody(options: OpenSocketOptions): Extract<RequestBody, { request: 'open' }> {
  const { namespace: _namespace, source: _source, family, type, ...socketOptions } = options;
  return { request: 'open', family, type, options: socketOptions };
}

function identityOf({ dev, ino }: BrokerReply): ReferenceIdentity | undefined {
  if (dev === undefined || ino === undefined) return undefined;
  return { dev: BigInt(dev), ino: BigInt(ino), id: `NS(${dev}:${ino})` };
}

/** `undefined` for what no broker sends. */
function parseReply(line: string): BrokerReply | undefined {
  let reply: unknown;
  try {
    reply = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof reply !== 'object' || reply === null || !('version' in reply)) return undefined;
  const { dev, ino, cookie, error } = reply as Record<string, unknown>;
  for (const number of [dev, ino, cookie])
    if (number !== undefined && (typeof number !== 'string' || !/^\d{1,20}$/.test(number))) return undefined;
  if (error !== undefined) {
    const { name, code, message } = (error ?? {}) as Record<string, unknown>;
    if (typeof name !== 'string' || typeof code !== 'string' || typeof message !== 'string') return undefined;
  }
  return reply as BrokerReply;
}
