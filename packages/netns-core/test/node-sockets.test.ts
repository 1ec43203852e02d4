import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { readlinkSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { namespaceCookie, openSocket, runInNamespace, socketNamespaceCookie } from 'netns-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeNamespaces, retryUntil, uniqueName } from '#testkit';

const RED = uniqueName('red');
let made: ReturnType<typeof makeNamespaces>;
/** Somebody to connect to at home and in the namespace, under the same address. */
const servers: net.Server[] = [];
let port: number;

beforeAll(async () => {
  made = makeNamespaces(RED);
  const home = net.createServer().listen(0, '127.0.0.1');
  await retryUntil(() => home.listening);
  ({ port } = home.address() as net.AddressInfo);
  servers.push(home);
});
afterAll(() => {
  for (const server of servers) server.close();
  made.remove();
});

/** The file descriptor of an object of Node's, negative while it has none. */
function fdOf(object: unknown): number {
  if (object instanceof http.ClientRequest) return fdOf(object.socket ?? {});
  if (object instanceof dgram.Socket) {
    const symbol = Object.getOwnPropertySymbols(object).find(({ description }) => description === 'state symbol');
    return symbol === undefined
      ? -1
      : ((object as unknown as Record<symbol, { handle?: { fd?: number } }>)[symbol]?.handle?.fd ?? -1);
  }
  return (object as { _handle?: { fd?: number } })._handle?.fd ?? -1;
}

interface Row {
  born: 'at once' | 'later, at home';
  make(): net.Socket | net.Server | dgram.Socket | http.ClientRequest | http2.ClientHttp2Session;
}

/** As the table of the README has it. */
const ROWS: Record<string, Row> = {
  'new net.Socket({ fd: openSocket(…) })': {
    born: 'at once',
    make: () => new net.Socket({ fd: openSocket({ family: 'ipv4', type: 'stream' }) }),
  },
  'server.listen({ fd: openSocket(…) })': {
    born: 'at once',
    make: () => net.createServer().listen({ fd: openSocket({ family: 'ipv4', type: 'stream' }) }),
  },
  'socket.bind({ fd: openSocket(…) })': {
    born: 'at once',
    make: () => dgram.createSocket('udp4').bind({ fd: openSocket({ family: 'ipv4', type: 'dgram' }) }),
  },
  'server.listen(port)': { born: 'at once', make: () => net.createServer().listen(0) },
  'server.listen({ port })': { born: 'at once', make: () => net.createServer().listen({ port: 0 }) },
  'http.createServer().listen(port)': { born: 'at once', make: () => http.createServer().listen(0) },
  'server.listen(port, host)': { born: 'later, at home', make: () => net.createServer().listen(0, '127.0.0.1') },
  'server.listen({ port, host })': {
    born: 'later, at home',
    make: () => net.createServer().listen({ port: 0, host: '::1' }),
  },
  'net.connect(port, address)': { born: 'later, at home', make: () => net.connect(port, '127.0.0.1') },
  'net.connect(port, name)': { born: 'later, at home', make: () => net.connect(port, 'localhost') },
  'tls.connect(port, address)': { born: 'later, at home', make: () => tls.connect(port, '127.0.0.1') },
  'http.request(url)': { born: 'later, at home', make: () => http.get(`http://127.0.0.1:${port}/`) },
  'https.request(url)': { born: 'later, at home', make: () => https.get(`https://127.0.0.1:${port}/`) },
  'http2.connect(url)': { born: 'later, at home', make: () => http2.connect(`http://127.0.0.1:${port}`) },
  'dgram.createSocket(…)': { born: 'later, at home', make: () => dgram.createSocket('udp4').bind(0) },
  'socket.bind(port, address)': { born: 'later, at home', make: () => dgram.createSocket('udp4').bind(0, '127.0.0.1') },
  'socket.send(message, port, address)': {
    born: 'later, at home',
    make: () => {
      const socket = dgram.createSocket('udp4');
      socket.send('x', 9, '127.0.0.1');
      return socket;
    },
  },
};

describe("Node's calls inside a hop: when their socket is made, and where, by its cookie", () => {
  for (const [call, { born, make }] of Object.entries(ROWS))
    it(`${call}: ${born}`, async () => {
      let object: ReturnType<typeof make> | undefined;
      let atOnce = -1;
      // Nothing is returned, so nothing is refused: what a program would do that the hop cannot see.
      runInNamespace(RED, () => {
        object = make();
        atOnce = fdOf(object);
      });
      object?.on('error', () => {});
      if (born === 'at once') {
        expect(atOnce).toBeGreaterThanOrEqual(0);
        expect(socketNamespaceCookie(atOnce)).toBe(namespaceCookie(RED));
      } else {
        expect(atOnce).toBeLessThan(0);
        const fd = await retryUntil(() => {
          // An http2 session hands out its socket by a property.
          const owner = object !== undefined && 'originSet' in object ? object.socket : object;
          const number = fdOf(owner);
          return number >= 0 ? { number } : undefined;
        });
        expect(socketNamespaceCookie(fd.number)).toBe(namespaceCookie(''));
      }
      if (object instanceof net.Server) object.close();
      else if (object instanceof dgram.Socket) object.close();
      else object?.destroy();
    });

  it('child_process.spawn: at once, the child lives in the namespace', () => {
    const child = runInNamespace(RED, () => spawn('sleep', ['60']));
    const inside = runInNamespace(RED, () => readlinkSync('/proc/thread-self/ns/net'));
    expect(readlinkSync(`/proc/${child.pid}/ns/net`)).toBe(inside);
    child.kill('SIGKILL');
  });

  it('fetch: never, its promise is refused', () => {
    expect(() => runInNamespace(RED, () => fetch('http://127.0.0.1:9/').catch(() => {}))).toThrow(/returned a promise/);
  });
});
