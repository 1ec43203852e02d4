// What programs rest on in undici's Agent, beyond that requests work.
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { Agent, type Dispatcher, errors, Pool, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ip, ipIn, makeNamespaces, retryUntil, uniqueName } from '#testkit';
import { createVrfFetch, DialError, dial, VrfAgent, VrfHttpAgent } from '../src/index.ts';
import { httpServerIn, type RunningServer, serveIn } from './servers.ts';

const red = uniqueName();
const RED = `ns-${red}`;
const ORIGIN = 'http://192.0.2.1:8080';
let namespaces: ReturnType<typeof makeNamespaces>;
const servers: RunningServer[] = [];

beforeAll(async () => {
  namespaces = makeNamespaces(RED);
  ipIn(RED, 'link set lo up');
  ipIn(RED, 'addr add 192.0.2.1/32 dev lo');
  ipIn(RED, 'link add va type veth peer name vb');
  for (const device of ['va', 'vb']) ipIn(RED, `link set ${device} up`);
  ipIn(RED, 'addr add 198.51.100.1/24 dev va');
  ipIn(RED, 'neigh add 198.51.100.9 lladdr 02:00:00:00:00:09 dev va nud permanent');
  ip('link set lo up');
  servers.push(await httpServerIn(RED, '192.0.2.1', 8080), await httpServerIn(RED, '192.0.2.1', 80));
  servers.push(await httpServerIn('', '127.0.0.1', 8080));
});

afterAll(async () => {
  for (const server of servers) await server.close();
  namespaces?.remove();
});

async function get(url: string, dispatcher: Dispatcher): Promise<string> {
  const { body } = await request(url, { dispatcher });
  return body.text();
}

describe('VrfAgent', () => {
  it('emits connect and disconnect as an Agent does', async () => {
    const eventsOf = async (agent: Agent, origin: string): Promise<unknown[]> => {
      const events: unknown[] = [];
      for (const event of ['connect', 'disconnect'])
        agent.on(event as 'disconnect', (from: URL, targets: readonly object[], error?: Error): unknown =>
          events.push([event, from.origin === origin, targets[0] === agent, targets.length > 1, error?.name]),
        );
      for (let round = 0; round < 2; round += 1) {
        const { body } = await request(origin, { dispatcher: agent, reset: true });
        await body.text();
        await retryUntil(() => events.length === 2 * (round + 1));
      }
      await agent.destroy();
      return events;
    };
    const expected = await eventsOf(new Agent(), 'http://127.0.0.1:8080');
    expect(expected).toHaveLength(4);
    expect(await eventsOf(new VrfAgent({ vrf: red }), ORIGIN)).toEqual(expected);
  });

  it('emits connectionError as an Agent does', async () => {
    const agent = new VrfAgent({ vrf: red });
    const failed = once(agent, 'connectionError');
    await expect(get('http://192.0.2.1:9/', agent)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(String((await failed)[0])).toContain('192.0.2.1:9');
    await agent.destroy();
  });

  it('connects to port 0 where the URL says so, and not to port 80', async () => {
    const agent = new VrfAgent({ vrf: red });
    await expect(get('http://192.0.2.1:0/', agent)).rejects.toMatchObject({ code: 'ECONNREFUSED', port: 0 });
    expect(await get('http://192.0.2.1/', agent)).toBe(RED);
    await agent.destroy();
  });

  it('refuses a callback that is not a function, and goes on', async () => {
    const agent = new VrfAgent({ vrf: red });
    expect(() => agent.close({} as never)).toThrow(errors.InvalidArgumentError);
    expect(() => agent.destroy(null, {} as never)).toThrow(errors.InvalidArgumentError);
    expect(await get(ORIGIN, agent)).toBe(RED);
    await agent.close();
  });

  it('closes a pool of the user’s factory when its last connection has ended', async () => {
    const pools: Pool[] = [];
    const agent = new VrfAgent({
      vrf: red,
      factory: (origin: string | URL, options: object) => {
        const pool = new Pool(origin, options);
        pools.push(pool);
        return pool;
      },
    });
    for (let round = 1; round <= 2; round += 1) {
      const { body } = await request(ORIGIN, { dispatcher: agent, reset: true });
      await body.text();
      await retryUntil(() => pools[round - 1]?.closed === true);
      expect(pools).toHaveLength(round);
    }
    await agent.close();
  });

  it('reports a connect timeout as undici does', async () => {
    const agent = new VrfAgent({ vrf: red, connectTimeout: 50 });
    const error: unknown = await get('http://198.51.100.9/', agent).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'UND_ERR_CONNECT_TIMEOUT', host: '198.51.100.9', port: 80 });
    expect(error).toBeInstanceOf(errors.ConnectTimeoutError);
    expect(error).toBeInstanceOf(DialError);
    await agent.destroy();
    const vrfFetch = createVrfFetch({ vrf: red, connectTimeout: 50 });
    await expect(vrfFetch('http://198.51.100.9/')).rejects.toMatchObject({
      cause: { code: 'UND_ERR_CONNECT_TIMEOUT' },
    });
    await vrfFetch.agent.destroy();
  });

  it('uses the preferred address of a host alone with autoSelectFamily: false', async () => {
    const lookup = (_host: string, _options: object, callback: (...answer: unknown[]) => void): void =>
      callback(null, [
        { address: '2001:db8::1', family: 6 },
        { address: '192.0.2.1', family: 4 },
      ]);
    const all = new VrfAgent({ vrf: red, lookup: lookup as never });
    expect(await get('http://both.test:8080/', all)).toBe(RED);
    await all.destroy();
    const one = new VrfAgent({ vrf: red, lookup: lookup as never, autoSelectFamily: false });
    await expect(get('http://both.test:8080/', one)).rejects.toMatchObject({ address: '2001:db8::1' });
    await one.destroy();
  });
});

