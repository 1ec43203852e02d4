import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import express from 'express';
import fastify from 'fastify';
import { addNamed, deleteNamed } from 'netns-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dial, type ListenOptions, listenInVrf, type VrfListener } from 'vrf-dial';
import { ipIn, retryUntil, run, runProgram, uniqueName } from '#testkit';
import { type Certificate, makeCertificate } from './servers.ts';

let name: string;
let certificate: Certificate;
const cleanups: (() => unknown)[] = [];

beforeAll(() => {
  certificate = makeCertificate(['DNS:server.example', 'IP:127.0.0.1']);
});
beforeEach(() => {
  name = uniqueName('n');
  appear();
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  disappear();
});

function appear(): void {
  addNamed(name).close();
  ipIn(name, 'link set lo up');
}

function disappear(): void {
  try {
    deleteNamed(name);
  } catch {
    // It is not there.
  }
}

async function listen(server: net.Server, options: Partial<ListenOptions> = {}): Promise<VrfListener> {
  const listener = await listenInVrf(server, { namespace: name, host: '127.0.0.1', port: 8080, ...options });
  cleanups.push(() => listener.close({ graceMs: 0 }));
  return listener;
}

/** Removes the namespace and makes it anew: what is asserted after it is about the second bind. */
async function comeBack(listener: VrfListener): Promise<void> {
  disappear();
  await retryUntil(() => listener.state === 'waiting');
  appear();
  await retryUntil(() => listener.state === 'listening');
}

async function connect(port = 8080): Promise<net.Socket> {
  const socket = await dial({ namespace: name, host: '127.0.0.1', port });
  socket.on('error', () => {});
  cleanups.push(() => socket.destroy());
  return socket;
}

function inside(command: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('ip', ['netns', 'exec', name, command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (err += chunk));
    child.on('close', (code) => (code === 0 ? resolve(out) : reject(new Error(`${command} ${code}: ${err}`))));
  });
}

const curl = (...args: string[]): Promise<string> => inside('curl', '-sS', '--max-time', '5', ...args);
const connections = (server: net.Server): Promise<number> =>
  new Promise((resolve, reject) => server.getConnections((error, n) => (error ? reject(error) : resolve(n))));

/** Everything there is to read until the other side ends, and how long that took. */
async function readAll(socket: net.Socket): Promise<{ text: string; ms: number }> {
  const started = performance.now();
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  await once(socket, 'close');
  return { text, ms: performance.now() - started };
}

describe('every kind of server is reached before and after its namespace was away', () => {
  const twice = async (server: net.Server, ask: () => Promise<void>): Promise<void> => {
    const listener = await listen(server);
    await ask();
    await comeBack(listener);
    await ask();
  };

  it('http', () =>
    twice(
      http.createServer((_request, response) => response.end('http')),
      async () => expect(await curl('http://127.0.0.1:8080/')).toBe('http'),
    ));

  it('https', () =>
    twice(
      https.createServer(certificate, (_request, response) => response.end('https')),
      async () => expect(await curl('-k', 'https://127.0.0.1:8080/')).toBe('https'),
    ));

  it('http2 without TLS', () =>
    twice(
      http2.createServer((_request, response) => void response.end('h2c')),
      async () =>
        expect(await curl('--http2-prior-knowledge', '-w', ' %{http_version}', 'http://127.0.0.1:8080/')).toBe('h2c 2'),
    ));

  it('http2 over TLS', () =>
    twice(
      http2.createSecureServer(certificate, (_request, response) => void response.end('h2')),
      async () => expect(await curl('-k', '--http2', '-w', ' %{http_version}', 'https://127.0.0.1:8080/')).toBe('h2 2'),
    ));

  it('tls, as openssl s_client sees it', () =>
    twice(
      tls.createServer(certificate, (socket) => socket.end('secret')),
      async () => {
        const said = await inside(
          'sh',
          '-c',
          'sleep 1 | openssl s_client -connect 127.0.0.1:8080 -servername server.example; true',
        );
        expect(said).toContain('subject=CN');
        expect(said).toContain('secret');
      },
    ));

  it('plain net', () =>
    twice(
      net.createServer((socket) => socket.end('plain')),
      async () => expect((await readAll(await connect())).text).toBe('plain'),
    ));

  it('express', () => {
    const app = express();
    app.get('/who', (request, response) => {
      response.json({ ip: request.ip });
    });
    return twice(http.createServer(app), async () =>
      expect(JSON.parse(await curl('http://127.0.0.1:8080/who'))).toEqual({ ip: '127.0.0.1' }),
    );
  });

  it('fastify, which also closes what it was given', async () => {
    const app = fastify();
    app.get('/who', (request) => ({ ip: request.ip }));
    await app.ready();
    await twice(app.server, async () =>
      expect(JSON.parse(await curl('http://127.0.0.1:8080/who'))).toEqual({ ip: '127.0.0.1' }),
    );
    await app.close();
    expect(app.server.listening).toBe(false);
  });
});

