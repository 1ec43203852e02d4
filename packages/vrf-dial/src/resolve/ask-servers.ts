import type { NameServer } from '../target/name-server.js';
import type { ResolverConfiguration } from './configuration.js';
import type { ResolverContext } from './context.js';
import {
  BADVERS,
  type DnsResponse,
  FORMERR,
  NOERROR,
  NOTIMP,
  NXDOMAIN,
  type Question,
  rcodeName,
  TYPE_NS,
  TYPE_SOA,
} from './message.js';
import type { Reply } from './reply.js';
import type { Stop } from './stop.js';
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
      /** What each server failed with, in the order in which they were asked. */
      readonly failures: readonly { readonly server: string; readonly reason: string }[];
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
 * @param first which server to begin with, for `rotate`
 * @returns a promise for each question
 */
export function askServers(
  context: ResolverContext,
  configuration: ResolverConfiguration,
  questions: readonly Question[],
  first: number,
  stop: Stop,
): Promise<Verdict>[] {
  const { servers, timeout, tcp, shareSocket } = configuration;
  const server = servers[first % servers.length];
  let shared: Promise<Reply>[] = [];
  if (server !== undefined && !tcp && shareSocket && questions.length > 1) {
    try {
      shared = askOverUdp(context, server, questions, { timeout, edns: true, stop });
    } catch (error) {
      shared = questions.map(() => Promise.reject(error));
    }
  }
  return questions.map((question, index) => askInTurn(context, configuration, question, first, stop, shared[index]));
}

async function askInTurn(
  context: ResolverContext,
  configuration: ResolverConfiguration,
  question: Question,
  first: number,
  stop: Stop,
  started: Promise<Reply> | undefined,
): Promise<Verdict> {
  const { servers, attempts } = configuration;
  const failures = new Map<NameServer, string>();
  const finished = new Set<NameServer>();
  let refused = false;
  let pending = started;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    for (let index = 0; index < servers.length; index += 1) {
      const server = servers[(first + index) % servers.length];
      if (server === undefined || finished.has(server)) continue;
      const reply = await askServer(context, configuration, server, question, stop, pending);
      pending = undefined;
      stop.throwIfStopped();
      if ('failure' in reply) {
        failures.set(server, reply.failure);
        if (!reply.silent) finished.add(server);
        continue;
      }
      const { response, network } = reply;
      const wrong = whyNoAnswer(response);
      if (wrong === undefined) return { response, network };
      failures.set(server, wrong);
      finished.add(server);
      refused = true;
    }
  }
  return { failures: [...failures].map(([server, reason]) => ({ server: server.text, reason })), refused };
}

/** Asks one server, without EDNS where it does not know that, and over TCP where the answer does not fit. */
async function askServer(
  context: ResolverContext,
  { timeout, tcp }: ResolverConfiguration,
  server: NameServer,
  question: Question,
  stop: Stop,
  started: Promise<Reply> | undefined,
): Promise<Reply> {
  let edns = true;
  for (;;) {
    const options = { timeout, edns, stop };
    let reply: Reply | undefined;
    if (tcp) reply = await askOverTcp(context, server, question, options);
    else reply = await ((edns ? started : undefined) ?? askOverUdp(context, server, [question], options)[0]);
    if (reply === undefined || stop.stopped) return { failure: 'aborted', silent: false };
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
  answers,
  authorities,
  authoritative,
  recursionAvailable,
}: DnsResponse): string | undefined {
  if (rcode !== NOERROR && rcode !== NXDOMAIN) return rcodeName(rcode);
  // A server that does no recursion and knows nothing itself sends us on to others. We do not go there.
  const referral =
    rcode === NOERROR &&
    answers.length === 0 &&
    !authoritative &&
    !recursionAvailable &&
    authorities.some((record) => record.type === TYPE_NS) &&
    !authorities.some((record) => record.type === TYPE_SOA);
  return referral ? 'a referral to other servers (it does no recursion)' : undefined;
}
