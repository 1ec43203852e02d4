import { type Acknowledgement, readAcknowledgement } from '../message/extended-ack.js';
import type { MessageBytes } from '../message/message-bytes.js';
import type { CallRequest, ControlRequest, Request } from '../operation/request.js';
import { NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR, NLMSG_HDRLEN, NLMSG_NOOP, NLMSG_OVERRUN } from '../uapi/netlink.js';

/** How a request ended: with its value, by the kernel's refusal, or without an answer that could be trusted. */
export type Outcome =
  | { readonly status: 'answered'; readonly value: unknown }
  | { readonly status: 'refused'; readonly refusal: Acknowledgement }
  | { readonly status: 'failed'; readonly code: string; readonly reason: string; readonly cause?: unknown }
  /** The objects changed while the kernel listed them: what came is not complete. */
  | { readonly status: 'interrupted' };

/** Runs requests that are not netlink messages. */
export function outcomeOfCall({ call }: CallRequest<unknown>): Outcome {
  try {
    return { status: 'answered', value: call() };
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    return {
      status: 'failed',
      code: typeof code === 'string' ? code : 'ERR_FAILED',
      reason: String(message ?? error),
      cause: error,
    };
  }
}

/** Carries out what is done with a socket itself. */
export function outcomeOfControl({ control }: ControlRequest<unknown>, fd: number): Outcome {
  const result = control(fd);
  return 'errno' in result
    ? { status: 'refused', refusal: { errno: result.errno, extack: undefined } }
    : { status: 'answered', value: result.value };
}

/** The answer to a request that is under way: what has come of it so far. */
export class PendingAnswer {
  readonly request: Request<unknown>;
  /** Objects of a dump that have come and have not been taken. */
  readonly collected: unknown[] = [];
  outcome: Outcome | undefined;
  /** Whether the last message of the answer has come. A dump that failed goes on until then: it must be read to its end. */
  ended = false;
  #interrupted = false;

  constructor(request: Request<unknown>) {
    this.request = request;
  }

  /** Takes one message. `at` is the offset of its header, `end` the offset behind it. */
  take(bytes: MessageBytes, at: number, end: number, type: number, flags: number): void {
    // What follows the end of an answer is a repetition at best.
    if (this.ended) return;
    if (this.outcome !== undefined) {
      this.ended = type === NLMSG_DONE || type === NLMSG_ERROR;
      return;
    }
    if ((flags & NLM_F_DUMP_INTR) !== 0) this.#interrupted = true;
    const start = at + NLMSG_HDRLEN;
    const { request } = this;
    switch (type) {
      case NLMSG_NOOP:
        return;
      case NLMSG_OVERRUN:
        this.ended = true;
        this.#fail('ERR_NETLINK_OVERRUN', 'the kernel lost a part of the answer');
        return;
      case NLMSG_ERROR:
      case NLMSG_DONE: {
        this.ended = true;
        const acknowledgement = readAcknowledgement(bytes, start, end, flags, type === NLMSG_DONE);
        if (this.#damaged(bytes)) return;
        const { errno } = acknowledgement;
        const nothing = request.answer === 'dump' && errno === request.emptyOn;
        if (errno !== 0 && !nothing) this.outcome = { status: 'refused', refusal: acknowledgement };
        else if (this.#interrupted) this.outcome = { status: 'interrupted' };
        else if (request.answer === 'one')
          this.#fail('ERR_NETLINK_NO_ANSWER', 'the kernel acknowledged the request but sent no object');
        else this.outcome = { status: 'answered', value: resultOf(request, this.collected) };
        return;
      }
    }
    if (request.answer === 'ack' || request.answer === 'call' || request.answer === 'control') return;
    const value = request.decode(bytes, start, end, type);
    if (request.answer === 'one') this.ended = true;
    if (bytes.error !== undefined && this.#damaged(bytes)) return;
    if (request.answer === 'one') this.outcome = { status: 'answered', value };
    else if (value !== undefined) this.collected.push(value);
  }

  #damaged(bytes: MessageBytes): boolean {
    const error = bytes.takeError();
    if (error === undefined) return false;
    this.#fail('ERR_NETLINK_MALFORMED', `the kernel's answer is malformed: ${error}`);
    return true;
  }

  #fail(code: string, reason: string): void {
    this.outcome = { status: 'failed', code, reason };
  }
}

/** The value of an answer that is complete. */
function resultOf(request: Request<unknown>, collected: unknown[]): unknown {
  if (request.answer === 'dump') return collected;
  if (request.answer === 'echo') return request.value === undefined ? collected : request.value(collected);
  return undefined;
}

/**
 * Hands the messages of one datagram to the requests they answer. Requests are numbered consecutively from
 * `firstSequence`; messages with another number, or for another port, are late or stray and are dropped.
 *
 * @param length how many bytes of `bytes` were received
 * @returns how many requests ended by it
 */
export function distribute(
  bytes: MessageBytes,
  length: number,
  portId: number,
  firstSequence: number,
  pending: readonly PendingAnswer[],
): number {
  let ended = 0;
  let at = 0;
  const { u16, u32 } = bytes;
  while (length - at >= NLMSG_HDRLEN) {
    const size = u32[at >> 2] ?? 0;
    // A length that does not even cover its header, or more than has come: nothing behind it can be found.
    if (size < NLMSG_HDRLEN || size > length - at) break;
    const word = at >> 2;
    const answer = pending[((u32[word + 2] ?? 0) - firstSequence) >>> 0];
    if (answer !== undefined && u32[word + 3] === portId && !answer.ended) {
      answer.take(bytes, at, at + size, u16[(at >> 1) + 2] ?? 0, u16[(at >> 1) + 3] ?? 0);
      if (answer.ended) ended += 1;
    }
    at += (size + 3) & ~3;
  }
  return ended;
}
