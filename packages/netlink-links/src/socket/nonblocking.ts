import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { NetnsError } from 'netns-core';
import { Errno, errnoName, MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC, sys } from 'netns-core/sys';
import { MessageBytes } from '../message/message-bytes.js';
import type { DumpRequest, Request } from '../operation/request.js';
import { distribute, type Outcome, outcomeOfCall, outcomeOfControl, PendingAnswer } from './answers.js';
import { closed, finish, NO_ANSWER_TIMEOUT, NOTHING } from './blocking.js';
import { type DumpParts, giveBack, takeParts } from './dump-parts.js';
import { type Inside, openingInside } from './inside.js';
import { type OpenSocket, ProtocolSockets } from './protocol-sockets.js';
import { RememberedAnswers } from './remembered-answers.js';
import { SendBuffer } from './send-buffer.js';
import { onPool } from './send-thread/pool.js';
import { sendAside } from './send-thread/send-aside.js';
import { allowLargeParts, growForAnswers, type NetlinkSocket } from './socket.js';
import type { Transport } from './transport.js';
import { isTurnOver } from './turn.js';
import { endOfWave, MOST_RESTARTS } from './waves.js';

const STREAM_PART = 512 * 1024;
const LARGEST_OBJECT = 16 * 1024 * 1024;

/**
 * What all connections of this thread receive acknowledgements and single objects into: nothing else runs between the
 * call that fills it and the last look at it. A thousand connections would take 16 MiB otherwise.
 */
let small: MessageBytes | undefined;

interface Call {
  readonly request: Request<unknown>;
  settle(outcome: Outcome): void;
  fail(error: unknown): void;
}

/**
 * Sends requests on another thread (of libuv's pool, or under load one of its own), for the kernel does the work while
 * it is in `send`, and may have to wait for its lock before. Acknowledgements and single objects
 * are there when that returns and are read at once; the parts of a dump are made while they are read, so that is done
 * on the pool, too. The event loop only decodes, a few parts at a time.
 *
 * One write (of up to 128 requests) is under way at a time; calls that come meanwhile wait, and go out together.
 */
export class NonblockingSocket implements Transport {
  readonly #sockets: ProtocolSockets;
  readonly #remembered = new RememberedAnswers();
  readonly #queue: Call[] = [];
  readonly #outgoing = new SendBuffer();
  /** Room for one part of a dump, where an object was met that does not fit into the usual. */
  #largePart = 0;
  #busy = false;
  #closing = false;
  #sequence = 1;

  readonly #inside: Inside;

  private constructor(inside: Inside, open: OpenSocket) {
    this.#sockets = new ProtocolSockets(open);
    this.#inside = inside;
  }

  /** Opens a socket for rtnetlink in a namespace; those for other protocols are opened when they are first needed. */
  static open(inside: Inside, open: OpenSocket = openingInside(inside)): NonblockingSocket {
    const transport = new NonblockingSocket(inside, open);
    transport.#sockets.of('route');
    return transport;
  }

