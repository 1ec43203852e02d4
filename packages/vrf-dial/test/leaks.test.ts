// Nothing that a target sends may be seen anywhere but in its namespace. The sandbox's own namespace ("home") and a
// second VRF have the same addresses and servers on them, so that whatever leaks is answered, and seen.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { type Agent, interceptors, Pool, RetryAgent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { capture, ip, ipIn, leakedFds, makeNamespaces, openFds, retryUntil, uniqueName, vethBetween } from '#testkit';
import { createVrfConnector, createVrfFetch, dial, VrfAgent } from '../src/index.ts';
import { type Certificate, makeCertificate, type RunningServer, serveIn } from './servers.ts';

const red = uniqueName();
const blue = uniqueName();
const RED = `ns-${red}`;
const BLUE = `ns-${blue}`;
/** Where RED's packets go to, over a wire of its own. */
const PEER = `ns-${uniqueName()}`;
let namespaces: ReturnType<typeof makeNamespaces>;
let certificate: Certificate;
let dnsmasq: ChildProcess;
const servers: RunningServer<Server>[] = [];
const ticketKeys = randomBytes(48);
/** What TLS servers saw: who, and whether the client had a ticket for it. */
const handshakes: string[] = [];
/** Everything that a leak could be made of; neighbour discovery of the kernel's own left out. */
const TRAFFIC = 'tcp or udp or arp or icmp';

function serversIn(namespace: string, answer: string): Promise<RunningServer<Server>[]> {
  let flaky = 0;
  const listener: RequestListener = (incoming, response) => {
    if (incoming.url === '/redirect') response.writeHead(302, { location: 'https://same.example:8443/moved' }).end();
    else if (incoming.url === '/flaky') {
      flaky += 1;
      response.statusCode = flaky % 3 === 0 ? 200 : 503;
      response.end(answer);
    } else response.end(`${answer}${incoming.url === '/' ? '' : incoming.url}`);
  };
  const secure = createHttpsServer({ key: certificate.key, cert: certificate.cert, ticketKeys }, listener);
  secure.on('secureConnection', (socket: TLSSocket) => {
    handshakes.push(`${answer} ${socket.isSessionReused() ? 'resumed' : 'new'}`);
  });
  return Promise.all([
    serveIn(namespace, createHttpServer(listener), '192.0.2.2', 8080),
    serveIn(namespace, secure, '192.0.2.2', 8443),
    serveIn(
      namespace,
      createTcpServer((socket) => socket.resume()),
      '192.0.2.2',
      8444,
    ),
  ]);
}

beforeAll(async () => {
  certificate = makeCertificate(['DNS:same.example', 'IP:192.0.2.2']);
  namespaces = makeNamespaces(RED, BLUE, PEER);
  // As an operator would have it: the first server of the file is silent.
  mkdirSync(`/etc/netns/${RED}`, { recursive: true });
  writeFileSync(
    `/etc/netns/${RED}/resolv.conf`,
    'nameserver 192.0.2.200\nnameserver 192.0.2.2\noptions timeout:1 attempts:2\n',
  );
  vethBetween(
    { namespace: RED, name: 'eth0', addresses: ['192.0.2.1/24', '2001:db8::1/64'] },
    { namespace: PEER, name: 'eth0', addresses: ['192.0.2.2/24', '2001:db8::2/64'] },
  );
  for (const here of [BLUE, undefined]) {
    const add = (line: string): void => void (here === undefined ? ip(line) : ipIn(here, line));
    add('addr add 192.0.2.2/24 dev lo');
    add('addr add 2001:db8::2/64 dev lo nodad');
  }
  servers.push(...(await serversIn(PEER, 'red')), ...(await serversIn(BLUE, 'blue')), ...(await serversIn('', 'home')));
  dnsmasq = spawn(
    'ip',
    [
      ...[
        'netns',
        'exec',
        PEER,
        'dnsmasq',
        '-k',
        '--user=',
        '--group=',
        '--no-resolv',
        '--no-hosts',
        '--conf-file=/dev/null',
      ],
      ...['--pid-file=', '--listen-address=192.0.2.2', '--bind-interfaces'],
      ...['--host-record=same.example,192.0.2.2', '--host-record=several.example,192.0.2.2,2001:db8::99'],
    ],
    { stdio: 'ignore' },
  );
  await retryUntil(async () => {
    try {
      (await dial({ vrf: red, host: 'same.example', port: 8080, dns: { servers: ['192.0.2.2'] } })).destroy();
      return true;
    } catch {
      return false;
    }
  }, 15_000);
});

