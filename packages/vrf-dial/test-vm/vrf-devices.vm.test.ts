import { spawn } from 'node:child_process';
import http from 'node:http';
import net from 'node:net';
import { runInNamespace } from 'netns-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createUdpSocket, dial, listenInVrf, listVrfs, ping, VrfHttpAgent, type VrfListener } from 'vrf-dial';
import { ip, ipIn, makeNamespaces, retryUntil, uniqueName, vethBetween } from '#testkit';

// A router with two VRF devices, red and blue, that have the same addresses; a neighbour in each.
let router: string;
const neighbours = { red: '', blue: '' };
const cleanups: (() => unknown)[] = [];

function makeVrf(name: 'red' | 'blue', table: number): void {
  ipIn(router, `link add vrf-${name} type vrf table ${table}`);
  ipIn(router, `link set vrf-${name} up`);
  ipIn(router, `link set ${name} master vrf-${name}`);
}

beforeEach(() => {
  router = uniqueName('r');
  neighbours.red = uniqueName('n');
  neighbours.blue = uniqueName('n');
  const made = makeNamespaces(router, neighbours.red, neighbours.blue);
  cleanups.push(() => made.remove());
  for (const [name, table] of [
    ['red', 10],
    ['blue', 20],
  ] as const) {
    vethBetween(
      { namespace: router, name, addresses: [] },
      { namespace: neighbours[name], name: 'eth0', addresses: ['192.0.2.2/24'] },
    );
    makeVrf(name, table);
    ipIn(router, `addr add 192.0.2.1/24 dev ${name}`);
  }
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function listen(name: 'red' | 'blue'): Promise<VrfListener> {
  const server = http.createServer((_request, response) => response.end(name));
  const listener = await listenInVrf(server, {
    namespace: router,
    interface: `vrf-${name}`,
    host: '192.0.2.1',
    port: 8080,
  });
  cleanups.push(() => listener.close({ graceMs: 0 }));
  return listener;
}

function curl(namespace: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('ip', ['netns', 'exec', namespace, 'curl', '-sS', '-m', '10', 'http://192.0.2.1:8080/']);
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    child.stderr.on('data', (chunk) => {
      text += chunk;
    });
    child.on('close', (code) => (code === 0 ? resolve(text) : reject(new Error(text))));
  });
}

describe('VRF devices of the kernel', () => {
  it('each have a listener on the same address and port', async () => {
    const listeners = [await listen('red'), await listen('blue')];
    expect(listeners.map(({ state }) => state)).toEqual(['listening', 'listening']);
    expect(await curl(neighbours.red)).toBe('red');
    expect(await curl(neighbours.blue)).toBe('blue');
  });

  it('are found again by a listener when they are deleted and made anew', async () => {
    const listener = await listen('red');
    for (let round = 0; round < 2; round += 1) {
      expect(await curl(neighbours.red)).toBe('red');
      ip(`-n ${router} link del vrf-red`);
      await retryUntil(() => listener.state === 'waiting');
      makeVrf('red', 10);
      await retryUntil(() => listener.state === 'listening');
    }
    expect(await curl(neighbours.red)).toBe('red');
  });

  it('are ways out for the agents of node:http', async () => {
    for (const name of ['red', 'blue'] as const) {
      const server = http.createServer((_request, response) => response.end(neighbours[name]));
      const listener = await listenInVrf(server, { namespace: neighbours[name], host: '192.0.2.2', port: 8080 });
      cleanups.push(() => listener.close({ graceMs: 0 }));
    }
    for (const name of ['red', 'blue'] as const) {
      const agent = new VrfHttpAgent({ namespace: router, interface: `vrf-${name}` });
      cleanups.push(() => agent.destroy());
      const body = await new Promise<string>((resolve, reject) => {
        http
          .get('http://192.0.2.2:8080/', { agent }, (response) => {
            let text = '';
            response.on('data', (chunk) => {
              text += chunk;
            });
            response.on('end', () => resolve(text));
          })
          .on('error', reject);
      });
      expect(body).toBe(neighbours[name]);
    }
  });

  it('are ways out for UDP', async () => {
    for (const name of ['red', 'blue'] as const) {
      const server = await createUdpSocket({ namespace: neighbours[name], type: 'udp4', bind: { port: 514 } });
      const client = await createUdpSocket({ namespace: router, interface: `vrf-${name}`, type: 'udp4' });
      cleanups.push(() => {
        server.close();
        client.close();
      });
      const got = new Promise((resolve) => {
        server.once('message', (data) => resolve(String(data)));
      });
      client.send(`to ${name}`, 514, '192.0.2.2');
      expect(await got).toBe(`to ${name}`);
    }
  });

  it('are listed, and lead TCP connections and pings to their own neighbour', async () => {
    const listed = runInNamespace(router, () => listVrfs().filter(({ kind }) => kind === 'device'));
    expect(listed).toMatchObject([
      { name: 'vrf-blue', table: 20 },
      { name: 'vrf-red', table: 10 },
    ]);
    for (const name of ['red', 'blue'] as const) {
      const server = net.createServer((socket) => socket.end(name));
      const listener = await listenInVrf(server, { namespace: neighbours[name], host: '192.0.2.2', port: 7 });
      cleanups.push(() => listener.close({ graceMs: 0 }));
    }
    // An address that only red's neighbour has: the way into blue must not find it.
    ipIn(neighbours.red, 'addr add 192.0.2.3/24 dev eth0');
    for (const name of ['red', 'blue'] as const) {
      const target = { namespace: router, interface: `vrf-${name}` };
      const socket = await dial({ ...target, host: '192.0.2.2', port: 7 });
      let text = '';
      for await (const chunk of socket.setEncoding('utf8')) text += chunk;
      expect(text).toBe(name);
      const reached = async (host: string): Promise<number> =>
        (await ping({ ...target, host, timeout: 3000 })).received;
      expect(await reached('192.0.2.2')).toBe(1);
      expect(await reached('192.0.2.3')).toBe(name === 'red' ? 1 : 0);
    }
  });
});
