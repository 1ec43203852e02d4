import { once } from 'node:events';
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { expect, it, vi } from 'vitest';
import { requestOver } from '../src/socket/request-over.ts';

/** A server that keeps what it receives, and answers each request. */
async function startServer() {
  let received = '';
  const server = net.createServer((socket) =>
    socket.on('data', (chunk) => {
      received += chunk;
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
    }),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as net.AddressInfo;
  return { port, received: () => received, [Symbol.dispose]: () => server.close() };
}

it('goes over the connection that it is given, whatever stands in the place of http.request and the global agent', async () => {
  using here = await startServer();
  const { request, globalAgent } = http;
  const replacement = vi.fn();
  Object.assign(http, { request: replacement, globalAgent: undefined });
  syncBuiltinESMExports();
  try {
    const sent = requestOver(net.connect(here.port, '127.0.0.1'), {
      method: 'POST',
      path: '/q',
      headers: { host: 'x' },
    });
    sent.end('body');
    const [response] = (await once(sent, 'response')) as [http.IncomingMessage];
    response.resume();
    await once(response, 'end');
  } finally {
    Object.assign(http, { request, globalAgent });
    syncBuiltinESMExports();
  }
  expect(here.received()).toMatch(/^POST \/q HTTP\/1\.1\r\nhost: x\r\n/);
  expect(replacement).not.toHaveBeenCalled();
});

it('sends nothing over another connection', async () => {
  using wanted = await startServer();
  using other = await startServer();
  const given = net.connect(other.port, '127.0.0.1');
  const own = net.connect(wanted.port, '127.0.0.1');
  // As a library does that forces its own agent on each request.
  const onSocket = http.ClientRequest.prototype.onSocket;
  const forced = vi.spyOn(http.ClientRequest.prototype, 'onSocket').mockImplementation(function (
    this: http.ClientRequest,
  ) {
    onSocket.call(this, given);
  });
  try {
    const sent = requestOver(own, { method: 'POST', path: '/secret', headers: { host: 'x' } });
    sent.end('body');
    const [error] = (await once(sent, 'error')) as [Error];
    expect(error.message).toContain('another connection');
    if (!given.closed) await once(given, 'close');
  } finally {
    forced.mockRestore();
    own.destroy();
  }
  expect(other.received()).toBe('');
  expect(wanted.received()).toBe('');
});
