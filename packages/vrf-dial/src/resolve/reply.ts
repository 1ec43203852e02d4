import { errnoName } from 'netns-core/sys';
import type { DnsResponse } from './message.js';

/** Why a server gave no answer. */
export interface NoReply {
  /** For the message: `no answer within 5 s`, `ECONNREFUSED`. */
  readonly failure: string;
  /** The name of the system's error, or `ETIMEOUT`. */
  readonly code: string;
  /** Nothing was heard, so that asking again may help. */
  readonly silent: boolean;
}

/** What came of asking one server one question: its response, or why there is none. */
export type Reply =
  | {
      readonly response: DnsResponse;
      /** The network of the socket that it came through, as `ResolverSocket` has it. */
      readonly network: string;
    }
  | NoReply;

/** Two messages of the largest size: a server that sends more without an answer among it is not worth listening to. */
export const MAX_RECEIVED = 2 * 65_537;
export const NO_ANSWER: NoReply = { failure: 'no answer among what it sent', code: 'EBADRESP', silent: false };

/** The question is no longer of interest. */
export const ABORTED: NoReply = { failure: 'aborted', code: 'ECANCELLED', silent: false };

/** No answer in time. */
export function timedOut(timeout: number): NoReply {
  return { failure: `no answer within ${timeout / 1000} s`, code: 'ETIMEOUT', silent: true };
}

/** A system call's error number (negative, as `Syscalls` gives it) as a reply. */
export function failedCall(result: number): NoReply {
  const code = errnoName(-result);
  return { failure: code, code, silent: false };
}

/** An error of Node's socket as a reply. */
export function failedSocket(error: NodeJS.ErrnoException): NoReply {
  return { failure: error.code ?? error.message, code: error.code ?? 'EIO', silent: false };
}
