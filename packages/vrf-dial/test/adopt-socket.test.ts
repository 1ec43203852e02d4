import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { openSocket } from 'netns-core';
import { type NameServer, parseNameServer } from 'netns-core/etc';
import { errnoNumber, sys } from 'netns-core/sys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leakedFds, openFds, retryUntil } from '#testkit';
import { socketAddress } from '../src/resolve/name-server-address.ts';
import { adoptTcpSocket } from '../src/socket/adopt-socket.ts';
import { fdOf, handleOf } from '../src/socket/handle-fd.ts';

let echo: Server;
beforeAll(async () => {
  echo = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
});
afterAll(() => echo.close());

const made = (): number => openSocket({ family: 'ipv4', type: 'stream' });

async function echoed(socket: Socket, text: string): Promise<string> {
  socket.connect((echo.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  socket.end(text);
  let received = '';
  for await (const part of socket.setEncoding('utf8')) received += part;
  return received;
}

describe('adoptTcpSocket', () => {
  it('makes sockets of one kind, the first and every other one', async () => {
    const before = openFds();
    for (const text of ['first', 'second', 'third']) {
      const fd = made();
      const socket = adoptTcpSocket(fd, { manualStart: true, noDelay: true, highWaterMark: 1234 });
      expect(fdOf(socket)).toBe(fd);
      expect(handleOf(socket)?.constructor.name).toBe('TCP');
      expect(socket.readableHighWaterMark).toBe(1234);
      expect(await echoed(socket, text)).toBe(text);
      expect([socket.bytesRead, socket.bytesWritten]).toEqual([text.length, text.length]);
      expect(socket.destroyed).toBe(true);
    }
    await retryUntil(() => leakedFds(before).length === 0);
  });

  it('takes one that is connected already', async () => {
    adoptTcpSocket(made(), {}).destroy();
    for (let round = 0; round < 2; round += 1) {
      const fd = made();
      const server = parseNameServer(`127.0.0.1:${(echo.address() as AddressInfo).port}`) as NameServer;
      // Born non-blocking: the connection is under way when Node gets it.
      expect([0, -errnoNumber('EINPROGRESS')]).toContain(sys().connect(fd, socketAddress(server, fd)));
      const socket = adoptTcpSocket(fd, { readable: true, writable: true });
      socket.end('sent');
      expect(String(await once(socket, 'data'))).toBe('sent');
      await once(socket, 'close');
    }
  });

  it('leaves a descriptor alone that it cannot have', async () => {
    const socket = adoptTcpSocket(made(), { manualStart: true });
    socket.connect((echo.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    // Two sockets with one descriptor would close it twice.
    expect(() => adoptTcpSocket(fdOf(socket), { manualStart: true })).toThrow(/EEXIST/);
    socket.end('still here');
    expect(String(await once(socket, 'data'))).toBe('still here');
    const closed = made();
    sys().close(closed);
    expect(() => adoptTcpSocket(closed, { manualStart: true })).toThrow();
  });
});
