import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dial, InvalidOptionError, setTos } from 'vrf-dial';
import { capture, makeNamespaces, retryUntil, uniqueName, vethBetween } from '#testkit';
import { type Certificate, makeCertificate, serveIn } from './servers.ts';

let here: string;
let there: string;
const cleanups: (() => unknown)[] = [];

beforeEach(() => {
  here = uniqueName('h');
  there = uniqueName('t');
  const made = makeNamespaces(here, there);
  cleanups.push(() => made.remove());
  vethBetween(
    { namespace: here, name: 'eth0', addresses: ['192.0.2.2/24', '2001:db8::2/64'] },
    { namespace: there, name: 'eth0', addresses: ['192.0.2.1/24', '2001:db8::1/64'] },
  );
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function echoServer(host: string, certificate?: Certificate): Promise<void> {
  const onSocket = (socket: net.Socket): void => {
    socket.on('error', () => {});
    socket.pipe(socket);
  };
  const server = certificate === undefined ? net.createServer(onSocket) : tls.createServer(certificate, onSocket);
  const running = await serveIn(there, server, host, 7777);
  cleanups.push(() => running.close());
}

describe('setTos', () => {
  it.each([
    ['IPv4', '192.0.2.1', 'tos 0x48'],
    ['IPv6', '2001:db8::1', 'class 0x48'],
  ])('marks what a connected TCP socket sends from then on, %s', async (_title, host, mark) => {
    await echoServer(host);
    const socket = await dial({ namespace: here, host, port: 7777 });
    cleanups.push(() => socket.destroy());
    const seen = await capture(there, 'tcp dst port 7777', ['-v']);
    socket.write('before');
    await once(socket, 'data');
    setTos(socket, 0x48);
    socket.write('after!!!');
    await once(socket, 'data');
    const packets = (await seen.stop()).join('\n').split(/\n(?=\S)/);
    const ofLength = (length: number): string => packets.find((packet) => packet.includes(`length ${length}`)) ?? '';
    expect(packets.find((packet) => /Flags \[P\.\].* length 6$/m.test(packet))).not.toContain(mark);
    expect(packets.find((packet) => /Flags \[P\.\].* length 8$/m.test(packet))).toContain(mark);
    expect(ofLength(8)).not.toBe('');
  });

  it('marks a TLS socket, whose file descriptor lies one deeper', async () => {
    const certificate = makeCertificate(['DNS:server.example']);
    await echoServer('192.0.2.1', certificate);
    const raw = await dial({ namespace: here, host: '192.0.2.1', port: 7777 });
    const socket = tls.connect({ socket: raw, ca: certificate.ca, servername: 'server.example' });
    cleanups.push(() => socket.destroy());
    await once(socket, 'secureConnect');
    setTos(socket, 0x48);
    const seen = await capture(there, 'tcp dst port 7777', ['-v']);
    socket.write('x');
    await once(socket, 'data');
    expect((await seen.stop()).join('\n')).toContain('tos 0x48');
  });

  it('leaves out the traffic class on an IPv4 socket, and refuses a socket that has neither', async () => {
    await echoServer('192.0.2.1');
    const socket = await dial({ namespace: here, host: '192.0.2.1', port: 7777 });
    cleanups.push(() => socket.destroy());
    for (const tos of [0, 1, 255]) setTos(socket, tos);
    const server = net.createServer().listen(`/run/${uniqueName('sock')}`);
    await once(server, 'listening');
    cleanups.push(() => server.close());
    const local = net.connect(server.address() as string);
    await once(local, 'connect');
    expect(() => setTos(local, 1)).toThrow(InvalidOptionError);
    local.destroy();
  });

  it('names what is wrong', async () => {
    const socket = new net.Socket();
    for (const tos of [-1, 256, 1.5, Number.NaN, '8', undefined])
      expect(() => setTos(socket, tos as number)).toThrow(expect.objectContaining({ option: 'tos' }));
    expect(() => setTos({} as net.Socket, 1)).toThrow(expect.objectContaining({ option: 'socket' }));
    expect(() => setTos(socket, 1)).toThrow(expect.objectContaining({ code: 'EBADF' }));
    const unbound = dgram.createSocket('udp4');
    expect(() => setTos(unbound, 1)).toThrow(expect.objectContaining({ code: 'EBADF' }));
    unbound.close();
    expect(() => setTos(unbound, 1)).toThrow(expect.objectContaining({ code: 'EBADF' }));
    await echoServer('192.0.2.1');
    const open = await dial({ namespace: here, host: '192.0.2.1', port: 7777 });
    open.destroy();
    await retryUntil(() => open.closed);
    expect(() => setTos(open, 1)).toThrow(expect.objectContaining({ code: 'EBADF' }));
  });
});
