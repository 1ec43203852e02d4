import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, get } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { hopSource, namespaceCookie } from 'netns-core';
import { Agent, request } from 'undici';
import { Agent as Agent6, request as request6 } from 'undici6';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ip, ipIn, leakedFds, openFds, retryUntil, uniqueName } from '#testkit';
import { counters, createVrfConnector, createVrfFetch, VrfAgent, VrfHttpAgent } from '../src/index.ts';
import { http2ServerIn, makeCertificate, type RunningServer, serveIn } from './servers.ts';

let vrf = '';
let namespace = '';
const closing: (() => Promise<unknown>)[] = [];

/** Makes the namespace, with a server in it that says `answer`, and how many requests it had. */
async function make(answer: string): Promise<RunningServer & { readonly requests: string[] }> {
  ip(`netns add ${namespace}`);
  ipIn(namespace, 'link set lo up');
  ipIn(namespace, 'addr add 192.0.2.1/32 dev lo');
  const requests: string[] = [];
  const server = await serveIn(
    namespace,
    createServer({ keepAliveTimeout: 60_000 }, async (incoming, response) => {
      requests.push(incoming.url ?? '');
      if (incoming.url === '/slow') {
        response.write(`${answer} `);
        await delay(400);
        response.end('slow');
      } else response.end(answer);
    }),
    '192.0.2.1',
    8080,
  );
  closing.push(server.close);
  return Object.assign(server, { requests });
}

function remove(): void {
  ip(`netns del ${namespace}`);
}

const URL = 'http://192.0.2.1:8080';

async function ask(dispatcher: Agent, path = '/'): Promise<string> {
  const { body } = await request(`${URL}${path}`, { dispatcher });
  return body.text();
}

beforeEach(() => {
  vrf = uniqueName();
  namespace = `ns-${vrf}`;
});

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  if (existsSync(`/run/netns/${namespace}`)) remove();
});