afterAll(async () => {
  dnsmasq?.kill();
  for (const server of servers) await server.close();
  namespaces.remove();
  for (const address of ['192.0.2.2/24', '2001:db8::2/64']) ip(`addr del ${address} dev lo`);
});

/** Captures in all namespaces but RED and its peer, and expects nothing; where RED's packets arrive, something. */
async function seenNowhereElse(run: () => Promise<void>): Promise<void> {
  const [home, other, own] = [
    await capture(undefined, TRAFFIC),
    await capture(BLUE, TRAFFIC),
    await capture(PEER, TRAFFIC),
  ];
  let seen: readonly string[][] = [];
  try {
    await run();
  } finally {
    seen = [await home.stop(), await other.stop(), await own.stop()].map((lines) =>
      lines.filter((line) => line !== ''),
    );
  }
  const [atHome, inBlue, atPeer] = seen;
  expect(atHome).toEqual([]);
  expect(inBlue).toEqual([]);
  expect(atPeer?.length).toBeGreaterThan(0);
}

const dns = { servers: ['192.0.2.2'], cache: false };

describe('nothing is seen outside the VRF', () => {
  it('while names are resolved, with a first server that is silent', () =>
    seenNowhereElse(async () => {
      const socket = await dial({ vrf: red, host: 'same.example', port: 8080, dns: { cache: false } });
      expect(socket.remoteAddress).toBe('192.0.2.2');
      socket.destroy();
      await expect(dial({ vrf: red, host: 'nowhere.example', port: 80, dns })).rejects.toThrow(/nowhere\.example/);
      await expect(
        dial({ vrf: red, host: 'same.example', port: 80, dns: { servers: ['192.0.2.200'] }, timeout: 300 }),
      ).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    }));

  it('while several addresses are tried, and while no server answers', () =>
    seenNowhereElse(async () => {
      const socket = await dial({
        vrf: red,
        host: 'several.example',
        port: 8080,
        dns,
      });
      expect(socket.remoteAddress).toBe('192.0.2.2');
      socket.destroy();
      // Long enough for the kernel to send its SYN again.
      await expect(dial({ vrf: red, host: '192.0.2.201', port: 80, timeout: 1500 })).rejects.toMatchObject({
        code: expect.stringMatching(/ETIMEDOUT|EHOSTUNREACH/),
      });
    }));

  it('by fetch, redirected from http to https, over kept and new connections', () =>
    seenNowhereElse(async () => {
      await using vrfFetch = createVrfFetch({ vrf: red, dns, connect: { ca: certificate.ca } });
      for (let round = 0; round < 3; round += 1) {
        const response = await vrfFetch('http://same.example:8080/redirect');
        expect(response.redirected).toBe(true);
        expect(await response.text()).toBe('red/moved');
        const closed = await vrfFetch('https://192.0.2.2:8443/', { headers: { connection: 'close' } });
        expect(await closed.text()).toBe('red');
      }
    }));

  it('by undici around it: retries, redirects, Pool, RetryAgent, the dns interceptor with our lookup', () =>
    seenNowhereElse(async () => {
      const agent = new VrfAgent({ vrf: red, dns, connect: { ca: certificate.ca } });
      const composed = agent.compose(
        interceptors.redirect({ maxRedirections: 2 }),
        interceptors.retry({ maxRetries: 3, minTimeout: 1, maxTimeout: 2 }),
      );
      const moved = await request('http://same.example:8080/redirect', { dispatcher: composed });
      expect(await moved.body.text()).toBe('red/moved');
      const flaky = await request('http://192.0.2.2:8080/flaky', { dispatcher: composed });
      expect([flaky.statusCode, await flaky.body.text()]).toEqual([200, 'red']);
      const retrying = new RetryAgent(agent, { minTimeout: 1, maxTimeout: 2 });
      const again = await request('http://192.0.2.2:8080/flaky', { dispatcher: retrying });
      expect(await again.body.text()).toBe('red');
      await agent.close();
      const pool = new Pool('http://192.0.2.2:8080', { connections: 3, connect: createVrfConnector({ vrf: red }) });
      const bodies = await Promise.all(
        Array.from({ length: 12 }, async () => (await pool.request({ path: '/', method: 'GET' })).body.text()),
      );
      expect(new Set(bodies)).toEqual(new Set(['red']));
      await pool.close();
    }));

  it('over a namespace that goes and comes back', () =>
    seenNowhereElse(async () => {
      const agent = new VrfAgent({ vrf: red, waitForNamespace: 5000 });
      const get = async (): Promise<string> =>
        (await request('http://192.0.2.2:8080/', { dispatcher: agent })).body.text();
      expect(await get()).toBe('red');
      ip(`netns del ${RED}`);
      const waiting = get().catch((error: Error & { code?: string }) => error.code);
      await delay(50);
      const makeAgain = (): void => {
        ip(`netns add ${RED}`);
        ipIn(RED, 'link set lo up');
        vethBetween(
          { namespace: RED, name: 'eth0', addresses: ['192.0.2.1/24', '2001:db8::1/64'] },
          { namespace: PEER, name: 'eth0', addresses: ['192.0.2.2/24', '2001:db8::2/64'] },
        );
      };
      // The old wire would go with the namespace, in the kernel's own time.
      try {
        ipIn(PEER, 'link del eth0');
      } catch {
        // It is gone already.
      }
      makeAgain();
      // Tried too early, before it had its addresses, the request fails in the namespace: nowhere else.
      const first = await waiting;
      expect(['red', 'ENETUNREACH', 'EHOSTUNREACH']).toContain(first);
      expect(await get()).toBe('red');
      await agent.close();
    }));
});

