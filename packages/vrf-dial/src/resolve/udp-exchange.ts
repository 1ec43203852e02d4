import type { NameServer } from 'netns-core/etc';
import { Errno, sys } from 'netns-core/sys';
import type { Cancellation } from '../cancellation.js';
import { setDeadline } from '../deadline.js';
import type { ResolverContext } from './context.js';
import { receiveDatagrams } from './datagram-receiver.js';
import { decodeResponse, encodeQuery, type Question } from './message.js';
import { socketAddress } from './name-server-address.js';
import { randomQueryId } from './query-id.js';
import { ABORTED, failedCall, failedSocket, type Reply, timedOut } from './reply.js';

/**
 * How long the answer to the second question is waited for once the first has been answered, before that query is
 * taken for lost and sent again, in milliseconds.
 */
const LOST_AFTER = 400;

/** What an exchange with a server needs beside the question. */
export interface ExchangeOptions {
  /** In milliseconds. */
  readonly timeout: number;
  readonly edns: boolean;
  readonly cancellation: Cancellation;
  /** Authorities for servers over TLS and HTTPS; `undefined` for Node's. */
  readonly ca?: readonly string[] | undefined;
}

/**
 * Asks one server one or two questions over one socket, which lives for this exchange only: its port is one that the
 * kernel picks at random, and being connected it gets nothing from other addresses than the server's. What does not
 * answer the questions (wrong id, another name, garbage) is passed over, and the wait for the server goes on.
 *
 * @returns a promise for each question, which settle on their own
 * @throws NetnsError where no socket can be made in the network at all
 */
export function askOverUdp(
  context: ResolverContext,
  server: NameServer,
  questions: readonly Question[],
  { timeout, edns, cancellation }: ExchangeOptions,
): Promise<Reply>[] {
  cancellation.throwIfCancelled();
  const calls = sys();
  const { fd, network } = context.openSocket(server.family, 'dgram');
  let connected: number;
  try {
    connected = calls.connect(fd, socketAddress(server, fd));
  } catch (error) {
    calls.close(fd);
    throw error;
  }
  if (connected < 0) {
    calls.close(fd);
    return questions.map(() => Promise.resolve(failedCall(connected)));
  }

  const waiting = new Map<
    number,
    { readonly query: Uint8Array; readonly question: Question; readonly settle: (reply: Reply) => void }
  >();
  const promises: Promise<Reply>[] = [];
  let broken = 0;
  for (const question of questions) {
    let id = randomQueryId();
    while (waiting.has(id)) id = randomQueryId();
    // Sent at once and without libuv, which can neither send to an address with a zone nor tell soon that the buffer
    // is full. A query that does not fit is a query lost.
    const query = encodeQuery(id, question, edns);
    const sent = broken < 0 ? broken : calls.send(fd, query, 0);
    if (sent < 0 && sent !== -Errno.EAGAIN) broken = sent;
    promises.push(
      new Promise((settle) => {
        waiting.set(id, { query, question, settle });
      }),
    );
  }
  if (broken < 0) {
    calls.close(fd);
    for (const { settle } of waiting.values()) settle(failedCall(broken));
    return promises;
  }

  const endWith = (reply: Reply): void => {
    if (waiting.size === 0) return;
    for (const { settle } of waiting.values()) settle(reply);
    waiting.clear();
    end();
  };
  const received = (bytes: Uint8Array): void => {
    const id = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
    const pending = waiting.get(id);
    if (pending === undefined) return;
    const response = decodeResponse(bytes, id, pending.question);
    if (response === undefined) return;
    waiting.delete(id);
    pending.settle({ response, network });
    if (waiting.size === 0) end();
    else lost ??= setTimeout(sendAgain, LOST_AFTER);
  };
  // The same bytes over the same socket: whichever of the two is answered first will do.
  const sendAgain = (): void => {
    for (const { query } of waiting.values()) socket.send(query);
  };
  // An error is an ICMP message: the port is closed, or a firewall rejects.
  const socket = receiveDatagrams(fd, server, received, (error) => endWith(failedSocket(error)));
  let lost: NodeJS.Timeout | undefined;
  const deadline = setDeadline(timeout, () => endWith(timedOut(timeout)), { handshake: false });
  const withdraw = cancellation.onCancel(() => endWith(ABORTED));
  const end = (): void => {
    deadline.clear();
    clearTimeout(lost);
    withdraw();
    socket.close();
  };
  return promises;
}
