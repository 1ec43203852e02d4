import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hopSource } from 'netns-core';
import { readAddress } from '../src/address/address.ts';
import { openBoundSocket } from '../src/socket/bind-socket.ts';
import { resolveTarget } from '../src/target/target.ts';

/** A server in a namespace. `close` also ends its connections, which would hold the namespace alive. */
export interface RunningServer<S extends Server = Server> extends AsyncDisposable {
  readonly server: S;
  readonly port: number;
  readonly connections: ReadonlySet<Socket>;
  close(): Promise<void>;
}

/** Lets a server of Node's listen in a namespace, with as little code of ours as possible. */
export async function serveIn<S extends Server>(
  namespace: string,
  server: S,
  host: string,
  port: number,
): Promise<RunningServer<S>> {
  const address = readAddress(host);
  if (address === undefined) throw new Error(`${host} is not an address`);
  const fd = openBoundSocket({
    target: resolveTarget({ namespace, reuseAddress: true, source: hopSource }),
    namespace,
    type: 'stream',
    address,
    port,
    backlog: 128,
  });
  const connections = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    socket.on('error', () => {});
  });
  server.listen({ fd });
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of [...connections]) socket.destroy();
    await closed;
  };
  return { server, port, connections, close, [Symbol.asyncDispose]: close };
}

export interface Certificate {
  readonly ca: string;
  readonly key: string;
  readonly cert: string;
}

/** A certificate of a CA that exists only for this run, made by openssl. */
export function makeCertificate(names: readonly string[]): Certificate {
  const folder = mkdtempSync(path.join(tmpdir(), 'vrf-dial-ca-'));
  const file = (name: string): string => path.join(folder, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { stdio: 'pipe', cwd: folder });
  };
  try {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Test CA', '-days', '2');
    openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=server');
    execFileSync('sh', ['-c', `echo "subjectAltName=${names.join(',')}" > ext`], { cwd: folder });
    openssl(
      ...['x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
      ...['-out', 'server.pem', '-days', '2', '-extfile', 'ext'],
    );
    return {
      ca: readFileSync(file('ca.pem'), 'utf8'),
      key: readFileSync(file('server.key'), 'utf8'),
      cert: readFileSync(file('server.pem'), 'utf8'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** An http server that answers with its own name, or as it is told. */
export function httpServerIn(
  namespace: string,
  host: string,
  port: number,
  handler: Handler = (_request, response) => response.end(namespace),
) {
  return serveIn(namespace, createHttpServer({ keepAliveTimeout: 60_000 }, handler), host, port);
}

export function httpsServerIn(
  namespace: string,
  host: string,
  port: number,
  { key, cert }: Certificate,
  handler: Handler = (_request, response) => response.end(namespace),
) {
  return serveIn(namespace, createHttpsServer({ key, cert, keepAliveTimeout: 60_000 }, handler), host, port);
}

/** HTTP/2 over TLS, and HTTP/1.1 for those who know no better. */
export function http2ServerIn(namespace: string, host: string, port: number, { key, cert }: Certificate) {
  const server = createSecureServer({ key, cert, allowHTTP1: true }, (request, response) => {
    response.setHeader('x-version', request.httpVersion);
    response.end(namespace);
  });
  server.on('session', (session) => session.on('error', () => {}));
  return serveIn(namespace, server as unknown as Server, host, port);
}
