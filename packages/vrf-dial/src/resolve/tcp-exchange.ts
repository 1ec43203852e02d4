import { isIP, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { errnoNumber, sys } from 'netns-core/sys';
import { setDeadline } from '../deadline.js';
import { adoptTcpSocket } from '../socket/adopt-socket.js';
import type { DnsServer, SecureTransport } from '../target/dns-server.js';
import type { ResolverContext } from './context.js';
import { askByHttp } from './https-exchange.js';
import { decodeResponse, encodeQuery, type Question } from './message.js';
import { socketAddress } from './name-server-address.js';
import { randomQueryId } from './query-id.js';
import { ABORTED, failedCall, failedSocket, NO_ANSWER, type Reply, TRUNCATED, timedOut } from './reply.js';
import type { ExchangeOptions } from './udp-exchange.js';

const EINPROGRESS = errnoNumber('EINPROGRESS');
const HTTPS_PORT = 443;

/**
 * Asks one server one question over TCP (RFC 7766), or as it is to be asked, over TLS (RFC 7858) or HTTPS (RFC 8484), on a
 * connection for this question only, with a TLS session of its own.
 *
 * @throws NetnsError where no socket can be made in the network at all
 */
export function askOverTcp(
  context: ResolverContext,
  server: DnsServer,
  question: Question,
  { timeout, edns, cancellation, ca }: ExchangeOptions,
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
      return Promise.resolve(over(server, failedCall(started)));
    }
    socket = adoptTcpSocket(fd, { readable: true, writable: true });
  } catch (error) {
    calls.close(fd);
    throw error;
  }
  // RFC 8484 section 4.1: caches of HTTP tell queries apart by their bytes.
  const id = server.secure?.path === undefined ? randomQueryId() : 0;
  const query = encodeQuery(id, question, edns);

  return new Promise((resolve) => {
    const { secure } = server;
    let stream = socket;
    const end = (reply: Reply): void => {
      deadline.clear();
      withdraw();
      stream.destroy();
      socket.destroy();
      resolve(over(server, reply));
    };
    const failed = (error: NodeJS.ErrnoException): void => end(failedSocket(error));
    const deadline = setDeadline(timeout, () => end(timedOut(timeout)));
    const withdraw = cancellation.onCancel(() => end(ABORTED));
    socket.on('error', failed);
    try {
      if (secure !== undefined) stream = overTls(socket, secure, ca);
    } catch (error) {
      end(failedSocket(error as Error));
      return;
    }
    stream.on('error', failed);
    stream.on('close', () => end({ failure: 'it closed the connection', code: 'ECONNRESET', silent: false }));
    // Only this question was asked on this connection: what else comes is no reason to wait for more.
    const received = (message: Uint8Array): void => {
      const response = decodeResponse(message, id, question);
      if (response === undefined) end(NO_ANSWER);
      else end(response.truncated ? TRUNCATED : { response, network });
    };
    if (secure?.path === undefined) exchangeFrames(stream, query, received);
    else askByHttp(stream, hostHeader(server, secure), secure.path, query, received, end);
  });
}

/** Sends a message and receives one, with its length before each. */
function exchangeFrames(stream: Socket, query: Uint8Array, received: (message: Uint8Array) => void): void {
  const framed = Buffer.allocUnsafe(query.length + 2);
  framed.writeUInt16BE(query.length, 0);
  framed.set(query, 2);
  let bytes: Buffer = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    if (bytes.length < 2) return;
    const end = 2 + bytes.readUInt16BE(0);
    if (bytes.length >= end) received(bytes.subarray(2, end));
  });
  // Waits in libuv until the connection stands.
  stream.write(framed);
}

/**
 * The server's certificate must be for its name, or for its address, whatever NODE_TLS_REJECT_UNAUTHORIZED says. No session
 * is kept or resumed.
 */
function overTls(socket: Socket, { name }: SecureTransport, ca: readonly string[] | undefined): Socket {
  // An address must not be sent as the name of a server (RFC 6066 section 3).
  const peer = isIP(name) === 0 ? { host: name, servername: name } : { host: name };
  return tlsConnect({ socket, ...peer, rejectUnauthorized: true, ...(ca === undefined ? undefined : { ca: [...ca] }) });
}

function hostHeader({ port }: DnsServer, { name }: SecureTransport): string {
  return `${name.includes(':') ? `[${name}]` : name}${port === HTTPS_PORT ? '' : `:${port}`}`;
}

function over({ secure }: DnsServer, reply: Reply): Reply {
  if ('response' in reply) return reply;
  const transport = secure === undefined ? 'TCP' : secure.path === undefined ? 'TLS' : 'HTTPS';
  return { ...reply, failure: `${reply.failure} (${transport})` };
}