describe('TLS sessions', () => {
  it('are resumed in their own VRF, and no ticket is offered in another, though its server would take it', async () => {
    const agents = [red, blue].map((vrf) => new VrfAgent({ vrf, connect: { ca: certificate.ca } }));
    const ask = async (agent: Agent | undefined): Promise<string> => {
      const { body } = await request('https://192.0.2.2:8443/', {
        dispatcher: agent as Agent,
        headers: { host: 'same.example:8443' },
        reset: true,
      });
      const text = await body.text();
      await delay(20);
      return text;
    };
    handshakes.length = 0;
    // undici's cache holds sessions weakly, so a collection of garbage at the wrong moment would empty it.
    vi.stubGlobal(
      'WeakRef',
      class<T> {
        readonly deref: () => T;
        constructor(target: T) {
          this.deref = () => target;
        }
      },
    );
    try {
      expect(await ask(agents[0])).toBe('red');
      expect(await ask(agents[0])).toBe('red');
      expect(await ask(agents[1])).toBe('blue');
      expect(await ask(agents[1])).toBe('blue');
    } finally {
      vi.unstubAllGlobals();
    }
    expect(handshakes).toEqual(['red new', 'red resumed', 'blue new', 'blue resumed']);
    for (const agent of agents) await agent.close();
  });
});

describe('no file descriptor stays open', () => {
  it('after requests that worked and requests that failed in every way', async () => {
    const before = openFds();
    const agent = new VrfAgent({ vrf: red, connect: { ca: certificate.ca }, timeout: 300 });
    const untrusting = new VrfAgent({ vrf: red, timeout: 300 });
    const get = async (url: string, dispatcher: Agent): Promise<string> => {
      const { body } = await request(url, { dispatcher });
      return body.text();
    };
    expect(await get('http://192.0.2.2:8080/', agent)).toBe('red');
    expect(await get('https://192.0.2.2:8443/', agent)).toBe('red');
    // An untrusted certificate, a server that never answers to a handshake, no server, a server without TLS.
    await expect(get('https://192.0.2.2:8443/', untrusting)).rejects.toMatchObject({
      code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    });
    await expect(get('https://192.0.2.2:8444/', agent)).rejects.toMatchObject({ code: 'UND_ERR_CONNECT_TIMEOUT' });
    await expect(get('https://192.0.2.2:9/', agent)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(get('https://192.0.2.2:8080/', agent)).rejects.toMatchObject({
      code: expect.stringMatching(/SSL|ECONNRESET/),
    });
    await expect(get('http://203.0.113.1/', agent)).rejects.toMatchObject({ code: 'ENETUNREACH' });
    // Destroyed while it connects.
    const doomed = new VrfAgent({ vrf: red });
    const pending = get('http://192.0.2.202/', doomed).catch((error: Error) => error.name);
    await delay(20);
    await doomed.destroy();
    expect(await pending).toBe('ClientDestroyedError');
    await agent.close();
    await untrusting.close();
    await retryUntil(() => leakedFds(before).filter((fd) => !fd.includes('inotify')).length === 0);
  });
});