describe('an agent whose namespace is replaced', () => {
  it('drops idle connections as soon as the namespace is removed, though no request is made', async () => {
    const server = await make('old');
    const agent = new VrfAgent({ vrf });
    expect(await ask(agent)).toBe('old');
    expect(agent.connections).toBe(1);
    remove();
    await retryUntil(() => server.connections.size === 0 && agent.connections === 0, 2000);
    await agent.close();
  });

  it('fails fast with a named error while it is missing, and goes to the new one when it is back', async () => {
    await make('old');
    const agent = new VrfAgent({ vrf });
    expect(await ask(agent)).toBe('old');
    remove();
    const started = performance.now();
    await expect(ask(agent)).rejects.toMatchObject({ name: 'NamespaceNotFoundError', code: 'ENOENT' });
    expect(performance.now() - started).toBeLessThan(1000);
    const fresh = await make('new');
    expect(await ask(agent)).toBe('new');
    expect(fresh.requests).toEqual(['/']);
    await agent.close();
  });

  it('waits for it as long as waitForNamespace allows', async () => {
    await make('old');
    const agent = new VrfAgent({ vrf, waitForNamespace: 10_000 });
    expect(await ask(agent)).toBe('old');
    remove();
    const answer = ask(agent);
    await delay(100);
    await make('new');
    expect(await answer).toBe('new');
    await agent.close();
  });

  it('starts no request in the old one once the event loop was blocked over the change', async () => {
    const old = await make('old');
    const agent = new VrfAgent({ vrf });
    expect(await ask(agent)).toBe('old');
    const cookie = namespaceCookie(namespace);
    // All in one turn: no inotify event can have been delivered when the next request begins.
    remove();
    ip(`netns add ${namespace}`);
    ipIn(namespace, 'link set lo up');
    ipIn(namespace, 'addr add 192.0.2.1/32 dev lo');
    expect(namespaceCookie(namespace)).not.toBe(cookie);
    const end = performance.now() + 60;
    while (performance.now() < end);
    await expect(ask(agent)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(old.requests).toEqual(['/']);
    await agent.close();
  });

  it('starts no request in the old one later than 50 ms after the change, under load', async () => {
    const old = await make('old');
    const agent = new VrfAgent({ vrf });
    let running = true;
    const started: { at: number; answer: string }[] = [];
    const load = Array.from({ length: 8 }, async () => {
      while (running) {
        const at = performance.now();
        const answer = await ask(agent).catch((error: Error) => error.name);
        started.push({ at, answer });
        await delay(1);
      }
    });
    await retryUntil(() => started.length > 100);
    remove();
    const fresh = make('new');
    const changed = performance.now();
    await fresh;
    await retryUntil(() => started.filter(({ answer }) => answer === 'new').length > 100);
    running = false;
    await Promise.all(load);
    // `ip netns del` was done before `changed`, so every one of these began in time or not at all.
    expect(started.filter(({ at, answer }) => at > changed + 50 && answer === 'old')).toEqual([]);
    expect(started.filter(({ answer }) => answer === 'old').length).toBeGreaterThan(0);
    await retryUntil(() => old.connections.size === 0);
    await agent.close();
  });

  it('lets running requests finish, if it is to drain', async () => {
    const old = await make('old');
    const agent = new VrfAgent({ vrf, onReplaced: 'drain' });
    const slow = ask(agent, '/slow');
    await retryUntil(() => old.requests.length === 1);
    remove();
    await make('new');
    expect(await ask(agent)).toBe('new');
    expect(await slow).toBe('old slow');
    await retryUntil(() => old.connections.size === 0);
    await agent.close();
  });

  it('ends running requests with a named error, if it is to abort', async () => {
    const old = await make('old');
    const agent = new VrfAgent({ vrf, onReplaced: 'abort' });
    const slow = ask(agent, '/slow').catch((error: unknown) => error);
    await retryUntil(() => old.requests.length === 1);
    const started = performance.now();
    remove();
    expect(await slow).toMatchObject({ name: 'NamespaceReplacedError', code: 'ERR_NAMESPACE_REPLACED' });
    expect(performance.now() - started).toBeLessThan(350);
    await make('new');
    expect(await ask(agent)).toBe('new');
    await agent.close();
  });

  it('throws nothing for a connection of node:http that is between two requests', async () => {
    await make('old');
    const agent = new VrfHttpAgent({ vrf, keepAlive: true, onReplaced: 'abort' });
    const uncaught: unknown[] = [];
    const note = (error: unknown): void => void uncaught.push(error);
    process.prependListener('uncaughtException', note);
    try {
      await new Promise<void>((resolve, reject) => {
        get({ agent, host: '192.0.2.1', port: 8080 }, (response) => {
          response.resume().once('end', () => {
            // The request has let go of its connection, and the agent does not have it back before the next tick.
            remove();
            const until = performance.now() + 30;
            while (performance.now() < until);
            resolve();
          });
        }).once('error', reject);
      });
      await delay(100);
    } finally {
      process.removeListener('uncaughtException', note);
    }
    expect(uncaught).toEqual([]);
    expect(Object.values(agent.freeSockets)).toEqual([]);
    agent.destroy();
  });

  it('sends what was still queued to the new one', async () => {
    for (const connections of [1, 2]) {
      const old = await make('old');
      const agent = new VrfAgent({ vrf, connections });
      const running = Array.from({ length: connections }, () => ask(agent, '/slow'));
      await retryUntil(() => old.requests.length === connections);
      const queued = [ask(agent, '/queued'), ask(agent, '/queued')];
      remove();
      const fresh = await make('new');
      expect(await Promise.all(running)).toEqual(running.map(() => 'old slow'));
      expect(await Promise.all(queued)).toEqual(['new', 'new']);
      expect(fresh.requests).toEqual(['/queued', '/queued']);
      expect(old.requests).not.toContain('/queued');
      await agent.close();
      remove();
    }
  });

  it('tells of it: counters, diagnostics_channel and logger', async () => {
    await make('old');
    const notes: string[] = [];
    const agent = new VrfAgent({ vrf, logger: { info: (message) => notes.push(message) } });
    const published: unknown[] = [];
    const listener = (message: unknown): void => {
      published.push(message);
    };
    subscribe('vrf-dial:replaced', listener);
    const before = counters();
    await ask(agent);
    remove();
    await retryUntil(() => published.length > 0);
    unsubscribe('vrf-dial:replaced', listener);
    expect(published).toEqual([
      { target: `VRF '${vrf}' (namespace '${namespace}')`, onReplaced: 'drain', connections: 1 },
    ]);
    expect(notes).toEqual([
      `VRF '${vrf}' (namespace '${namespace}') was removed or replaced: 1 connections are dropped`,
    ]);
    expect(counters()).toMatchObject({ replaced: before.replaced + 1, dropped: before.dropped + 1 });
    await agent.close();
  });

  it('holds the namespace neither open while idle nor alive after it was removed', async () => {
    const before = openFds();
    const server = await make('old');
    const agent = new VrfAgent({ vrf });
    expect(await ask(agent)).toBe('old');
    expect(leakedFds(before).filter((fd) => fd.includes('net:['))).toEqual([]);
    // A peer in the namespace lives as long as it does: when it goes, its other end goes.
    const peer = uniqueName('v');
    ip(`link add ${peer} type veth peer name inside netns ${namespace}`);
    remove();
    await server.close();
    // The kernel takes namespaces apart in the background, one after the other.
    await retryUntil(() => !readFileSync('/proc/net/dev', 'utf8').includes(`${peer}:`), 25_000);
    await agent.close();
  });

  it('does the same for a namespace given by its path', async () => {
    await make('old');
    const agent = new VrfAgent({ namespace: { path: `/run/netns/${namespace}` } });
    expect(await ask(agent)).toBe('old');
    remove();
    await make('new');
    expect(await ask(agent)).toBe('new');
    await agent.close();
  });

  it('does the same for https and HTTP/2, and offers the new server no session of the old one', async () => {
    const certificate = makeCertificate(['IP:192.0.2.1']);
    const resumed: boolean[] = [];
    const makeSecure = async (): Promise<RunningServer> => {
      ip(`netns add ${namespace}`);
      ipIn(namespace, 'link set lo up');
      ipIn(namespace, 'addr add 192.0.2.1/32 dev lo');
      const server = await http2ServerIn(namespace, '192.0.2.1', 8443, certificate);
      server.server.on('secureConnection', (socket: TLSSocket) => resumed.push(socket.isSessionReused()));
      closing.push(server.close);
      return server;
    };
    for (const allowH2 of [true, false]) {
      resumed.length = 0;
      const old = await makeSecure();
      const agent = new VrfAgent({ vrf, allowH2, connect: { ca: certificate.ca } });
      const version = async (): Promise<unknown> => {
        const { headers, body } = await request('https://192.0.2.1:8443/', { dispatcher: agent });
        expect(await body.text()).toBe(namespace);
        return headers['x-version'];
      };
      expect(await version()).toBe(allowH2 ? '2.0' : '1.1');
      expect(await version()).toBe(allowH2 ? '2.0' : '1.1');
      remove();
      await retryUntil(() => old.connections.size === 0);
      await makeSecure();
      expect(await version()).toBe(allowH2 ? '2.0' : '1.1');
      expect(resumed.at(-1)).toBe(false);
      await agent.close();
      remove();
    }
  });

  it('does the same for fetch', async () => {
    await make('old');
    await using vrfFetch = createVrfFetch({ vrf });
    expect(await (await vrfFetch(URL)).text()).toBe('old');
    remove();
    await make('new');
    expect(await (await vrfFetch(URL)).text()).toBe('new');
  });
});

describe('a connector in a foreign agent whose namespace is replaced', () => {
  for (const [version, Agent_, request_] of [
    [6, Agent6, request6],
    [7, Agent, request],
  ] as unknown as [number, typeof Agent, typeof request][]) {
    it(`drops idle connections, lets busy ones finish their request (undici ${version})`, async () => {
      const old = await make('old');
      const agent = new Agent_({ connect: createVrfConnector({ vrf }) });
      const get = async (path: string): Promise<string> =>
        (await request_(`${URL}${path}`, { dispatcher: agent })).body.text();
      const slow = get('/slow');
      expect(await get('/')).toBe('old');
      await retryUntil(() => old.connections.size === 2 && old.requests.length === 2);
      remove();
      await retryUntil(() => old.connections.size === 1, 2000);
      await make('new');
      expect(await get('/')).toBe('new');
      expect(await slow).toBe('old slow');
      await retryUntil(() => old.connections.size === 0);
      expect(await get('/')).toBe('new');
      await agent.close();
    });
  }
});

describe('a connector in an agent that speaks HTTP/2', () => {
  it('drops idle sessions and those whose streams have ended', async () => {
    const certificate = makeCertificate(['IP:192.0.2.1']);
    const slow = createSecureServer({ key: certificate.key, cert: certificate.cert }, (incoming, response) => {
      setTimeout(() => response.end(namespace), incoming.url === '/slow' ? 300 : 0);
    });
    ip(`netns add ${namespace}`);
    ipIn(namespace, 'link set lo up');
    ipIn(namespace, 'addr add 192.0.2.1/32 dev lo');
    const old = await serveIn(namespace, slow as unknown as Server, '192.0.2.1', 8443);
    closing.push(old.close);
    const agents = [0, 1].map(
      () => new Agent({ connect: createVrfConnector({ vrf, ca: certificate.ca, allowH2: true }), allowH2: true }),
    );
    const get = async (index: number, path: string): Promise<string> =>
      (await request(`https://192.0.2.1:8443${path}`, { dispatcher: agents[index] as Agent })).body.text();
    expect(await get(0, '/')).toBe(namespace);
    const running = get(1, '/slow');
    await retryUntil(() => old.connections.size === 2);
    await delay(50);
    remove();
    await retryUntil(() => old.connections.size === 1);
    expect(await running).toBe(namespace);
    await retryUntil(() => old.connections.size === 0);
    for (const agent of agents) await agent.close();
  });
});

describe('one watch', () => {
  it('serves all agents, and none is left when their connections are gone', async () => {
    await make('old');
    const inotify = (): number =>
      [...openFds().entries()].reduce(
        (sum, [fd, target]) =>
          target === 'anon_inode:inotify'
            ? sum + (readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8').match(/^inotify wd/gm)?.length ?? 0)
            : sum,
        0,
      );
    await retryUntil(() => inotify() === 0, 10_000);
    const agents = Array.from({ length: 20 }, () => new VrfAgent({ vrf, source: hopSource }));
    await Promise.all(agents.map((agent) => ask(agent)));
    expect(inotify()).toBe(1);
    await Promise.all(agents.map((agent) => agent.close()));
    await retryUntil(() => inotify() === 0, 10_000);
  });
});
