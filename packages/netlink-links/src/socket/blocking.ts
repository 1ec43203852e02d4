import { NetnsError } from 'netns-core';
import { Errno, MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC, POLLIN, sys } from 'netns-core/sys';
import { MessageBytes } from '../message/message-bytes.js';
import type { Request } from '../operation/request.js';
import { distribute, type Outcome, outcomeOfCall, outcomeOfControl, PendingAnswer } from './answers.js';
import { type Inside, openingInside } from './inside.js';
import { type OpenSocket, ProtocolSockets } from './protocol-sockets.js';
import { RememberedAnswers } from './remembered-answers.js';
import { SendBuffer } from './send-buffer.js';
import { allowLargeParts, growForAnswers } from './socket.js';
import type { BlockingTransport } from './transport.js';
import { MOST_RESTARTS, wavesOf } from './waves.js';

/**
 * What all blocking transports of this thread receive into: a call uses it from its first to its last instruction,
 * and nothing else runs in between, so one is enough. It is made at the first use and grows as messages need it.
 */
let memory: MessageBytes | undefined;
const FIRST_SIZE = 64 * 1024;
/** How long a kernel is given that has not answered when `send` returned, in milliseconds. */
export const NO_ANSWER_TIMEOUT = 1000;
export const NOTHING = new Uint8Array(0);

/**
 * Sends requests and waits for the answers with the thread: for use inside a hop, and in scripts. The kernel has
 * answered when `send` returns, so "waiting" is what the kernel takes to do the work.
 */
export class BlockingSocket implements BlockingTransport {
  readonly #sockets: ProtocolSockets;
  readonly #remembered = new RememberedAnswers();
  #open = true;
  #sequence = 1;
  readonly #outgoing = new SendBuffer();

  readonly #inside: Inside;

  private constructor(inside: Inside, open: OpenSocket) {
    this.#sockets = new ProtocolSockets(open);
    this.#inside = inside;
  }

  /**
   * Makes a transport for a namespace; by default the one that the calling thread is in. Its sockets are opened when
   * they are first needed.
   */
  static open(inside: Inside = here, open: OpenSocket = openingInside(inside)): BlockingSocket {
    return new BlockingSocket(inside, open);
  }

  exchange(requests: readonly Request<unknown>[]): Outcome[] {
    const outcomes: Outcome[] = [];
    for (const wave of wavesOf(requests)) {
      const [request] = wave;
      if (request === undefined) continue;
      if (request.answer === 'call') {
        outcomes.push(this.#inside(() => outcomeOfCall(request)));
        continue;
      }
      if (request.answer === 'control') {
        if (!this.#open) throw closed();
        outcomes.push(outcomeOfControl(request, this.#sockets.of(request.protocol).fd));
        continue;
      }
      const known = this.#remembered.recall(request);
      if (known !== undefined) {
        outcomes.push(known);
        continue;
      }
      let outcome = this.#exchangeWave(wave);
      for (let restarts = 0; outcome[0]?.status === 'interrupted' && restarts < MOST_RESTARTS; restarts += 1)
        outcome = this.#exchangeWave(wave);
      this.#remembered.keep(request, outcome[0]);
      outcomes.push(...outcome);
    }
    return outcomes;
  }

  #exchangeWave(wave: readonly Request<unknown>[]): Outcome[] {
    if (!this.#open) throw closed();
    const calls = sys();
    const socket = this.#sockets.of(wave[0]?.protocol);
    const { fd, portId } = socket;
    growForAnswers(socket, wave.length);
    if (wave[0]?.answer === 'dump') allowLargeParts(socket);
    const first = this.#sequence;
    this.#sequence = (first + wave.length) >>> 0;
    const sent = calls.send(fd, this.#outgoing.fill(wave, first), 0);
    if (sent < 0) throw NetnsError.fromErrno(-sent, 'send', 'cannot send a netlink request');
    const pending = wave.map((request) => new PendingAnswer(request));
    let waiting = pending.length;
    while (waiting > 0) {
      // The kernel tells the size of what is next, so nothing is ever cut off.
      const size = calls.recv(fd, NOTHING, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
      if (size === -Errno.EINTR) continue;
      if (size === -Errno.EAGAIN) {
        // The answers are there when send() returns; a kernel that thinks otherwise is given a second.
        if (calls.poll(fd, POLLIN, NO_ANSWER_TIMEOUT) > 0) continue;
        return finish(pending, 'ERR_NETLINK_NO_ANSWER', 'the kernel sent no answer');
      }
      if (size === -Errno.ENOBUFS)
        return finish(pending, 'ENOBUFS', 'answers were lost because the socket had no room for them');
      if (size < 0) throw NetnsError.fromErrno(-size, 'recv', 'cannot receive a netlink answer');
      memory ??= new MessageBytes(FIRST_SIZE);
      if (size > memory.capacity) memory = new MessageBytes(size * 2);
      const received = calls.recv(fd, memory.u8, MSG_DONTWAIT);
      if (received < 0) continue;
      waiting -= distribute(memory, received, portId, first, pending);
    }
    return finish(pending, 'ERR_NETLINK_NO_ANSWER', 'the kernel sent no answer');
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#sockets.close();
  }
}

/** The outcomes of a wave; what has none failed for the given reason. */
export function finish(pending: readonly PendingAnswer[], code: string, reason: string): Outcome[] {
  return pending.map((answer) => answer.outcome ?? { status: 'failed', code, reason });
}

const here: Inside = (run) => run();

export function closed(): NetnsError {
  return new NetnsError('this Netlink is closed', { code: 'ERR_CLOSED' });
}
