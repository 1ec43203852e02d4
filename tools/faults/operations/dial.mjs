// Operations of vrf-dial: the server in `red` must answer, and not the one at home.
import { once } from 'node:events';
import http from 'node:http';
import { Client } from 'undici';
import * as dial from 'vrf-dial';
import { askPlace } from '../fixture.mjs';

const TARGET = { namespace: 'red' };
const LIMITS = { timeout: 3000 };
const PLACE = { ...TARGET, host: '127.0.0.1', port: 8080 };
const URL_RED = 'http://127.0.0.1:8080/';
const isRed = (place) => place === 'red';
/** Whoever dials names the address, the name server, or the VRF. */
const objects = ['red', '127.0.0.1', 'host.example'];

const connected = async (options) => {
  const socket = await dial.dial({ ...PLACE, ...LIMITS, ...options });
  return askPlace(socket);
};

const fetched = async (get, end) => {
  try {
    const response = await get();
    return await response.text();
  } catch (error) {
    // fetch hides the reason.
    throw error?.message === 'fetch failed' && error.cause !== undefined ? error.cause : error;
  } finally {
    await end();
  }
};

const requested = (agent) =>
  new Promise((resolve, reject) => {
    const request = http.get(URL_RED, { agent, timeout: 5000 }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve(text));
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', reject);
  }).finally(() => agent.destroy());

let port = 9000;

