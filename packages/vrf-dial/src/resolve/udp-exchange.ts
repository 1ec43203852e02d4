import { createSocket } from 'node:dgram';
import { Errno, sys } from 'netns-core/sys';
import type { ResolverContext } from './context.js';
import { decodeResponse, encodeQuery, type Question } from './message.js';
import { type NameServer, socketAddress } from './name-server.js';
import { randomQueryId } from './query-id.js';
import { failedCall, type Reply, timedOut } from './reply.js';

/** What an exchange with a server needs beside the question. */
export interface ExchangeOptions {
  /** In milliseconds. */
  readonly timeout: number;
  readonly edns: boolean;
  readonly signal: AbortSignal;
}

/**
 * Asks one server one or two questions over one socket, which lives for this exchange only: its port is one that the
 * kernel picks at random, and being connected it gets nothing from anybody but the server. What is no answer to the
 * questions (wrong id, another name, garbage) is passed over, and the server waited for further.
 *
 * @returns a promise for each question, which settle on their own
 * @throws NetnsError where no socket can be made in the network at all
 */
export function askOverUdp(
  context: ResolverContext,
  server: NameServer,
  questions: readonly Question[],
  { timeout, edns, signal }: ExchangeOptions,
): Promise<Reply>[] {
  signal.throwIfAborted();
  const calls = sys();
  const fd = context.openSocket(server.family, 'dgram');
  let connected: number;
  const socket = createSocket(server.family === 'ipv6' ? 'udp6' : 'udp4');
  try {
    connected = calls.connect(fd, socketAddress(server, fd));
    // `exclusive`: in a cluster worker the primary would be asked for the port otherwise. The fd is bound by its
    // connect; this only tells libuv to poll it.
    if (connected >= 0) socket.bind({ fd, exclusive: true });
  } catch (error) {
    calls.close(fd);
    socket.close();
    throw error;
  }
  if (connected < 0) {
    calls.close(fd);
    socket.close();
    return questions.map(() => Promise.resolve(failedCall(connected)));
  }

  const waiting = new Map<number, { readonly question: Question; readonly settle: (reply: Reply) => void }>();
  const promises: Promise<Reply>[] = [];
  const end = (): void => {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    socket.close();
  };
  const endWith = (reply: Reply): void => {
    if (waiting.size === 0) return;
    for (const { settle } of waiting.values()) settle(reply);
    waiting.clear();
    end();
  };
  const abort = (): void => endWith({ failure: 'aborted', silent: false });
  const timer = setTimeout(() => endWith(timedOut(timeout)), timeout);
  signal.addEventListener('abort', abort);
  socket.on('message', (bytes) => {
    const id = bytes.length < 2 ? -1 : bytes.readUInt16BE(0);
    const pending = waiting.get(id);
    if (pending === undefined) return;
    const response = decodeResponse(bytes, id, pending.question);
    if (response === undefined) return;
    waiting.delete(id);
    pending.settle({ response });
    if (waiting.size === 0) end();
  });
  // An ICMP error: nobody listens there, or the way is barred.
  socket.on('error', (error: NodeJS.ErrnoException) =>
    endWith({ failure: error.code ?? error.message, silent: false }),
  );

  let broken: Reply | undefined;
  for (const question of questions) {
    if (broken !== undefined) {
      promises.push(Promise.resolve(broken));
      continue;
    }
    let id = randomQueryId();
    while (waiting.has(id)) id = randomQueryId();
    promises.push(
      new Promise((settle) => {
        waiting.set(id, { question, settle });
      }),
    );
    // Sent at once and without libuv, which can neither send on a socket that was connected behind its back to an
    // address with a zone nor tell us that the buffer is full other than much later.
    const sent = calls.send(fd, encodeQuery(id, question, edns), 0);
    if (sent < 0 && sent !== -Errno.EAGAIN) {
      broken = failedCall(sent);
      endWith(broken);
    }
  }
  return promises;
}