describe('a connection that stands when its time is over', () => {
  /** Holds the event loop, as a long computation does. */
  function block(ms: number): void {
    const end = performance.now() + ms;
    while (performance.now() < end);
  }

  it('is not reported as timed out where the event loop was blocked', async () => {
    const timeout = 100;
    const dialled = dial({ vrf: red, host: '192.0.2.1', port: 8080, timeout });
    block(2 * timeout);
    (await dialled).destroy();

    const agent = new VrfAgent({ vrf: red, connectTimeout: timeout });
    const answered = get(ORIGIN, agent);
    block(2 * timeout);
    expect(await answered).toBe(RED);
    await agent.destroy();

    const httpAgent = new VrfHttpAgent({ vrf: red, connectTimeout: timeout });
    const { default: http } = await import('node:http');
    const incoming = once(http.get(ORIGIN, { agent: httpAgent }), 'response');
    block(2 * timeout);
    const [response] = await incoming;
    expect(response.statusCode).toBe(200);
    httpAgent.destroy();
  });

  it('does time out where no server answers', async () => {
    const dialled = dial({ vrf: red, host: '198.51.100.9', port: 80, timeout: 50 });
    block(100);
    await expect(dialled).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });
});

it('a server that is closed and given to a VRF in the same turn listens there', async () => {
  const { listenInVrf } = await import('../src/index.ts');
  const server = createHttpServer((_request, response) => response.end('moved'));
  const first = await serveIn(RED, server, '192.0.2.1', 8081);
  expect(first.server.listening).toBe(true);
  server.close();
  const listener = await listenInVrf(server, { vrf: red, host: '192.0.2.1', port: 8081 });
  // The 'close' of the first time comes a turn later.
  await new Promise((resolve) => setImmediate(resolve));
  expect(listener.state).toBe('listening');
  const agent = new VrfAgent({ vrf: red });
  expect(await get('http://192.0.2.1:8081/', agent)).toBe('moved');
  await agent.destroy();
  await listener.close();
  expect(listener.state).toBe('closed');
});
