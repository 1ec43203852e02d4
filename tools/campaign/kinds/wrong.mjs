// Clients that are wrong on purpose, one for each way in which a client can be. A campaign that does not catch them
// proves nothing: `campaign --wrong KIND` must fail.
import dgram from 'node:dgram';
import { openSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import tls from 'node:tls';
import { openSocket, resolveNamespace } from 'netns-core';
import { createVrfLookup, dial } from 'vrf-dial';
import { decodeOwnAddress, IPV4, PORTS } from '../addresses.mjs';
import { sleep } from '../clock.mjs';
import { answerTo } from './kind.mjs';
import { lineOf } from './line.mjs';

const reference = ({ target }) => ('vrf' in target ? { vrf: target.vrf } : target.namespace);

const socketIn = (namespace, port) => {
  const socket = new net.Socket({ fd: openSocket({ namespace, family: 'ipv4', type: 'stream' }) });
  return socket.connect(port, IPV4);
};

/** Between two packets of a client: enough for hundreds of them in a short campaign. */
const PACKET_INTERVAL_MS = 20;

export const wrongKinds = {
  /** Connects from home. */
  home: {
    open: () => ({}),
    ask: (_kept, { nonce }) => lineOf(net.connect(PORTS.echo, IPV4), nonce),
  },
  /** Sends packets from home that are not answered: only the capture sees them. */
  packet: {
    open: () => dgram.createSocket('udp4').unref(),
    // Not as fast as possible: the capture would take half a minute to work off what it got in three seconds.
    ask: async (socket) => {
      await new Promise((resolve) => socket.send('?', 9999, IPV4, resolve));
      await sleep(PACKET_INTERVAL_MS);
      return 'own';
    },
    close: (socket) => socket.close(),
  },
  /** Keeps connections for a name, whatever becomes of the name. */
  agent: {
    open: (name) => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
      agent.createConnection = () => socketIn(reference(name), PORTS.http);
      return agent;
    },
    ask: (agent, { nonce }) =>
      new Promise((resolve, reject) => {
        http
          .get(`http://${IPV4}/?n=${nonce}`, { agent }, (response) => {
            let body = '';
            response.on('data', (chunk) => {
              body += chunk;
            });
            response.on('end', () => resolve(answerTo(body, nonce)));
          })
          .on('error', reject);
      }),
    close: (agent) => agent.destroy(),
  },
  /** Remembers addresses by name. */
  dns: {
    open: (name) => ({
      known: new Map(),
      lookup: createVrfLookup({ ...name.target, dns: { servers: [IPV4], search: [], hosts: false, cache: false } }),
    }),
    ask: ({ known, lookup }) => {
      const hostname = 'id-1.campaign.example';
      const kept = known.get(hostname);
      if (kept !== undefined) return Promise.resolve(kept);
      return new Promise((resolve, reject) => {
        lookup(hostname, { family: 6 }, (error, address) => {
          if (error) return reject(error);
          known.set(hostname, `w${decodeOwnAddress(address)?.world}`);
          resolve(known.get(hostname));
        });
      });
    },
  },
  /** Remembers TLS sessions by name: only the servers see the tickets. */
  tls: {
    open: (name) => ({ name, session: undefined }),
    ask: async (kept, { nonce }) => {
      const socket = await dial({ ...kept.name.target, host: IPV4, port: PORTS.https, timeout: 3000 });
      const secure = tls.connect({ socket, rejectUnauthorized: false, session: kept.session });
      secure.on('session', (session) => {
        kept.session = session;
      });
      return new Promise((resolve, reject) => {
        let text = '';
        secure.on('error', reject);
        secure.setEncoding('latin1').on('data', (chunk) => {
          text += chunk;
        });
        secure.on('end', () => {
          resolve(answerTo(text.slice(text.indexOf('\r\n\r\n') + 4), nonce));
        });
        secure.on('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
        secure.write(`GET /?n=${nonce} HTTP/1.0\r\nhost: x\r\n\r\n`);
      });
    },
  },
  /** Keeps a handle of the namespace and connects there without asking for anything. */
  handle: {
    open: (name) => resolveNamespace(reference(name)),
    ask: (handle) =>
      new Promise((resolve) => {
        const socket = socketIn(handle, PORTS.echo);
        const done = () => {
          socket.destroy();
          resolve('own');
        };
        socket.once('connect', done).once('error', done);
      }),
    close: (handle) => handle.close(),
  },
  /** Leaves descriptors behind. */
  descriptor: {
    open: () => ({}),
    // Once for each name, whether or not there is time for more.
    ask: async (kept) => {
      kept.fd ??= openSync('/dev/null');
      return 'own';
    },
  },
  /** Listens in the namespace that a name meant first, for ever. */
  listener: { listens: true, target: (name) => ({ namespace: resolveNamespace(reference(name)) }) },
};
