// Every kind of client that vrf-dial has.
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { Agent, BalancedPool, Client, Pool, ProxyAgent, pipeline, RetryAgent, request, stream } from 'undici';
import {
  createUdpSocket,
  createVrfConnector,
  createVrfFetch,
  createVrfLookup,
  dial,
  listenInVrf,
  VrfAgent,
  VrfHttpAgent,
  VrfHttpsAgent,
  vrfProxyOptions,
} from 'vrf-dial';
import { decodeNumberAddresses, decodeOwnAddress, IPV4, IPV6, LISTENER_PORT, PORTS } from '../addresses.mjs';
import { answerTo, Thrown } from './kind.mjs';
import { lineOf } from './line.mjs';

const tls = { rejectUnauthorized: false };
const host = (random) => (random.chance(0.3) ? `[${IPV6}]` : IPV4);
const limits = { headersTimeout: 20_000, bodyTimeout: 20_000 };

/** Path and query of a request; some take a while, so that changes meet them on their way. */
function pathOf({ random, nonce }) {
  return `/?n=${nonce}${random.chance(0.03) ? `&wait=${random.integer(1, 120)}` : ''}`;
}

/** A logger that throws now and then, as a full disk does. */
function logger(random) {
  const log = () => {
    if (random.chance(0.2)) throw new Thrown('logger');
  };
  return { info: log, warn: log, error: log, debug: log };
}

const options = (name, random) => ({
  ...name.target,
  onReplaced: random.chance(0.2) ? 'abort' : 'drain',
  ...(random.chance(0.3) ? { logger: logger(random) } : {}),
});

/** Kinds that differ in nothing but the dispatcher. */
function dispatcherKind(name, scheme, makeDispatcher, more = {}) {
  return {
    name,
    open: (target, context) => makeDispatcher(target, context, `${scheme}://${host(context.random)}`),
    ask: async (kept, context) => {
      const origin = kept.origin ?? `${scheme}://${host(context.random)}`;
      const { body } = await request(`${origin}${pathOf(context)}`, {
        dispatcher: kept.dispatcher ?? kept,
        signal: context.signal,
        ...limits,
      });
      return answerTo(await body.text(), context.nonce);
    },
    close: (kept) => (kept.dispatcher ?? kept).destroy(),
    ...more,
  };
}

const vrfAgent =
  (more) =>
  (name, { random }) =>
    new VrfAgent({
      ...options(name, random),
      connections: 4,
      connect: tls,
      ...more,
      ...(random.chance(0.2)
        ? {
            factory: (origin, poolOptions) => {
              if (random.chance(0.1)) throw new Thrown('factory');
              return new Pool(origin, poolOptions);
            },
          }
        : {}),
    });

const connector = (name, { random }, more) => createVrfConnector({ ...options(name, random), ...tls, ...more });

const get = (module, url, agent, signal, onSocket) =>
  new Promise((resolve, reject) => {
    const outgoing = module.get(url, { agent, signal, timeout: 20_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve(body));
      response.on('error', reject);
      if (response.socket !== null) onSocket?.(response.socket);
    });
    outgoing.on('timeout', () => outgoing.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })));
    outgoing.on('error', reject);
  });