  exchange(requests: readonly Request<unknown>[]): Promise<Outcome[]> {
    if (this.#closing) return Promise.reject(closed());
    const [single] = requests;
    // Most have one request, and a thousand connections at once have many such calls.
    if (single !== undefined && requests.length === 1)
      return new Promise((resolve, reject) => {
        this.#enqueue({ request: single, settle: (outcome) => resolve([outcome]), fail: reject });
      });
    return Promise.all(
      requests.map(
        (request) =>
          new Promise<Outcome>((settle, fail) => {
            this.#enqueue({ request, settle, fail });
          }),
      ),
    );
  }

  #enqueue(call: Call): void {
    this.#queue.push(call);
    if (!this.#busy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#busy = true;
    // Calls made in the same turn of the event loop go out together.
    await undefined;
    while (this.#queue.length > 0) {
      const requests = this.#queue.map(({ request }) => request);
      const calls = this.#queue.splice(0, endOfWave(requests, 0));
      try {
        const outcomes = await this.#exchangeWave(requests.slice(0, calls.length));
        calls.forEach((call, index) => {
          const outcome = outcomes[index];
          if (outcome !== undefined) call.settle(outcome);
        });
      } catch (error) {
        for (const call of calls) call.fail(error);
      }
    }
    this.#busy = false;
    if (this.#closing) this.#sockets.close();
  }

  async #exchangeWave(wave: readonly Request<unknown>[]): Promise<Outcome[]> {
    const [request] = wave;
    if (request === undefined) return [];
    if (request.answer === 'call') return [this.#inside(() => outcomeOfCall(request))];
    const known = this.#remembered.recall(request);
    if (known !== undefined) return [known];
    const socket = this.#sockets.of(request.protocol);
    if (request.answer === 'control') return [outcomeOfControl(request, socket.fd)];
    if (request.answer === 'dump') return this.#exchangeDump(socket, wave);
    const first = this.#sequence;
    checkSent(await this.#send(socket, wave));
    const outcomes = await this.#receive(socket, pendingAnswers(wave), first);
    this.#remembered.keep(request, outcomes[0]);
    return outcomes;
  }

  async #exchangeDump(socket: NetlinkSocket, wave: readonly Request<unknown>[]): Promise<Outcome[]> {
    allowLargeParts(socket);
    for (let restarts = 0; ; restarts += 1) {
      const first = this.#sequence;
      checkSent(await this.#send(socket, wave));
      const outcomes = await this.#receiveDump(socket, pendingAnswers(wave), first);
      if (outcomes[0]?.status !== 'interrupted' || restarts >= MOST_RESTARTS) return outcomes;
      // Whoever makes the changes may need a moment to finish them.
      if (restarts > 2) await delay(restarts);
    }
  }

  /** Numbers requests and sends them; returns what `send(2)` does. */
  #send(socket: NetlinkSocket, wave: readonly Request<unknown>[]): Promise<number> {
    growForAnswers(socket, wave.length);
    const message = this.#outgoing.fill(wave, this.#sequence);
    this.#sequence = (this.#sequence + wave.length) >>> 0;
    return sendAside(socket.fd, message);
  }

  /** Reads acknowledgements and single objects. No dump is under way, so the kernel has no work to do for it. */
  async #receive({ fd, portId }: NetlinkSocket, pending: readonly PendingAnswer[], first: number): Promise<Outcome[]> {
    const calls = sys();
    let waiting = pending.length;
    let patience = NO_ANSWER_TIMEOUT;
    while (waiting > 0) {
      const size = calls.recv(fd, NOTHING, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
      if (size === -Errno.EINTR) continue;
      if (size === -Errno.EAGAIN) {
        if (patience <= 0) break;
        patience -= 1;
        await delay(1);
        continue;
      }
      if (size === -Errno.ENOBUFS)
        return finish(pending, 'ENOBUFS', 'answers were lost because the socket had no room for them');
      if (size < 0) throw NetnsError.fromErrno(-size, 'recv', 'cannot receive a netlink answer');
      small ??= new MessageBytes(16 * 1024);
      const memory = size > small.capacity ? new MessageBytes(size) : small;
      const received = calls.recv(fd, memory.u8, MSG_DONTWAIT);
      if (received > 0) waiting -= distribute(memory, received, portId, first, pending);
    }
    return finish(pending, 'ERR_NETLINK_NO_ANSWER', 'the kernel sent no answer');
  }

  #recvParts({ fd }: NetlinkSocket, parts: DumpParts): Promise<number> {
    return onPool(() => sys().recvmmsgAsync(fd, parts.buffers, parts.sizes, MSG_TRUNC | MSG_DONTWAIT));
  }

  #recvPart({ fd }: NetlinkSocket, memory: MessageBytes): Promise<number> {
    return onPool(() => sys().recvAsync(fd, memory.u8, MSG_TRUNC | MSG_DONTWAIT));
  }

