import type { Socket } from 'node:net';
import type { NameServer } from 'netns-core/etc';
import { errnoNumber, sys } from 'netns-core/sys';
import { adoptTcpSocket } from '../socket/adopt-socket.js';
import type { ResolverContext } from './context.js';
import { decodeResponse, encodeQuery, type Question } from './message.js';
import { socketAddress } from './name-server-address.js';
import { randomQueryId } from './query-id.js';
import { ABORTED, failedCall, failedSocket, type Reply, timedOut } from './reply.js';
import type { ExchangeOptions } from './udp-exchange.js';

const EINPROGRESS = errnoNumber('EINPROGRESS');
/** Two messages of the largest size: a server that sends more without an answer among it is not worth listening to. */
const MAX_RECEIVED = 2 * 65_537;

/**
 * Asks one server one question over TCP (RFC 7766), on a connection for this question only.
 *
 * @throws NetnsError where no socket can be made in the network at all
 */
export function askOverTcp(
  context: ResolverContext,
  server: NameServer,
  question: Question,
  { timeout, edns, cancellation }: ExchangeOptions,
): Promise<Reply> {
  cancellation.throwIfCancelled();
  const calls = sys();
  const { fd, network } = context.openSocket(server.family, 'stream');
  let socket: Socket;
  try {
    // The connect is started here rather than by Node, which would look for the zone of an address at home.
    const started = calls.connect(fd, socketAddress(server, fd));
    if (started < 0 && started !== -EINPROGRESS) {
      calls.close(fd);
      return Promise.resolve(overTcp(failedCall(started)));
    }
    socket = adoptTcpSocket(fd, { readable: true, writable: true });
  } catch (error) {
    calls.close(fd);
    throw error;
  }
  const id = randomQueryId();
  const query = encodeQuery(id, question, edns);
  const framed = Buffer.allocUnsafe(query.length + 2);
  framed.writeUInt16BE(query.length, 0);
  framed.set(query, 2);

  return new Promise((resolve) => {
    const end = (reply: Reply): void => {
      clearTimeout(timer);
      withdraw();
      socket.destroy();
      resolve(overTcp(reply));
    };
    const timer = setTimeout(() => end(timedOut(timeout)), timeout);
    const withdraw = cancellation.onCancel(() => end(ABORTED));
    let received: Buffer = Buffer.alloc(0);
    let total = 0;
    socket.on('data', (chunk: Buffer) => {
      total += chunk.length;
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      while (received.length >= 2) {
        const size = received.readUInt16BE(0);
        if (received.length < 2 + size) break;
        const response = decodeResponse(received.subarray(2, 2 + size), id, question);
        if (response !== undefined && !response.truncated) return end({ response, network });
        received = received.subarray(2 + size);
      }
      if (total > MAX_RECEIVED) end({ failure: 'no answer among what it sent', code: 'EBADRESP', silent: false });
    });
    socket.on('error', (error: NodeJS.ErrnoException) => end(failedSocket(error)));
    socket.on('close', () => end({ failure: 'it closed the connection', code: 'ECONNRESET', silent: false }));
    // Waits in libuv until the connection stands.
    socket.write(framed);
  });
}

function overTcp(reply: Reply): Reply {
  return 'response' in reply ? reply : { ...reply, failure: `${reply.failure} (TCP)` };
}
