import { errnoName } from 'netns-core/sys';
import type { DnsResponse } from './message.js';

/** What came of asking one server one question: its response, or why there is none. */
export type Reply =
  | {
      readonly response: DnsResponse;
      /** The network of the socket that it came through, as `ResolverSocket` has it. */
      readonly network: string;
    }
  | {
      /** For the message: `no answer within 5 s`, `ECONNREFUSED`. */
      readonly failure: string;
      /** Nothing was heard, so that asking again may help. */
      readonly silent: boolean;
    };

/** No answer in time. */
export function timedOut(timeout: number): Reply {
  return { failure: `no answer within ${timeout / 1000} s`, silent: true };
}

/** A system call's error number (negative, as `Syscalls` gives it) as a reply. */
export function failedCall(result: number): Reply {
  return { failure: errnoName(-result), silent: false };
}
