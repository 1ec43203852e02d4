// Which undici works with what, on the Node that runs this. Nothing is skipped: what does not work is expected not to.
import type { Server } from 'node:net';
import { Agent as Agent7, type Dispatcher, fetch as fetch7, request as request7 } from 'undici';
import { Agent as Agent6, fetch as fetch6, request as request6 } from 'undici6';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ipIn, makeNamespaces, uniqueName } from '#testkit';
import { createVrfConnector, createVrfFetch, VrfAgent } from '../src/index.ts';
import {
  type Certificate,
  http2ServerIn,
  httpServerIn,
  httpsServerIn,
  makeCertificate,
  type RunningServer,
} from './servers.ts';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
/** What undici 8 asks for in its package.json. */
const LOADS_8 = major > 22 || (major === 22 && minor >= 19);

interface Undici {
  readonly version: 6 | 7 | 8;
  readonly Agent: new (options: { connect: unknown; allowH2?: boolean }) => Dispatcher;
  readonly fetch: (
    url: string,
    init: { dispatcher: unknown },
  ) => Promise<{ text(): Promise<string>; headers: { get(name: string): string | null } }>;
  readonly request: (
    url: string,
    options: { dispatcher: unknown },
  ) => Promise<{ body: { text(): Promise<string> }; headers: Record<string, unknown> }>;
}

const undicis: Undici[] = [
  { version: 6, Agent: Agent6, fetch: fetch6, request: request6 } as unknown as Undici,
  { version: 7, Agent: Agent7, fetch: fetch7, request: request7 } as unknown as Undici,
];
if (LOADS_8) {
  const { Agent, fetch, request } = await import('undici8');
  undicis.push({ version: 8, Agent, fetch, request } as unknown as Undici);
}

// Two VRFs in which the same addresses stand for different servers.
const names = [uniqueName(), uniqueName()] as const;
let namespaces: ReturnType<typeof makeNamespaces>;
let certificate: Certificate;
const servers: RunningServer<Server>[] = [];
const HTTP = 'http://[2001:db8::1]:8080/';
const HTTPS = 'https://192.0.2.1:8443/';
const H2 = 'https://192.0.2.1:8444/';

beforeAll(async () => {
  namespaces = makeNamespaces(...names.map((name) => `ns-${name}`));
  certificate = makeCertificate(['IP:192.0.2.1']);
  for (const name of names) {
    const namespace = `ns-${name}`;
    ipIn(namespace, 'addr add 192.0.2.1/32 dev lo');
    ipIn(namespace, 'addr add 2001:db8::1/128 dev lo nodad');
    servers.push(await httpServerIn(namespace, '2001:db8::1', 8080));
    servers.push(await httpsServerIn(namespace, '192.0.2.1', 8443, certificate));
    servers.push(await http2ServerIn(namespace, '192.0.2.1', 8444, certificate));
  }
});

afterAll(async () => {
  for (const server of servers) await server.close();
  namespaces.remove();
});

/** Runs the same through both VRFs at once, twice, so that kept connections and TLS sessions are used as well. */
async function inBoth(run: (vrf: string) => Promise<string>): Promise<void> {
  for (let round = 0; round < 2; round += 1)
    expect(await Promise.all(names.map(run))).toEqual(names.map((name) => `ns-${name}`));
}

describe(`on Node ${process.versions.node}`, () => {
  const agents = new Map<string, VrfAgent>();
  beforeAll(() => {
    for (const vrf of names) agents.set(vrf, new VrfAgent({ vrf, connect: { ca: certificate.ca } }));
  });
  afterAll(async () => {
    for (const agent of agents.values()) await agent.close();
  });
  const agentOf = (vrf: string): VrfAgent => agents.get(vrf) as VrfAgent;

  it('undici 8 loads exactly where it says it does', async () => {
    if (LOADS_8) expect(undicis.map(({ version }) => version)).toEqual([6, 7, 8]);
    else await expect(import('undici8')).rejects.toThrow();
  });

  it("Node's own fetch takes a VrfAgent", async () => {
    for (const url of [HTTP, HTTPS, H2])
      await inBoth(async (vrf) => (await fetch(url, { dispatcher: agentOf(vrf) } as unknown as RequestInit)).text());
  });

  it("createVrfFetch is Node's own fetch, bound", async () => {
    for (const url of [HTTP, HTTPS, H2])
      await inBoth(async (vrf) => {
        await using vrfFetch = createVrfFetch({ vrf, connect: { ca: certificate.ca } });
        const response = await vrfFetch(url);
        expect(response).toBeInstanceOf(Response);
        return response.text();
      });
  });

  for (const { version, fetch, request, Agent } of undicis) {
    it(`fetch and request of undici ${version} take a VrfAgent`, async () => {
      for (const url of [HTTP, HTTPS, H2]) {
        await inBoth(async (vrf) => (await fetch(url, { dispatcher: agentOf(vrf) })).text());
        await inBoth(async (vrf) => (await request(url, { dispatcher: agentOf(vrf) })).body.text());
      }
    });

    it(`createVrfConnector works in an Agent of undici ${version}, also for HTTP/2`, async () => {
      for (const allowH2 of [false, true]) {
        const own = new Map(
          names.map((vrf) => [
            vrf,
            new Agent({ connect: createVrfConnector({ vrf, ca: certificate.ca, allowH2 }), allowH2 }),
          ]),
        );
        for (const url of [HTTP, HTTPS]) {
          await inBoth(async (vrf) => (await fetch(url, { dispatcher: own.get(vrf) })).text());
          await inBoth(async (vrf) => (await request(url, { dispatcher: own.get(vrf) })).body.text());
        }
        await inBoth(async (vrf) => {
          const { body, headers } = await request(H2, { dispatcher: own.get(vrf) });
          expect(headers['x-version']).toBe(allowH2 ? '2.0' : '1.1');
          return body.text();
        });
        for (const agent of own.values()) await agent.close();
      }
    });
  }

  it('a VrfAgent speaks HTTP/2 when it may', async () => {
    await inBoth(async (vrf) => {
      const agent = new VrfAgent({ vrf, allowH2: true, connect: { ca: certificate.ca } });
      const { body, headers } = await request7(H2, { dispatcher: agent });
      expect(headers['x-version']).toBe('2.0');
      const text = await body.text();
      const again = await fetch(H2, { dispatcher: agent } as unknown as RequestInit);
      expect(again.headers.get('x-version')).toBe('2.0');
      expect(await again.text()).toBe(text);
      await agent.close();
      return text;
    });
  });
});