const lookUp = (lookup, hostname, lookupOptions) =>
  new Promise((resolve, reject) => {
    lookup(hostname, lookupOptions, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });

/** A short name asked for with one of two search lists, both at the same time and cached. */
const search = (name) =>
  ['a.example', 'b.example'].map((domain) =>
    createVrfLookup({ ...name.target, dns: { servers: [IPV4], search: [domain], hosts: false } }),
  );

const dns = (random) =>
  random.chance(0.5)
    ? {}
    : { dns: { servers: [random.chance(0.5) ? IPV4 : `[${IPV6}]:53`], hosts: false, search: [] } };

/** Names by path have no /etc/netns: they are given their servers. */
const serversOf = (name, random) =>
  typeof name.target.namespace === 'object' ? { dns: { servers: [IPV4], hosts: false, search: [] } } : dns(random);

export const vrfDialKinds = [
  {
    name: 'fetch',
    weight: 2,
    open: (name, { random }) => createVrfFetch({ ...options(name, random), connect: tls, ...limits }),
    ask: async (fetch, context) => {
      const response = await fetch(`http://${host(context.random)}${pathOf(context)}`, { signal: context.signal });
      return answerTo(await response.text(), context.nonce);
    },
    close: (fetch) => fetch.agent.destroy(),
  },
  {
    name: 'fetch by host name',
    open: (name, { random }) => createVrfFetch({ ...options(name, random), ...serversOf(name, random), ...limits }),
    ask: async (fetch, context) => {
      const response = await fetch(`http://web-${context.random.integer(0, 20)}.campaign.example${pathOf(context)}`, {
        signal: context.signal,
      });
      return answerTo(await response.text(), context.nonce);
    },
    close: (fetch) => fetch.agent.destroy(),
  },
  { ...dispatcherKind('VrfAgent request', 'http', vrfAgent()), weight: 3 },
  dispatcherKind('VrfAgent https', 'https', vrfAgent({ pipelining: 1 })),
  dispatcherKind('VrfAgent HTTP/2', 'https', vrfAgent({ allowH2: true })),
  dispatcherKind('VrfAgent https, closed each time', 'https', vrfAgent({ pipelining: 0 })),
  dispatcherKind('VrfAgent stream', 'http', vrfAgent(), {
    ask: async (dispatcher, context) => {
      let body = '';
      const { Writable } = await import('node:stream');
      await stream(
        `http://${host(context.random)}${pathOf(context)}`,
        { dispatcher, method: 'GET', signal: context.signal, ...limits },
        () =>
          new Writable({
            write(chunk, _encoding, done) {
              body += chunk;
              done();
            },
          }),
      );
      return answerTo(body, context.nonce);
    },
  }),
  dispatcherKind('VrfAgent pipeline', 'http', vrfAgent(), {
    ask: (dispatcher, context) =>
      new Promise((resolve, reject) => {
        let body = '';
        pipeline(
          `http://${host(context.random)}${pathOf(context)}`,
          { dispatcher, method: 'GET', signal: context.signal, ...limits },
          ({ body: incoming }) => incoming,
        )
          .on('data', (chunk) => {
            body += chunk;
          })
          .on('end', () => resolve(answerTo(body, context.nonce)))
          .on('error', reject)
          .on('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })))
          .end();
      }),
  }),
  dispatcherKind('connector in Pool', 'http', (name, context, origin) => ({
    origin,
    dispatcher: new Pool(origin, { connections: 4, connect: connector(name, context) }),
  })),
  dispatcherKind('connector in Client', 'http', (name, context, origin) => ({
    origin,
    dispatcher: new Client(origin, { connect: connector(name, context) }),
  })),
  dispatcherKind(
    'connector in Agent',
    'https',
    (name, context) => new Agent({ connections: 4, connect: connector(name, context) }),
  ),
  dispatcherKind(
    'connector in Agent, HTTP/2',
    'https',
    (name, context) =>
      new Agent({ connections: 2, allowH2: true, connect: connector(name, context, { allowH2: true }) }),
  ),
  dispatcherKind('connector in BalancedPool', 'http', (name, context, origin) => ({
    origin,
    dispatcher: new BalancedPool([origin], { connections: 2, connect: connector(name, context) }),
  })),
  dispatcherKind(
    'RetryAgent',
    'http',
    (name, context) => new RetryAgent(vrfAgent()(name, context), { maxRetries: 2, minTimeout: 5, maxTimeout: 20 }),
  ),
  dispatcherKind(
    'ProxyAgent',
    'http',
    (name, context) =>
      new ProxyAgent({
        ...vrfProxyOptions(`http://${host(context.random)}:${PORTS.proxy}`, connector(name, context)),
        proxyTunnel: context.random.chance(0.5),
      }),
  ),
  {
    name: 'VrfHttpAgent',
    weight: 2,
    open: (name, { random }) =>
      new VrfHttpAgent({ ...options(name, random), keepAlive: random.chance(0.8), maxSockets: 4 }),
    ask: async (agent, context) =>
      answerTo(
        await get(http, `http://${host(context.random)}${pathOf(context)}`, agent, context.signal),
        context.nonce,
      ),
    close: (agent) => agent.destroy(),
  },
  {
    name: 'VrfHttpsAgent',
    open: (name, { random }) =>
      new VrfHttpsAgent({ ...options(name, random), keepAlive: random.chance(0.5), maxSockets: 4, ...tls }),
    ask: async (agent, context) => {
      let subject;
      const url = `https://${host(context.random)}${pathOf(context)}`;
      const body = await get(https, url, agent, context.signal, (socket) => {
        subject = socket.getPeerCertificate().subject?.CN;
      });
      const id = answerTo(body, context.nonce);
      return subject === undefined || subject === id ? id : `${id} with the certificate of ${subject}`;
    },
    close: (agent) => agent.destroy(),
  },
  {
    name: 'dial',
    weight: 2,
    open: (name) => name,
    ask: async (name, { random, signal, nonce }) => {
      const socket = await dial({
        ...name.target,
        host: random.chance(0.3) ? IPV6 : IPV4,
        port: PORTS.echo,
        timeout: 20_000,
        signal,
        ...(random.chance(0.1) ? { tos: 0x20 } : {}),
      });
      return lineOf(socket, nonce);
    },
  },
  {
    name: 'dial by host name',
    open: (name) => name,
    ask: async (name, { random, signal, nonce }) => {
      const socket = await dial({
        ...name.target,
        ...serversOf(name, random),
        host: `web-${random.integer(0, 20)}.campaign.example`,
        port: PORTS.echo,
        timeout: 20_000,
        signal,
      });
      return lineOf(socket, nonce);
    },
  },
  {
    name: 'createUdpSocket',
    open: (name) => name,
    ask: async (name, { random, nonce }) => {
      const ipv6 = random.chance(0.3);
      const socket = await createUdpSocket({ ...name.target, type: ipv6 ? 'udp6' : 'udp4' });
      try {
        return await new Promise((resolve, reject) => {
          const timer = setTimeout(() => reject(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })), 4000);
          socket.on('message', (data) => {
            clearTimeout(timer);
            resolve(answerTo(String(data), nonce));
          });
          socket.on('error', reject);
          socket.connect(PORTS.udp, ipv6 ? IPV6 : IPV4, (error) => {
            if (error) reject(error);
            else socket.send(nonce);
          });
        });
      } finally {
        socket.close();
      }
    },
  },
  {
    name: 'createVrfLookup',
    weight: 2,
    open: (name, { random }) => createVrfLookup({ ...name.target, ...serversOf(name, random) }),
    ask: async (lookup, { random }) => {
      // Few names with long times to live: nearly all answers come from the cache.
      const hostname = `id-${random.integer(0, 10)}.campaign.example`;
      if (random.chance(0.5)) {
        const addresses = await lookUp(lookup, hostname, { family: 4, all: true });
        return `w${decodeNumberAddresses(addresses.map(({ address }) => address))}`;
      }
      const address = await lookUp(lookup, hostname, { family: 6 });
      return `w${decodeOwnAddress(address)?.world}`;
    },
  },
  {
    name: 'search lists',
    open: (name) => search(name),
    ask: async (lookups, { random }) => {
      const short = `db${random.integer(0, 5)}`;
      const answers = await Promise.all(lookups.map((lookup) => lookUp(lookup, short, { family: 6 })));
      const decoded = answers.map(decodeOwnAddress);
      if (decoded[0]?.domain !== 1 || decoded[1]?.domain !== 2) return `the other search list's answer: ${answers}`;
      // Both were asked at the same time, and each is judged.
      return decoded[0].world === decoded[1].world
        ? `w${decoded[0].world}`
        : `w${decoded[0].world},w${decoded[1].world}`;
    },
  },
];

/** One listener for each name, which tells to whom it belongs. */
export async function listenEverywhere(names, onError, targetOf = (name) => name.target) {
  const listeners = [];
  for (const name of names) {
    const server = net.createServer((socket) => {
      socket.on('error', () => {});
      socket.end(`listener ${name.index}\n`);
    });
    const listener = await listenInVrf(server, {
      ...targetOf(name),
      host: IPV4,
      port: LISTENER_PORT + name.index,
      graceMs: 50,
    });
    listener.on('error', onError);
    listeners.push(listener);
  }
  return listeners;
}
