import type { Socket } from 'node:net';
import { NamespaceNotFoundError, NetnsError } from '../errors.js';
import { BROKER_PROTOCOL, type BrokerReply, encodeError, MAX_LINE_BYTES } from '../socket/broker-protocol.js';
import {
  Errno,
  encodeDescriptors,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  SO_SNDBUF,
  SOL_SOCKET,
  setIntOption,
  sys,
} from '../sys/index.js';
import type { BrokerDecision, BrokerLogger } from './broker.js';
import type { Connections } from './connections.js';
import { type Peer, PeerProcess } from './peer.js';
import type { Policy } from './policy.js';
import { readRequest } from './request.js';
import { type Served, serveRequest } from './serve-request.js';
import type { Turns } from './turns.js';
import type { NamespaceWatches } from './watches.js';

const NEWLINE = 10;
const NOTHING: Buffer = Buffer.alloc(0);
/** Of the replies that a client has not read, and so of the descriptors on their way to it. */
const SEND_BUFFER_BYTES = 16_384;

/** What all connections to a broker share. */
export interface BrokerCore {
  readonly policy: Policy;
  readonly log: BrokerLogger;
  readonly watches: NamespaceWatches;
  readonly connections: Connections;
  readonly turns: Turns;
}

/** One connection to the broker. What a client does wrong ends its own connection and nothing else. */
export class BrokerClient {
  readonly #socket: Socket;
  readonly #fd: number;
  readonly #peer: Peer;
  readonly #process: PeerProcess;
  readonly #policy: Policy;
  readonly #log: BrokerLogger;
  /** The beginning of a line whose end is not there yet. */
  #partial: Buffer = NOTHING;
  #timer: NodeJS.Timeout | undefined;
  /** What the timer is for. */
  #awaited: 'rest' | 'line' | undefined;
  readonly #watches: NamespaceWatches;
  readonly #connections: Connections;
  readonly #turns: Turns;
  /** How many of its requests wait for their turn. */
  #waiting = 0;
  /** The names that it watches, and what ends that. */
  readonly #watched = new Map<string, () => void>();

  /** @throws NetnsError */
  constructor(socket: Socket, fd: number, peer: Peer, { policy, log, watches, connections, turns }: BrokerCore) {
    this.#socket = socket;
    this.#fd = fd;
    this.#peer = peer;
    this.#policy = policy;
    this.#log = log;
    this.#watches = watches;
    this.#connections = connections;
    this.#turns = turns;
    this.#process = new PeerProcess(fd);
    setIntOption(fd, SOL_SOCKET, SO_SNDBUF, SEND_BUFFER_BYTES);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#release());
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('end', () => socket.destroy());
    this.#wait();
  }

  /** Ends the connection between two requests, without an error that would be read as the reply to the next one. */
  end(reason: string): void {
    this.#log({ decision: 'refused', ...this.#caller(), code: 'ERR_BROKER_LIMIT', reason });
    this.#socket.destroy();
  }

