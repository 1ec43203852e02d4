import type { Socket as DatagramSocket } from 'node:dgram';
import { createServer, isIPv4, type Socket } from 'node:net';
import { type DnsAnswer, MAX_UDP_BYTES, respond } from './dns-message.js';

const PORT = 53;
const MAX_TCP_BYTES = 65_535;
/** A connection on which nothing comes for so long is closed. */
const IDLE_TIMEOUT_MS = 10_000;

/** A DNS server in a namespace. */
export interface DnsServer {
  close(): Promise<void>;
}

/**
 * Starts a DNS server on port 53 of some addresses of a namespace, over UDP and TCP. Each has a socket of its own, so
 * that replies come from the address that was asked.
 */
export async function startDnsServer(
  namespace: string,
  addresses: readonly string[],
  lookUp: (name: string, type: number) => DnsAnswer,
): Promise<DnsServer> {
  const closers: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0)) await closer();
  };
  // A lab without a DNS server does not need it.
  const { createUdpSocket, listenInVrf } = await import('vrf-dial/node');
  try {
    for (const address of addresses) {
      const socket = await createUdpSocket({
        namespace,
        type: isIPv4(address) ? 'udp4' : 'udp6',
        bind: { address, port: PORT },
      });
      closers.push(() => socket.close());
      answerDatagrams(socket, lookUp);
      const connections = new Set<Socket>();
      const server = createServer((connection) => {
        connections.add(connection);
        connection.once('close', () => connections.delete(connection));
        answerStream(connection, lookUp);
      });
      const listener = await listenInVrf(server, { namespace, host: address, port: PORT, waitForNamespace: 0 });
      server.unref();
      closers.push(async () => {
        for (const connection of connections) connection.destroy();
        await listener.close();
      });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

type LookUp = (name: string, type: number) => DnsAnswer;

function answerDatagrams(socket: DatagramSocket, lookUp: LookUp): void {
  socket.on('message', (query, { address, port }) => {
    const response = respond(query, lookUp, MAX_UDP_BYTES);
    // The client may be gone.
    if (response !== undefined) socket.send(response, port, address, () => undefined);
  });
  socket.on('error', () => undefined);
  socket.unref();
}

/** Messages with their length before them, RFC 1035 section 4.2.2. */
function answerStream(connection: Socket, lookUp: LookUp): void {
  let rest: Buffer = Buffer.alloc(0);
  connection.setTimeout(IDLE_TIMEOUT_MS, () => connection.destroy());
  connection.on('error', () => connection.destroy());
  connection.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const end = 2 + rest.readUInt16BE(0);
      const response = respond(rest.subarray(2, end), lookUp, MAX_TCP_BYTES);
      rest = rest.subarray(end);
      if (response === undefined) return void connection.destroy();
      const length = Buffer.alloc(2);
      length.writeUInt16BE(response.length);
      connection.write(Buffer.concat([length, response]));
    }
  });
}
