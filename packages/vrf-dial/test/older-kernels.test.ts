import { mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, get as httpGet } from 'node:http';
import type { Socket } from 'node:net';
import path from 'node:path';
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  actAs,
  ip,
  ipIn,
  KERNELS_WITHOUT_COOKIES,
  leakedFds,
  makeNamespaces,
  openFds,
  retryUntil,
  uniqueName,
} from '#testkit';
import { dial, listenInVrf, VrfAgent, VrfHttpAgent } from '../src/index.ts';
import { httpServerIn, type RunningServer } from './servers.ts';

const ADDRESS = '192.0.2.1';
const URL = `http://${ADDRESS}:8080`;

describe.each(KERNELS_WITHOUT_COOKIES)('on %s', (kernel) => {
  let newer: () => void;
  const closing: (() => unknown)[] = [];

  beforeEach(() => {
    newer = actAs(kernel);
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    newer();
  });

  /** A namespace with the address that all have, and a server that says which one it is. */
  async function make(name: string, says = name): Promise<RunningServer> {
    const made = makeNamespaces(name);
    closing.push(() => made.remove());
    ipIn(name, `addr add ${ADDRESS}/32 dev lo`);
    const server = await httpServerIn(name, ADDRESS, 8080, (_request, response) => response.end(says));
    closing.push(server.close);
    return server;
  }

  async function ask(agent: VrfAgent): Promise<string> {
    const { body } = await request(URL, { dispatcher: agent });
    return body.text();
  }

  const askOf = (agent: VrfHttpAgent): Promise<string> =>
    new Promise((resolve, reject) => {
      httpGet(URL, { agent }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve(text));
      }).on('error', reject);
    });

  it('namespaces with the same addresses are told apart', async () => {
    const [red, blue] = [uniqueName('red'), uniqueName('blue')];
    await make(red);
    await make(blue);
    for (const namespace of [red, blue, red, blue]) {
      const agent = new VrfAgent({ namespace });
      closing.push(() => agent.close());
      expect(await ask(agent)).toBe(namespace);
      expect(await ask(agent)).toBe(namespace);
    }
  });

  it('an agent goes to the namespace that replaces its own, and keeps no connection to the old one', async () => {
    const name = uniqueName();
    const old = await make(name, 'old');
    const agent = new VrfAgent({ namespace: name });
    const httpAgent = new VrfHttpAgent({ namespace: name, keepAlive: true });
    closing.push(
      () => agent.close(),
      () => httpAgent.destroy(),
    );
    expect([await ask(agent), await askOf(httpAgent)]).toEqual(['old', 'old']);
    expect(old.connections.size).toBe(2);
    ip(`netns del ${name}`);
    await retryUntil(() => old.connections.size === 0);
    await make(name, 'new');
    expect([await ask(agent), await askOf(httpAgent)]).toEqual(['new', 'new']);
  });

  it('a connection of one living namespace is not used for another that its name is moved to, nor later for the first', async () => {
    const [red, blue] = [uniqueName('red'), uniqueName('blue')];
    await make(red);
    await make(blue);
    const folder = mkdtempSync('/run/moves-');
    closing.push(() => rmSync(folder, { recursive: true }));
    const link = path.join(folder, 'link');
    const moveTo = (name: string): void => {
      symlinkSync(`/run/netns/${name}`, `${link}.new`);
      renameSync(`${link}.new`, link);
    };
    moveTo(red);
    const agent = new VrfAgent({ namespace: { path: link } });
    closing.push(() => agent.close());
    for (const name of [red, blue, red, red, blue]) {
      moveTo(name);
      const end = performance.now() + 50;
      while (performance.now() < end);
      expect(await ask(agent)).toBe(name);
    }
  });

  it('a connection is made where its namespace is, with the options it was given, and leaves no descriptor', async () => {
    const name = uniqueName();
    const server = await make(name);
    const before = openFds();
    const socket: Socket = await dial({ namespace: name, host: ADDRESS, port: 8080, tos: 0x20 });
    expect(socket.remoteAddress).toBe(ADDRESS);
    await retryUntil(() => server.connections.size === 1);
    const shown = ip('netns', 'exec', name, 'cat', '/proc/net/tcp');
    const port = socket.localPort?.toString(16).toUpperCase().padStart(4, '0');
    expect(shown).toContain(`:${port} `);
    socket.destroy();
    await retryUntil(() => server.connections.size === 0);
    await retryUntil(() => leakedFds(before).length === 0);
  });

  it('a listener moves to the namespace that replaces its own', async () => {
    const name = uniqueName();
    const server = createServer((_request, response) => response.end('listening'));
    const begin = (): void => {
      ip(`netns add ${name}`);
      ipIn(name, 'link set lo up');
      ipIn(name, `addr add ${ADDRESS}/32 dev lo`);
    };
    begin();
    closing.push(() => ip(`netns del ${name}`));
    const listener = await listenInVrf(server, { namespace: name, host: ADDRESS, port: 8080 });
    closing.push(() => listener.close());
    const agent = new VrfAgent({ namespace: name });
    closing.push(() => agent.close());
    expect(await ask(agent)).toBe('listening');
    ip(`netns del ${name}`);
    begin();
    await retryUntil(async () => (await ask(agent).catch(() => '')) === 'listening');
    expect(ip('netns', 'exec', name, 'cat', '/proc/net/tcp')).toMatch(/: 010200C0:1F90 00000000:0000 0A /);
  });
});
