import type { Socket } from 'node:net';
import { NetnsError } from '../errors.js';
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
import type { Peer } from './peer.js';
import type { Policy } from './policy.js';
import { readRequest } from './request.js';
import { type Served, serveRequest } from './serve-request.js';

const NEWLINE = 10;
/** Of the replies that a client has not read, and so of the descriptors on their way to it. */
const SEND_BUFFER_BYTES = 16_384;

/** One connection to the broker. What a client does wrong ends its own connection and nothing else. */
export class BrokerClient {
  readonly #socket: Socket;
  readonly #fd: number;
  readonly #peer: Peer;
  readonly #policy: Policy;
  readonly #log: BrokerLogger;
  /** The beginning of a line whose end is not there yet. */
  #partial: Buffer = Buffer.alloc(0);
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, fd: number, peer: Peer, policy: Policy, log: BrokerLogger) {
    this.#socket = socket;
    this.#fd = fd;
    this.#peer = peer;
    this.#policy = policy;
    this.#log = log;
    setIntOption(fd, SOL_SOCKET, SO_SNDBUF, SEND_BUFFER_BYTES);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => clearTimeout(this.#timer));
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('end', () => socket.destroy());
    this.#wait();
  }

  /** Refuses the client with an error that it can read. */
  refuse(code: string, message: string): void {
    this.#send({ version: BROKER_PROTOCOL, error: encodeError(new NetnsError(message, { code })) }, -1);
    this.#log({ decision: 'refused', ...this.#caller(), code, reason: message });
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    const { limits } = this.#policy;
    const data = this.#partial.length === 0 ? chunk : Buffer.concat([this.#partial, chunk]);
    let start = 0;
    for (let served = 0; ; served += 1) {
      const end = data.indexOf(NEWLINE, start);
      const length = (end < 0 ? data.length : end + 1) - start;
      if (length > MAX_LINE_BYTES) {
        this.refuse('ERR_BROKER_LIMIT', `a line may have ${MAX_LINE_BYTES} bytes at most`);
        return;
      }
      if (end < 0) break;
      if (served >= limits.outstanding) {
        this.refuse('ERR_BROKER_LIMIT', `${limits.outstanding} requests may be outstanding at most`);
        return;
      }
      this.#serve(data.toString('utf8', start, end));
      if (this.#socket.destroyed) return;
      start = end + 1;
    }
    // A copy: a part of the chunk would keep all of it in memory.
    this.#partial = Buffer.from(data.subarray(start));
    // Half a line that grows byte by byte gets no more time.
    if (start > 0 || this.#timer === undefined || data.length === chunk.length) this.#wait();
  }

  #wait(): void {
    const { lineTimeout, idleTimeout } = this.#policy.limits;
    clearTimeout(this.#timer);
    this.#timer =
      this.#partial.length > 0
        ? setTimeout(() => {
            this.refuse('ERR_BROKER_LIMIT', `a line must be complete within ${lineTimeout} milliseconds`);
          }, lineTimeout)
        : setTimeout(() => this.#socket.destroy(), idleTimeout);
    this.#timer.unref();
  }

  #serve(line: string): void {
    const { reply, fd } = this.#decide(line);
    try {
      this.#send(reply, fd);
    } finally {
      if (fd >= 0) sys().close(fd);
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
      const served = serveRequest(request);
      this.#log({ decision: 'granted', ...this.#caller(), ...asked });
      return served;
    } catch (error) {
      const wire = encodeError(error);
      if (wire.code !== 'ERR_BROKER_DENIED' || asked.rule !== undefined)
        this.#log({ decision: 'failed', ...this.#caller(), ...asked, code: wire.code, reason: String(error) });
      return { reply: { version: BROKER_PROTOCOL, error: wire }, fd: -1 };
    }
  }

  #caller(): Pick<BrokerDecision, 'uid' | 'pid'> {
    return { uid: this.#peer.uid, pid: this.#peer.pid };
  }

  /** At once or not at all: a client that does not read its replies is disconnected. */
  #send(reply: BrokerReply, fd: number): void {
    // Its descriptor is closed, and the number may be another one's.
    if (this.#socket.destroyed) return;
    const line = Buffer.from(`${JSON.stringify(reply)}\n`);
    const control = fd < 0 ? new Uint8Array(new ArrayBuffer(0)) : encodeDescriptors([fd]);
    for (;;) {
      const sent = sys().sendmsg(this.#fd, line, control, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent === line.length) return;
      if (sent === -Errno.EINTR) continue;
      this.#socket.destroy();
      return;
    }
  }
}
