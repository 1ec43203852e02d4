import { existsSync, lstatSync, unlinkSync } from 'node:fs';
import { connect as connectTo, createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { isMainThread } from 'node:worker_threads';
import {
  checkFunction,
  checkInteger,
  checkKnownOptions,
  checkOptionsObject,
  checkSignal,
  onAbort,
  shown,
} from '../checks/index.js';
import { NetnsError } from '../errors.js';
import { type BrokerRequest, checkSocketPath } from '../socket/broker-protocol.js';
import type { SocketOptions } from '../socket/socket-options.js';
import type { BindAddress } from '../socket/source-types.js';
import { sys } from '../sys/index.js';
import { checkListens } from './activation.js';
import { BrokerClient, type BrokerCore } from './client.js';
import { Connections } from './connections.js';
import { type Peer, peerOf } from './peer.js';
import { type BrokerPolicy, Policy } from './policy.js';
import { Turns } from './turns.js';
import { NamespaceWatches } from './watches.js';

/** One decision of a broker, as its logger gets it. All of it can be written as JSON. */
export interface BrokerDecision {
  /** `'refused'`: the connection was ended, because of a limit or of what the client sent. */
  readonly decision: 'granted' | 'denied' | 'failed' | 'refused';
  readonly uid: number;
  readonly pid: number;
  readonly request?: BrokerRequest['request'];
  readonly namespace?: string;
  readonly family?: 'ipv4' | 'ipv6';
  readonly type?: 'stream' | 'dgram' | 'ping';
  readonly options?: SocketOptions;
  readonly bindTo?: BindAddress | undefined;
  /** How many sockets; 1 without it. */
  readonly count?: number | undefined;
  /** Of a netlink socket. */
  readonly protocol?: number;
  /** The rule that allowed or denied it. */
  readonly rule?: string | undefined;
  /** The error's code, for `'failed'` and `'refused'`. */
  readonly code?: string;
  readonly reason?: string;
}

export type BrokerLogger = (decision: BrokerDecision) => void;

export interface StartBrokerOptions {
  /** The absolute path of the socket that clients connect to. What is there and in use is left alone. */
  path: string;
  /**
   * A UNIX stream socket that listens at `path` already, such as one that systemd has passed. The broker's from then on;
   * the file stays when the broker is closed.
   */
  fd?: number | undefined;
  policy: BrokerPolicy;
  /** Gets each decision. What it throws is an uncaught exception. */
  logger?: BrokerLogger | undefined;
  /** Closes the broker. */
  signal?: AbortSignal | undefined;
}

/** A broker that listens. */
export interface Broker extends AsyncDisposable {
  readonly path: string;
  /** Ends all connections and removes the socket, unless it was passed. Sockets that clients have got stay theirs. */
  close(): Promise<void>;
}

/**
 * Starts a broker: it makes sockets in namespaces for processes that may not enter them, by a policy. The process
 * needs CAP_SYS_ADMIN. Any user may connect; the policy decides by the user and the groups of the caller, as the kernel
 * tells them.
 *
 * @throws InvalidOptionError, NetnsError (`EADDRINUSE` where a broker listens already)
 */
export async function startBroker(options: StartBrokerOptions): Promise<Broker> {
  checkOptionsObject(options, 'startBroker');
  checkKnownOptions(options, { callee: 'startBroker', names: ['path', 'fd', 'policy', 'logger', 'signal'] });
  const { path: socketPath, fd, logger, signal } = options;
  checkSocketPath(socketPath);
  checkInteger('fd', fd, 0, 0x7fffffff);
  checkFunction('logger', logger);
  checkSignal('signal', signal);
  const policy = new Policy(options.policy);
  if (!isMainThread)
    throw new NetnsError('a broker runs in the main thread alone: start it as a process of its own', {
      code: 'ERR_BROKER_UNSUPPORTED',
    });
  signal?.throwIfAborted();
  const log: BrokerLogger = (decision) => {
    try {
      logger?.(decision);
    } catch (error) {
      // Not here: the decision stands, and its reply and its descriptor are still to be sent and closed.
      process.nextTick(() => {
        throw error;
      });
    }
  };
  const sockets = new Set<Socket>();
  const core: BrokerCore = {
    policy,
    log,
    watches: new NamespaceWatches(),
    connections: new Connections(policy.limits),
    turns: new Turns(),
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    accept(socket, core);
  });
  // Loads koffi now: what is missing is an error of the start, not of each client.
  sys().close(-1);
  if (fd === undefined) {
    await removeStale(socketPath);
    await makeSocket(server, socketPath);
  } else {
    checkListens(fd, socketPath);
    await listen(server, socketPath, { fd });
  }
  let closing: Promise<void> | undefined;
  let withdraw: (() => void) | undefined;
  const close = (): Promise<void> => {
    withdraw?.();
    closing ??= new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
    return closing;
  };
  if (signal?.aborted) {
    await close();
    throw signal.reason;
  }
  if (signal !== undefined) withdraw = onAbort(signal, () => void close());
  return { path: socketPath, close, [Symbol.asyncDispose]: close };
}