export const operations = {
  dial: [
    { what: 'to an address', run: () => connected({}), right: isRed, objects },
    {
      what: 'to a name',
      run: () => {
        dial.clearDnsCache();
        return connected({ host: 'host.example' });
      },
      right: isRed,
      objects,
    },
    {
      what: 'from an address, through a device',
      run: () => connected({ interface: 'lo', localAddress: '127.0.0.1', tos: 0xb8 }),
      right: isRed,
      objects,
    },
  ],
  VrfAgent: {
    run: () => {
      const agent = new dial.VrfAgent({ ...TARGET });
      return fetched(
        () => agent.request({ origin: URL_RED, path: '/', method: 'GET' }).then(({ body }) => body),
        () => agent.destroy(),
      );
    },
    right: isRed,
    objects,
  },
  createVrfFetch: {
    run: () => {
      const fetch = dial.createVrfFetch({ ...TARGET });
      return fetched(
        () => fetch(URL_RED),
        () => fetch.close(),
      );
    },
    right: isRed,
    objects,
  },
  createVrfConnector: {
    run: () => {
      const client = new Client('http://127.0.0.1:8080', {
        connect: dial.createVrfConnector({ ...TARGET, ...LIMITS }),
      });
      return fetched(
        () => client.request({ path: '/', method: 'GET' }).then(({ body }) => body),
        () => client.destroy(),
      );
    },
    right: isRed,
    objects,
  },
  VrfHttpAgent: { run: () => requested(new dial.VrfHttpAgent({ ...TARGET, ...LIMITS })), right: isRed, objects },
  VrfHttpsAgent: {
    what: 'to a server without TLS',
    run: () =>
      new Promise((resolve, reject) => {
        const agent = new dial.VrfHttpsAgent({ ...TARGET, ...LIMITS });
        const socket = agent.createConnection({ host: '127.0.0.1', port: 8080 }, (error, made) =>
          error ? reject(error) : resolve(made),
        );
        socket?.on?.('error', (error) =>
          error.code?.startsWith('ERR_SSL') || error.code === 'ECONNRESET' ? resolve(socket) : reject(error),
        );
      }),
    undo: (socket) => socket?.destroy(),
    objects,
  },
  createVrfSocket: {
    run: () =>
      new Promise((resolve, reject) => {
        const socket = dial.createVrfSocket({ ...TARGET, ...LIMITS });
        socket.once('error', reject);
        socket.connect(8080, '127.0.0.1', () => resolve(askPlace(socket)));
      }),
    right: isRed,
    objects,
  },
  dialTls: {
    what: 'to a server without TLS',
    run: async () => {
      try {
        const socket = await dial.dialTls({ ...PLACE, ...LIMITS });
        socket.destroy();
      } catch (error) {
        if (!error.code?.startsWith('ERR_SSL') && error.code !== 'ECONNRESET') throw error;
      }
    },
    objects,
  },
  ping: {
    run: async () => {
      const { replies } = await dial.ping({ ...TARGET, host: '127.0.0.1' });
      const [{ error }] = replies;
      if (error !== undefined) throw error;
    },
    objects,
  },
  listenInVrf: {
    run: async () => {
      port += 1;
      const server = http.createServer();
      const listener = await dial.listenInVrf(server, { ...TARGET, host: '127.0.0.1', port });
      if (listener.state !== 'listening') {
        const [error] = await Promise.race([once(listener, 'error'), once(listener, 'listening').then(() => [])]);
        if (error) {
          await listener.close();
          throw error;
        }
      }
      return listener;
    },
    undo: (listener) => listener.close(),
    objects: [...objects, 'listen'],
  },
  listenInVrfWith: {
    run: async () => {
      port += 1;
      return dial.listenInVrfWith(() => http.createServer(), { ...TARGET, host: '127.0.0.1', port });
    },
    undo: (listener) => listener.close(),
    objects: [...objects, 'listen'],
  },
  createUdpSocket: {
    run: () => dial.createUdpSocket({ ...TARGET, type: 'udp4', bind: { address: '127.0.0.1' } }),
    undo: (socket) =>
      new Promise((resolve) => {
        socket.once('close', resolve);
        socket.close();
      }),
    objects: [...objects, 'udp'],
  },
  listenUdpInVrf: {
    run: async () => {
      port += 1;
      const listener = await dial.listenUdpInVrf({ ...TARGET, type: 'udp4', bind: { address: '127.0.0.1', port } });
      if (listener.state === 'listening') return listener;
      const [error] = await Promise.race([once(listener, 'error'), once(listener, 'listening').then(() => [])]);
      if (error === undefined) return listener;
      await listener.close();
      throw error;
    },
    undo: (listener) => listener.close(),
    objects: [...objects, 'udp'],
  },
  createVrfResolver: {
    run: () => dial.createVrfResolver(TARGET).resolve4('host.example'),
    right: ([address]) => address === '127.0.0.1',
    objects,
  },
  listVrfs: { run: () => dial.listVrfs(), right: ([{ name }]) => name === 'default', objects: ['/run/netns', 'links'] },
  watchVrfs: {
    run: async () => {
      const watch = dial.watchVrfs({ listExisting: true });
      try {
        return (await watch.next()).value;
      } finally {
        await watch.return();
      }
    },
    right: ({ vrf }) => vrf.name === 'default',
    objects: ['/run/netns', 'links', 'addresses'],
  },
  createVrfLookup: {
    run: () => {
      dial.clearDnsCache();
      return new Promise((resolve, reject) =>
        dial.createVrfLookup(TARGET)('host.example', { all: true }, (error, list) =>
          error ? reject(error) : resolve(list),
        ),
      );
    },
    right: (list) => list[0]?.address === '127.0.0.1',
    objects,
  },
  createVrfOriginLookup: {
    run: () => {
      dial.clearDnsCache();
      return new Promise((resolve, reject) =>
        dial.createVrfOriginLookup(TARGET)(new URL('http://host.example/'), {}, (error, list) =>
          error ? reject(error) : resolve(list),
        ),
      );
    },
    objects,
  },
  setTos: {
    run: async () => {
      const socket = await dial.dial({ ...PLACE, ...LIMITS });
      try {
        dial.setTos(socket, 0x20);
      } finally {
        socket.destroy();
      }
    },
    objects: [...objects, 'TOS', 'tos'],
  },
};

/** As in core.mjs; `undefined` for classes that other exports make. */
export const withoutCalls = {
  clearDnsCache: () => dial.clearDnsCache(),
  counters: () => dial.counters(),
  vrfProxyOptions: () => dial.vrfProxyOptions('http://192.0.2.1:3128', () => {}),
  netnsToVrf: () => dial.netnsToVrf('ns-red'),
  VrfListener: undefined,
  VrfResolver: undefined,
  VrfUdpListener: undefined,
};
