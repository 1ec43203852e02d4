// Clients that have a way around a dispatcher: a server at home, which must get nothing, stands where they would go.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer, get } from 'node:http';
import { createServer, type Server } from 'node:net';
import { promisify } from 'node:util';
import { EnvHttpProxyAgent, request } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeNamespaces, uniqueName } from '#testkit';
import { createVrfConnector, createVrfFetch, vrfProxyOptions } from '../src/index.ts';
import { type RunningServer, serveIn } from './servers.ts';

const red = uniqueName();
const RED = `ns-${red}`;
const ORIGIN = 'http://127.0.0.1:8080';
const PROXY = 3128;
const OTHER_PROXY = 3129;
let namespaces: ReturnType<typeof makeNamespaces>;
const inside: RunningServer<Server>[] = [];
const traps: Server[] = [];
let trapped = 0;

beforeAll(async () => {
  namespaces = makeNamespaces(RED);
  for (const [port, name] of [
    [8080, 'red'],
    [PROXY, 'proxy'],
    [OTHER_PROXY, 'other proxy'],
  ] as const)
    inside.push(
      await serveIn(
        RED,
        createHttpServer((incoming, response) => {
          incoming.resume();
          response.end(name);
        }),
        '127.0.0.1',
        port,
      ),
    );
  for (const port of [8080, PROXY, OTHER_PROXY]) {
    const trap = createServer((socket) => {
      trapped += 1;
      socket.destroy();
    });
    trap.listen(port, '127.0.0.1');
    await once(trap, 'listening');
    traps.push(trap);
  }
});

afterAll(async () => {
  for (const trap of traps) trap.close();
  for (const server of inside) await server.close();
  namespaces.remove();
});

afterEach(() => {
  expect(trapped).toBe(0);
});

// undici 8 loads from Node 22.19 on.
const undici8 = Number(process.versions.node.split('.')[0]) > 22 ? await import('undici8') : undefined;

describe.each([
  [7, EnvHttpProxyAgent, undefined, request],
  ...(undici8 === undefined ? [] : [[8, undici8.EnvHttpProxyAgent, undici8.Pool, undici8.request]]),
] as unknown as [number, typeof EnvHttpProxyAgent, undefined, typeof request][])(
  'EnvHttpProxyAgent of undici %i with vrfProxyOptions',
  (_version, Agent, Pool, ask) => {
    const get = async (url: string, options: object): Promise<string> => {
      const connector = createVrfConnector({ vrf: red, timeout: 2000 });
      const agent = new Agent({
        ...vrfProxyOptions(`http://127.0.0.1:${PROXY}`, connector, Pool),
        ...options,
      } as never);
      try {
        return await (await ask(url, { dispatcher: agent as never })).body.text();
      } finally {
        await agent.destroy();
      }
    };
    const httpProxy = `http://127.0.0.1:${PROXY}`;

    it('reaches hosts of NO_PROXY in the VRF', async () => {
      expect(await get(ORIGIN, { httpProxy, noProxy: '127.0.0.1' })).toBe('red');
    });

    it('reaches its proxy in the VRF without a tunnel, also one that is another than the uri', async () => {
      const past = { noProxy: '', proxyTunnel: false };
      expect(await get('http://203.0.113.1/', { httpProxy, ...past })).toBe('proxy');
      const other = `http://127.0.0.1:${OTHER_PROXY}`;
      expect(await get('http://203.0.113.1/', { httpProxy: other, ...past })).toBe('other proxy');
    });

    it('does not connect to a SOCKS proxy, which undici reaches from home', async () => {
      const socks = `socks5://127.0.0.1:${PROXY}`;
      await expect(get('http://203.0.113.1/', { httpProxy: socks, noProxy: '' })).rejects.toThrow();
    });
  },
);

describe('createVrfFetch', () => {
  const nodesOwn = globalThis.fetch;
  const polyfill = ((url: string) =>
    new Promise((resolve, reject) => {
      get(url, (response) => resolve(response)).on('error', reject);
    })) as unknown as typeof fetch;

  afterEach(() => {
    globalThis.fetch = nodesOwn;
  });

  it("is Node's own where the global one was replaced, before or after it was made", async () => {
    await using before = createVrfFetch({ vrf: red });
    globalThis.fetch = polyfill;
    await using after = createVrfFetch({ vrf: red });
    for (const bound of [before, after]) {
      const response = await bound(ORIGIN);
      expect(response).toBeInstanceOf(Response);
      expect(await response.text()).toBe('red');
    }
  });

  it("is undici's where the global one was replaced before this package was loaded", async () => {
    // In a process of its own, with the sources as they are here.
    const code = `
      import http from 'node:http';
      globalThis.fetch = (url) => new Promise((resolve, reject) => http.get(url, resolve).on('error', reject));
      const { createVrfFetch } = await import(${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)});
      const vrfFetch = createVrfFetch({ vrf: ${JSON.stringify(red)} });
      const form = new FormData();
      form.append('a', '1');
      const said = [];
      for (const [input, init] of [
        ['${ORIGIN}/x'], [new URL('${ORIGIN}/x')], [new Request('${ORIGIN}/x', { method: 'POST', body: 'b' })],
        ['${ORIGIN}/x', { method: 'POST', body: form, headers: new Headers({ x: '1' }) }],
      ]) {
        const response = await vrfFetch(input, init);
        said.push(await response.text(), response instanceof Response, response.url, response.status);
      }
      await vrfFetch.close();
      console.log(JSON.stringify(said));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code]);
    const said = JSON.parse(stdout);
    expect(said).toEqual(Array.from({ length: 4 }, () => ['red', true, `${ORIGIN}/x`, 200]).flat());
  });
});
