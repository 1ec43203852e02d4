import { errnoName, errnoNumber } from 'netns-core/sys';
import type { DnsResponse } from './message.js';

/** Why a server gave no answer. */
export interface NoReply {
  /** For the message: `no answer within 5 s`, `ECONNREFUSED`. */
  readonly failure: string;
  /** The name of the system's error, or `ETIMEOUT`. */
  readonly code: string;
  /** Nothing was heard, so that asking again may help. */
  readonly silent: boolean;
  /** What Node's TLS or HTTP said, which tells more than the code. */
  readonly cause?: Error | undefined;
}

/** What came of asking one server one question: its response, or why there is none. */
export type Reply =
  | {
      readonly response: DnsResponse;
      /** The network of the socket that it came through, as `ResolverSocket` has it. */
      readonly network: string;
    }
  | NoReply;

/** The largest message. */
export const MAX_MESSAGE = 65_535;
export const NO_ANSWER: NoReply = { failure: 'what it sent is not an answer', code: 'EBADRESP', silent: false };
export const TRUNCATED: NoReply = { failure: 'its answer is truncated', code: 'EBADRESP', silent: false };

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
  const { code } = error;
  // That of a system call has nothing but its code to say.
  const cause = code !== undefined && errnoNumber(code) !== 0 && error.syscall !== undefined ? undefined : error;
  return { failure: code ?? error.message, code: code ?? 'EIO', silent: false, cause };
}
