import type { DnsServer } from '../target/dns-server.js';
import type { Asking } from './asking.js';
import {
  BADVERS,
  type DnsResponse,
  FORMERR,
  NOERROR,
  NOTIMP,
  NXDOMAIN,
  type Question,
  rcodeErrorCode,
  rcodeName,
} from './message.js';
import { TYPE_NS, TYPE_SOA } from './record-types.js';
import { ABORTED, type Reply } from './reply.js';
import type { ServerFailure } from './server-failures.js';
import { askOverTcp } from './tcp-exchange.js';
import { askOverUdp } from './udp-exchange.js';

/** What all servers together had to say. */
export type Verdict =
  | {
      readonly response: DnsResponse;
      /** The network that it came from, as `ResolverSocket` has it. */
      readonly network: string;
    }
  | {
      /** Each try that failed, in the order in which the servers were asked. */
      readonly failures: readonly ServerFailure[];
      /** A server was reached and would or could not answer; all others were not reached. */
      readonly refused: boolean;
    };

/**
 * Asks the configured servers, in turn and as often as the configuration says, until one gives an answer: records, or
 * that there are none. A server that answers with an error or is not reachable is not asked again; one that keeps
 * silent is.
 *
 * Several questions go to the first server over one socket; where that did not help, each goes its own way, over
 * sockets of its own, since some middleboxes drop the second of two queries from one port.
 *
 * @returns a promise for each question
 */
export function askServers(asking: Asking, questions: readonly Question[]): Promise<Verdict>[] {
  const { context, configuration, first, cancellation } = asking;
  const { servers, timeout, tcp, shareSocket } = configuration;
  const server = servers[first % servers.length];
  let shared: Promise<Reply>[] = [];
  if (server !== undefined && server.secure === undefined && !tcp && shareSocket && questions.length > 1) {
    try {
      shared = askOverUdp(context, server, questions, { timeout, edns: true, cancellation });
    } catch (error) {
      shared = questions.map(() => Promise.reject(error));
    }
  }
  return questions.map((question, index) => askInTurn(asking, question, shared[index]));
}

async function askInTurn(asking: Asking, question: Question, started: Promise<Reply> | undefined): Promise<Verdict> {
  const { first, cancellation } = asking;
  const { servers, attempts } = asking.configuration;
  const failures: ServerFailure[] = [];
  const finished = new Set<DnsServer>();
  let refused = false;
  let pending = started;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    for (let index = 0; index < servers.length; index += 1) {
      const server = servers[(first + index) % servers.length];
      if (server === undefined || finished.has(server)) continue;
      const reply = await askServer(asking, server, question, pending);
      pending = undefined;
      cancellation.throwIfCancelled();
      const failed = (reason: string, code: string, cause?: Error): void => {
        failures.push({ server: server.text, type: question.type, reason, code, cause });
      };
      if ('failure' in reply) {
        failed(reply.failure, reply.code, reply.cause);
        if (!reply.silent) finished.add(server);
        continue;
      }
      const { response, network } = reply;
      const wrong = whyNoAnswer(response);
      if (wrong === undefined) return { response, network };
      failed(wrong.reason, wrong.code);
      finished.add(server);
      refused = true;
    }
  }
  return { failures, refused };
}

/** Asks one server, without EDNS where it does not know that, and over TCP where the answer does not fit. One over TLS is never asked in the clear. */
async function askServer(
  { context, configuration, cancellation }: Asking,
  server: DnsServer,
  question: Question,
  started: Promise<Reply> | undefined,
): Promise<Reply> {
  const { timeout, ca } = configuration;
  const tcp = configuration.tcp || server.secure !== undefined;
  let edns = true;
  for (;;) {
    const options = { timeout, edns, cancellation, ca };
    let reply: Reply | undefined;
    if (tcp) reply = await askOverTcp(context, server, question, options);
    else reply = await ((edns ? started : undefined) ?? askOverUdp(context, server, [question], options)[0]);
    if (reply === undefined || cancellation.cancelled) return ABORTED;
    if ('response' in reply && reply.response.truncated && !tcp)
      reply = await askOverTcp(context, server, question, options);
    if (!edns || !('response' in reply)) return reply;
    const { rcode } = reply.response;
    if (rcode !== FORMERR && rcode !== NOTIMP && rcode !== BADVERS) return reply;
    edns = false;
  }
}

/** Why a response answers nothing, so that the next server has to; `undefined` for a real answer. */
function whyNoAnswer({
  rcode,
  authorities,
  authoritative,
  recursionAvailable,
  counts,
}: DnsResponse): { readonly reason: string; readonly code: string } | undefined {
  if (rcode !== NOERROR && rcode !== NXDOMAIN) return { reason: rcodeName(rcode), code: rcodeErrorCode(rcode) };
  if (rcode !== NOERROR || counts.answers > 0 || authoritative || recursionAvailable) return undefined;
  // The server does no recursion and knows nothing itself. Where it sends us on to others, we do not go.
  if (authorities.some(({ type }) => type === TYPE_NS) && !authorities.some(({ type }) => type === TYPE_SOA))
    return { reason: 'a referral to other servers (it does no recursion)', code: 'EREFUSED' };
  if (counts.additionals === 0)
    return { reason: 'an empty answer (it does not recurse and is not authoritative)', code: 'EREFUSED' };
  return undefined;
}