  /** Refuses the client with an error that it can read. */
  refuse(code: string, message: string): void {
    this.#send({ version: BROKER_PROTOCOL, error: encodeError(new NetnsError(message, { code })) }, []);
    this.#log({ decision: 'refused', ...this.#caller(), code, reason: message });
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    const { limits } = this.#policy;
    this.#connections.use(this.#peer.uid, this);
    const data = this.#partial.length === 0 ? chunk : Buffer.concat([this.#partial, chunk]);
    let start = 0;
    for (let unread = this.#waiting; ; unread += 1) {
      const end = data.indexOf(NEWLINE, start);
      const length = (end < 0 ? data.length : end + 1) - start;
      if (length > MAX_LINE_BYTES) {
        this.refuse('ERR_BROKER_LIMIT', `a line may have ${MAX_LINE_BYTES} bytes at most`);
        return;
      }
      if (end < 0) break;
      if (unread >= limits.outstanding) {
        this.refuse('ERR_BROKER_LIMIT', `${limits.outstanding} requests may be outstanding at most`);
        return;
      }
      const line = data.toString('utf8', start, end);
      this.#waiting += 1;
      this.#turns.take(this.#peer.uid, () => {
        this.#waiting -= 1;
        if (this.#isServed()) this.#serve(line);
      });
      if (this.#socket.destroyed) return;
      start = end + 1;
    }
    // A copy: a part of the chunk would keep all of it in memory.
    this.#partial = start === data.length ? NOTHING : Buffer.from(data.subarray(start));
    // Half a line that grows byte by byte gets no more time.
    if (start > 0 || this.#timer === undefined || data.length === chunk.length) this.#wait();
  }

  /** Whether the client is still there, and still the process whose rights it has. */
  #isServed(): boolean {
    if (this.#socket.destroyed) return false;
    if (!this.#process.hasEnded) return true;
    this.refuse('ERR_BROKER_DENIED', `the process ${this.#peer.pid}, which made the connection, has ended`);
    return false;
  }

  /** Starts to wait for what comes next: the rest of a line, or a line. */
  #wait(): void {
    const awaited = this.#partial.length > 0 ? 'rest' : this.#watched.size > 0 ? undefined : 'line';
    if (awaited === this.#awaited) {
      this.#timer?.refresh();
      return;
    }
    this.#awaited = awaited;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (awaited === undefined) return;
    const { lineTimeout, idleTimeout } = this.#policy.limits;
    this.#timer =
      awaited === 'line'
        ? setTimeout(() => this.#socket.destroy(), idleTimeout)
        : setTimeout(() => {
            this.refuse('ERR_BROKER_LIMIT', `a line must be complete within ${lineTimeout} milliseconds`);
          }, lineTimeout);
    this.#timer.unref();
  }

  #release(): void {
    clearTimeout(this.#timer);
    this.#process.close();
    this.#connections.remove(this.#peer.uid, this);
    for (const unwatch of this.#watched.values()) unwatch();
    this.#watched.clear();
  }

  #serve(line: string): void {
    const { reply, fds } = this.#decide(line);
    try {
      this.#send(reply, fds);
    } finally {
      for (const fd of fds) sys().close(fd);
    }
  }

  #decide(line: string): Served {
    let asked: Partial<BrokerDecision> = {};
    try {
      const request = readRequest(line);
      const { namespace, version, ...what } = request;
      asked = { namespace, ...what };
      const decision = this.#policy.decide(this.#peer, request);
      if (!decision.allowed) {
        const by = decision.rule === undefined ? '' : `the rule "${decision.rule}": `;
        this.#log({ decision: 'denied', ...this.#caller(), ...asked, rule: decision.rule, reason: decision.reason });
        throw new NetnsError(`the broker's policy denies this: ${by}${decision.reason}`, { code: 'ERR_BROKER_DENIED' });
      }
      asked = { ...asked, rule: decision.rule };
      if (request.request === 'watch') this.#watch(namespace);
      const served = serveRequest(request);
      if (request.request === 'identify' || request.request === 'inspect') this.#watches.note(namespace, served.reply);
      this.#log({ decision: 'granted', ...this.#caller(), ...asked });
      return served;
    } catch (error) {
      const wire = encodeError(error);
      if (error instanceof NamespaceNotFoundError && asked.namespace !== undefined)
        this.#watches.note(asked.namespace, {});
      if (wire.code !== 'ERR_BROKER_DENIED' || asked.rule !== undefined)
        this.#log({ decision: 'failed', ...this.#caller(), ...asked, code: wire.code, reason: String(error) });
      return { reply: { version: BROKER_PROTOCOL, error: wire }, fds: [] };
    }
  }

  /** @throws NetnsError */
  #watch(namespace: string): void {
    if (this.#watched.has(namespace)) return;
    const { watches } = this.#policy.limits;
    if (this.#watched.size >= watches)
      throw new NetnsError(`a connection may watch ${watches} namespaces at most`, { code: 'ERR_BROKER_LIMIT' });
    this.#watched.set(
      namespace,
      this.#watches.add(namespace, (reply) => {
        if (this.#isServed()) this.#send(reply, []);
      }),
    );
  }

  #caller(): Pick<BrokerDecision, 'uid' | 'pid'> {
    return { uid: this.#peer.uid, pid: this.#peer.pid };
  }

  /** At once or not at all: a client that does not read its replies is disconnected. */
  #send(reply: BrokerReply, fds: readonly number[]): void {
    // Its descriptor is closed, and the number may be another one's.
    if (this.#socket.destroyed) return;
    const line = Buffer.from(`${JSON.stringify(reply)}\n`);
    const control = fds.length === 0 ? new Uint8Array(new ArrayBuffer(0)) : encodeDescriptors(fds);
    for (;;) {
      const sent = sys().sendmsg(this.#fd, line, control, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent === line.length) return;
      if (sent === -Errno.EINTR) continue;
      this.#socket.destroy();
      return;
    }
  }
}