function accept(socket: Socket, core: BrokerCore): void {
  const { policy, log, connections } = core;
  const fd = (socket as Socket & { _handle?: { fd?: number } | null })._handle?.fd ?? -1;
  let client: BrokerClient;
  let peer: Peer;
  try {
    if (fd < 0) throw new NetnsError('the connection has no file descriptor', { code: 'ERR_BROKER_FAILED' });
    peer = peerOf(fd);
    client = new BrokerClient(socket, fd, peer, core);
  } catch (error) {
    socket.destroy();
    log({ decision: 'refused', uid: -1, pid: -1, code: 'ERR_BROKER_FAILED', reason: String(error) });
    return;
  }
  const { uid } = peer;
  // Users who get nothing anyway cannot take the connections that others need.
  if (!policy.knows(peer)) {
    client.refuse('ERR_BROKER_DENIED', `the broker's policy denies this: no rule is for the user ${uid}`);
    return;
  }
  const noRoom = connections.add(uid, client);
  if (noRoom !== undefined) client.refuse('ERR_BROKER_LIMIT', noRoom);
}

/** Removes the socket of a broker that is gone. */
async function removeStale(socketPath: string): Promise<void> {
  if (lstatSync(socketPath, { throwIfNoEntry: false })?.isSocket() !== true) return;
  const refused = await new Promise<boolean>((resolve) => {
    const probe = connectTo(socketPath, () => {
      probe.destroy();
      resolve(false);
    });
    probe.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
  if (refused) unlinkSync(socketPath);
}

/**
 * Makes the socket that any user may connect to: the policy decides which of them gets which socket, and a directory can
 * keep users away altogether. It has its mode from the start, since `chmod` would come late, and to whatever is there then.
 */
function makeSocket(server: Server, socketPath: string): Promise<void> {
  const mask = process.umask(0o111);
  try {
    // It is there when the call returns: `exclusive` keeps a cluster's primary, which would make it later, out of it.
    return listen(server, socketPath, { path: socketPath, exclusive: true });
  } finally {
    process.umask(mask);
  }
}

function listen(server: Server, socketPath: string, how: ListenOptions | { fd: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ code = 'ERR_BROKER_FAILED', message, errno, syscall }: NodeJS.ErrnoException) => {
      const advice =
        code === 'EADDRINUSE'
          ? '. Something listens there, or it is another kind of file'
          : existsSync(path.dirname(socketPath))
            ? ''
            : `. There is no directory ${shown(path.dirname(socketPath))}: make it first`;
      reject(
        new NetnsError(`the broker cannot listen at ${shown(socketPath)}: ${message}${advice}`, {
          code,
          errno: errno === undefined ? undefined : -errno,
          syscall,
          path: socketPath,
        }),
      );
    });
    server.listen(how, resolve);
  });
}