  async #receiveDump(socket: NetlinkSocket, pending: readonly PendingAnswer[], first: number): Promise<Outcome[]> {
    const parts = [takeParts(this.#largePart), takeParts(this.#largePart)] as const;
    try {
      return await this.#readParts(socket, pending, first, parts);
    } finally {
      parts.forEach(giveBack);
    }
  }

  /** Reads a dump: while some parts are decoded here, the kernel makes the next ones on a thread of the pool. */
  async #readParts(
    socket: NetlinkSocket,
    pending: readonly PendingAnswer[],
    first: number,
    [one, two]: readonly [DumpParts, DumpParts],
  ): Promise<Outcome[]> {
    const { portId } = socket;
    const [answer] = pending;
    let current = one;
    let cut = 0;
    let patience = NO_ANSWER_TIMEOUT;
    let arriving: Promise<number> | undefined;
    let problem: Outcome | undefined;
    try {
      while (answer !== undefined && !answer.ended && problem === undefined) {
        arriving ??= this.#recvParts(socket, current);
        const count = await arriving;
        arriving = undefined;
        if (count === -Errno.EINTR) continue;
        if (count === -Errno.EAGAIN && cut === 0 && patience > 0) {
          patience -= 1;
          await delay(1);
          continue;
        }
        if (count < 0) {
          problem = failure(count);
          break;
        }
        const arrived = current;
        current = arrived === one ? two : one;
        // What ends a dump ends the last part; to ask for another one behind it would be in vain.
        if (!arrived.endsDump(count)) arriving = this.#recvParts(socket, current);
        for (let index = 0; index < count; index += 1) {
          if (isTurnOver()) await nextTurn();
          const memory = arrived.memories[index];
          const size = arrived.sizes[index] ?? 0;
          if (memory === undefined) break;
          if (size > memory.capacity) cut = Math.max(cut, size);
          else distribute(memory, size, portId, first, pending);
        }
      }
    } finally {
      // The memory, and the socket, are in use until then.
      await arriving;
    }
    if (cut > 0 && cut <= LARGEST_OBJECT) {
      // An object did not fit. The answer is not complete; with more room it will be.
      this.#largePart = cut * 2;
      return [{ status: 'interrupted' }];
    }
    if (problem !== undefined) return [problem];
    return finish(pending, 'ERR_NETLINK_NO_ANSWER', 'the kernel sent no answer');
  }

  async *stream<E>(request: DumpRequest<E>): AsyncGenerator<E[], Outcome> {
    if (this.#closing) throw closed();
    this.#busy = true;
    try {
      const socket = this.#sockets.of(request.protocol);
      allowLargeParts(socket);
      const first = this.#sequence;
      checkSent(await this.#send(socket, [request]));
      const pending = pendingAnswers([request]);
      const [answer] = pending;
      // A stream cannot start again once it has given objects away, so it has room for the largest ones from the start.
      const memory = new MessageBytes(STREAM_PART);
      let patience = NO_ANSWER_TIMEOUT;
      while (answer !== undefined && !answer.ended) {
        const size = await this.#recvPart(socket, memory);
        if (size === -Errno.EINTR) continue;
        if (size === -Errno.EAGAIN && patience > 0) {
          patience -= 1;
          await delay(1);
          continue;
        }
        if (size < 0) return failure(size);
        if (size > memory.capacity)
          return { status: 'failed', code: 'ERR_NETLINK_TRUNCATED', reason: `an object of ${size} bytes is too long` };
        distribute(memory, size, socket.portId, first, pending);
        const portion = answer.collected.splice(0) as E[];
        if (portion.length > 0) yield portion;
      }
      return (
        answer?.outcome ?? { status: 'failed', code: 'ERR_NETLINK_NO_ANSWER', reason: 'the kernel sent no answer' }
      );
    } finally {
      this.#busy = false;
      if (this.#closing) this.#sockets.close();
    }
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    for (const call of this.#queue.splice(0)) call.fail(closed());
    // A thread of the pool may be using the file descriptor: the one that waits for it closes it.
    if (!this.#busy) this.#sockets.close();
  }
}

function pendingAnswers(wave: readonly Request<unknown>[]): PendingAnswer[] {
  return wave.map((request) => new PendingAnswer(request));
}

function checkSent(result: number): void {
  if (result < 0) throw NetnsError.fromErrno(-result, 'send', 'cannot send a netlink request');
}

/** What a failed `recv` means for the request that waited for it. */
function failure(result: number): Outcome {
  return result === -Errno.ENOBUFS
    ? { status: 'failed', code: 'ENOBUFS', reason: 'answers were lost because the socket had no room for them' }
    : {
        status: 'failed',
        code: 'ERR_NETLINK_NO_ANSWER',
        reason: `the kernel sent no complete answer (recv: ${errnoName(-result)})`,
      };
}