describe("the user's server stays what it was, also after its namespace was away", () => {
  it('headersTimeout and requestTimeout fire', async () => {
    const server = http.createServer({ connectionsCheckingInterval: 50, headersTimeout: 200, requestTimeout: 400 });
    const listener = await listen(server);
    for (let round = 0; round < 2; round += 1) {
      const slowHeaders = await connect();
      slowHeaders.write('GET / HTTP/1.1\r\nHost: x\r\nX-Slow:');
      expect((await readAll(slowHeaders)).text).toMatch(/^HTTP\/1\.1 408 /);
      const slowBody = await connect();
      slowBody.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc');
      expect((await readAll(slowBody)).text).toMatch(/^HTTP\/1\.1 408 /);
      if (round === 0) await comeBack(listener);
    }
  });

  it('the timeouts go on for connections of a namespace that is away', async () => {
    const server = http.createServer({ connectionsCheckingInterval: 50, headersTimeout: 300, requestTimeout: 300 });
    const listener = await listen(server, { graceMs: 20_000 });
    const socket = await connect();
    socket.write('GET / HT');
    disappear();
    await retryUntil(() => listener.state === 'waiting');
    expect((await readAll(socket)).text).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('keepAliveTimeout and closeIdleConnections work', async () => {
    const server = http.createServer({ keepAliveTimeout: 100 }, (_request, response) => response.end('x'));
    // Since Node 24 a second is added, and subtracted in the header.
    Object.assign(server, { keepAliveTimeoutBuffer: 0 });
    const listener = await listen(server);
    await comeBack(listener);
    const idle = await connect();
    idle.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    expect((await readAll(idle)).text).toContain('200 OK');
    server.keepAliveTimeout = 60_000;
    const other = await connect();
    other.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(other, 'data');
    server.closeIdleConnections();
    await once(other, 'close');
  });

  it('maxConnections drops what is too much, and getConnections counts right', async () => {
    const server = net.createServer((socket) => socket.resume().on('error', () => {}));
    server.maxConnections = 2;
    const listener = await listen(server, { graceMs: 0 });
    for (let round = 0; round < 2; round += 1) {
      const dropped = once(server, 'drop');
      const sockets = [await connect(), await connect(), await connect()];
      const [about] = await dropped;
      expect(about).toMatchObject({ localAddress: '127.0.0.1', localPort: 8080 });
      await retryUntil(async () => (await connections(server)) === 2);
      for (const socket of sockets) socket.destroy();
      await retryUntil(async () => (await connections(server)) === 0);
      if (round === 0) await comeBack(listener);
    }
  });

  it('noDelay, keepAlive and highWaterMark hold, as ss and the sockets show', async () => {
    const server = net.createServer({
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 77_000,
      highWaterMark: 4321,
    });
    const accepted: net.Socket[] = [];
    server.on('connection', (socket) => accepted.push(socket));
    const listener = await listen(server, { graceMs: 0 });
    await comeBack(listener);
    await connect();
    await retryUntil(() => accepted.length === 1);
    expect(accepted[0]?.readableHighWaterMark).toBe(4321);
    const shown = run('ip', ['netns', 'exec', name, 'ss', '-Htnoi', 'sport', '=', ':8080']);
    expect(shown).toMatch(/timer:\(keepalive,1min1[4-7]sec/);
    expect(run('ip', ['netns', 'exec', name, 'ss', '-Htnl']).trim()).toMatch(/^LISTEN\s+0\s+511\s/);
  });

  it('the backlog is the one that was asked for', async () => {
    await listen(net.createServer(), { backlog: 17 });
    expect(run('ip', ['netns', 'exec', name, 'ss', '-Htnl']).trim()).toMatch(/^LISTEN\s+0\s+17\s/);
  });

  it('close drains: it waits for the connections of before and of now, then emits close once', async () => {
    const server = net.createServer((socket) => socket.on('error', () => {}).resume());
    const events: string[] = [];
    server.on('close', () => events.push('close'));
    const listener = await listen(server, { graceMs: Number.POSITIVE_INFINITY });
    const before = await connect();
    await retryUntil(async () => (await connections(server)) === 1);
    await comeBack(listener);
    const now = await connect();
    await retryUntil(async () => (await connections(server)) === 2);
    const closed = new Promise<void>((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
    before.destroy();
    await retryUntil(async () => (await connections(server)) === 1);
    expect(events).toEqual([]);
    now.destroy();
    await closed;
    expect(events).toEqual(['close']);
    expect(listener.state).toBe('closed');
  });

  it('the end of the last connection while it waits is not its close', async () => {
    const server = net.createServer((socket) => socket.on('error', () => {}).resume());
    const events: string[] = [];
    server.on('close', () => events.push('close'));
    const listener = await listen(server);
    const socket = await connect();
    await retryUntil(async () => (await connections(server)) === 1);
    disappear();
    await retryUntil(() => listener.state === 'waiting');
    socket.destroy();
    await retryUntil(async () => (await connections(server)) === 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(events).toEqual([]);
    appear();
    await retryUntil(() => listener.state === 'listening');
  });

  it('cannot be made to listen elsewhere while it waits', async () => {
    disappear();
    const server = http.createServer();
    await listen(server);
    expect(() => server.listen(0)).toThrow(expect.objectContaining({ code: 'ERR_SERVER_ALREADY_LISTEN' }));
  });

  it('TLS connections and HTTP/2 sessions of a removed namespace end, too', async () => {
    const server = http2.createSecureServer(certificate, (_request, response) => void response.end('x'));
    const listener = await listen(server, { graceMs: 50 });
    const socket = await connect();
    const secure = tls.connect({ socket, ca: certificate.ca, servername: 'server.example', ALPNProtocols: ['h2'] });
    const session = http2.connect('https://server.example', { createConnection: () => secure });
    session.on('error', () => {});
    const request = session.request({ ':path': '/' });
    await once(request, 'response');
    request.on('error', () => {}).resume();
    disappear();
    await retryUntil(() => listener.state === 'waiting');
    await retryUntil(async () => (await connections(server)) === 0);
    await retryUntil(() => session.destroyed);
  });

  it('upgraded connections of a removed namespace end, too', async () => {
    const server = http.createServer();
    server.on('upgrade', (_request, socket) => {
      socket.on('error', () => {});
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    });
    const listener = await listen(server, { graceMs: 20 });
    const socket = await connect();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    await once(socket, 'data');
    disappear();
    await retryUntil(() => listener.state === 'waiting');
    await once(socket, 'close');
  });
});

describe('the process of a listener', () => {
  const program = (rest: string, options: Parameters<typeof runProgram>[1] = {}) =>
    runProgram(
      `import http from 'node:http'; import { listenInVrf } from 'vrf-dial'; import cluster from 'node:cluster';
       const name = ${JSON.stringify(name)}; ${rest}`,
      options,
    );

  it('goes on while the listener waits, and ends by itself once it is closed', async () => {
    disappear();
    const { code, stdout } = await program(
      `const listener = await listenInVrf(http.createServer(), { namespace: name, port: 0 });
       console.log(listener.state);
       setTimeout(() => { console.log('still here'); listener.close(); }, 200).unref();`,
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'waiting\nstill here\n' });
  });

  it('ends when the server was unreferenced, waiting or serving', async () => {
    const source = `const server = http.createServer(); server.unref();
      const listener = await listenInVrf(server, { namespace: name, port: 0 });
      console.log(listener.state);`;
    expect(await program(source)).toMatchObject({ code: 0, stdout: 'listening\n' });
    disappear();
    expect(await program(source)).toMatchObject({ code: 0, stdout: 'waiting\n' });
  });

  it('may be a worker of a cluster: workers listen in the namespace themselves and share a port by reusePort', async () => {
    const { code, stdout, stderr } = await program(
      `if (cluster.isPrimary) {
         let served = 0;
         for (let i = 0; i < 2; i += 1) cluster.fork().on('message', async (m) => {
           console.log(m);
           served += 1;
           if (served < 2) return;
           const { dial } = await import('vrf-dial');
           const socket = await dial({ namespace: name, host: '127.0.0.1', port: 8080 });
           socket.write('GET / HTTP/1.0\\r\\n\\r\\n');
           let text = '';
           for await (const chunk of socket) text += chunk;
           console.log(text.includes('by a worker'));
           for (const worker of Object.values(cluster.workers)) worker.kill();
         });
       } else {
         const server = http.createServer((q, s) => s.end('by a worker'));
         const listener = await listenInVrf(server, { namespace: name, host: '127.0.0.1', port: 8080, reusePort: true });
         process.send(listener.state + ' ' + JSON.stringify(server.address()));
       }`,
    );
    const line = 'listening {"address":"127.0.0.1","family":"IPv4","port":8080}\n';
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${line}${line}true\n`, stderr: '' });
  });

  it('names reusePort where the worker of a cluster meets a port that is in use, and only there', async () => {
    const { code, stdout, stderr } = await program(
      `const options = { namespace: name, host: '127.0.0.1', port: 8080 };
       const refused = () => listenInVrf(http.createServer(), options).catch((error) => error.message);
       if (cluster.isPrimary) {
         await listenInVrf(http.createServer().unref(), options);
         console.log(await refused());
         cluster.fork().on('message', (message) => console.log(message));
       } else process.send(await refused(), () => process.exit());`,
    );
    const [primary, worker, end] = stdout.split('\n');
    expect({ code, stderr, end }).toEqual({ code: 0, stderr: '', end: '' });
    expect(primary).toMatch(/: something else listens there \(bind: EADDRINUSE\)$/);
    expect(worker).toMatch(/: something else listens there \(.* give each reusePort: true\) \(bind: EADDRINUSE\)$/);
  });

  it.each([
    ['the worker itself', 'cluster.worker.disconnect();'],
    ['the primary', "process.send('disconnect');"],
  ])(
    'ends with the disconnection of its cluster worker by %s, once its requests are answered',
    async (_by, disconnect) => {
      const { code, stdout, stderr } = await program(
        `import { once } from 'node:events'; import net from 'node:net'; import { dial, listenUdpInVrf } from 'vrf-dial';
       if (cluster.isPrimary) {
         const worker = cluster.fork();
         const heard = [];
         cluster.on('listening', (by, address) => heard.push(by === worker, address));
         worker.on('message', (message) => message === 'disconnect' && worker.disconnect());
         while ((await once(worker, 'message'))[0] !== 'ready');
         const socket = await dial({ namespace: name, host: '127.0.0.1', port: 8080 });
         socket.write('GET / HTTP/1.0\\r\\n\\r\\n');
         let text = '';
         const answered = (async () => { for await (const chunk of socket) text += chunk; })();
         const [[code]] = await Promise.all([once(worker, 'exit'), answered]);
         console.log(JSON.stringify({ heard, answered: text.endsWith('late'), code, meant: worker.exitedAfterDisconnect }));
       } else {
         const server = http.createServer((request, response) => {
           ${disconnect}
           process.once('disconnect', () => setTimeout(() => response.end('late'), 50));
         });
         const listeners = [
           await listenInVrf(server, { namespace: name, host: '127.0.0.1', port: 8080 }),
           await listenInVrf(net.createServer(), { namespace: name + '-later', port: 8081 }),
           await listenUdpInVrf({ namespace: name, type: 'udp4', bind: { address: '127.0.0.1', port: 8082 } }),
         ];
         for (const listener of listeners) listener.on('close', () => { process.exitCode = (process.exitCode ?? 0) + 1; });
         process.send('ready');
       }`,
      );
      expect(stderr).toBe('');
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toEqual({
        heard: [
          ...[true, { addressType: 4, address: '127.0.0.1', port: 8080 }],
          ...[true, { addressType: 'udp4', address: '127.0.0.1', port: 8082 }],
        ],
        answered: true,
        // How many listeners were closed.
        code: 3,
        meant: true,
      });
    },
  );

  it('may be a CommonJS program, and a worker thread', async () => {
    const { code, stdout } = await program(
      `const { Worker } = await import('node:worker_threads');
       const worker = new Worker(new URL('data:text/javascript,' + encodeURIComponent(\`
         import { createRequire } from 'node:module'; import { parentPort } from 'node:worker_threads';
         const require = createRequire('\${import.meta.url}');
         const { listenInVrf } = require('vrf-dial');
         const listener = await listenInVrf(require('node:http').createServer(), { namespace: '\${name}', port: 0 });
         parentPort.postMessage(listener.state); await listener.close();\`)));
       worker.on('message', (m) => console.log(m));`,
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'listening\n' });
  });
});
