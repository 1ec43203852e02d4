import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, Client, type Dispatcher, Pool, request } from 'undici';
import { Agent as Agent6, Client as Client6, Pool as Pool6, request as request6 } from 'undici6';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ip, ipIn, run, uniqueName } from '#testkit';
import { createVrfConnector, VrfAgent, VrfHttpAgent } from '../src/index.ts';

const ORIGIN = 'http://192.0.2.1:8080';
/** Answers with the name of its namespace; '/slow' after 300 ms. A process of its own: ours is held at times. */
const SERVER = `require('node:http')
  .createServer((q, r) => setTimeout(() => r.end(process.argv[1]), q.url === '/slow' ? 300 : 0))
  .listen(8080, '192.0.2.1', () => console.log('up'))`;

const namespaces: [string, string] = [uniqueName(), uniqueName()];
const servers: ChildProcess[] = [];
const name = uniqueName();
const file = `/run/netns/${name}`;
let elsewhere = '';

const shell = (line: string): void => {
  run('sh', ['-ec', line]);
};

/** Takes away whatever the name is; umount would follow a link. */
const CLEAR = `[ -L ${file} ] || while umount ${file} 2>/dev/null; do :; done; rm -f ${file}`;

/** Ways in which the name can come to mean a namespace. Private: what is mounted over it must not reach its source. */
const CHANGES: Record<string, (to: string, pid: number) => string> = {
  'mounted anew': (to) => `${CLEAR}; touch ${file}; mount --bind --make-private /run/netns/${to} ${file}`,
  'mounted over': (to) =>
    `[ ! -L ${file} ] || rm ${file}; [ -e ${file} ] || touch ${file}; mount --bind --make-private /run/netns/${to} ${file}`,
  'a link to a name': (to) => `${CLEAR}; ln -s /run/netns/${to} ${file}`,
  'a link to a process': (_to, pid) => `${CLEAR}; ln -s /proc/${pid}/ns/net ${file}`,
  'a link to a file that changes': (to) =>
    `mount --bind --make-private /run/netns/${to} ${elsewhere}/target; [ "$(readlink ${file})" = ${elsewhere}/target ] || { ${CLEAR}; ln -s ${elsewhere}/target ${file}; }`,
};

function become(how: string, index: 0 | 1): string {
  shell(CHANGES[how]?.(namespaces[index], servers[index]?.pid ?? 0) ?? 'false');
  // The oracle is the kernel: which of the two the name leads to now.
  const meant = namespaces.find((one) => statSync(`/run/netns/${one}`).ino === statSync(file).ino);
  if (meant !== namespaces[index]) throw new Error(`${how}: the name means ${meant}, not ${namespaces[index]}`);
  return meant;
}

beforeAll(async () => {
  elsewhere = mkdtempSync('/run/elsewhere-');
  shell(`touch ${elsewhere}/target`);
  for (const namespace of namespaces) {
    ip(`netns add ${namespace}`);
    ipIn(namespace, 'link set lo up');
    ipIn(namespace, 'addr add 192.0.2.1/32 dev lo');
    const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', SERVER, namespace]);
    servers.push(child);
    await once(child.stdout, 'data');
  }
});

afterAll(() => {
  for (const child of servers) child.kill('SIGKILL');
  run('sh', [
    '-c',
    `${CLEAR}; while umount ${elsewhere}/target; do :; done; ip netns del ${namespaces[0]}; ip netns del ${namespaces[1]}`,
  ]);
  rmSync(elsewhere, { recursive: true, force: true });
});

interface TestClient {
  get(path: string): Promise<string>;
  close(): unknown;
}

function viaUndici(dispatcher: Dispatcher, ask: typeof request = request): TestClient {
  return {
    get: async (path) => (await ask(`${ORIGIN}${path}`, { dispatcher })).body.text(),
    close: () => dispatcher.close(),
  };
}

/** Clients that use one connection for all requests. */
const CLIENTS: Record<string, () => TestClient> = {
  VrfAgent: () => viaUndici(new VrfAgent({ namespace: name, connections: 1 })),
  VrfHttpAgent: () => {
    const agent = new VrfHttpAgent({ namespace: name, keepAlive: true, maxSockets: 1 });
    return {
      get: (path) =>
        new Promise((resolve, reject) => {
          http
            .get(`${ORIGIN}${path}`, { agent }, (response) => {
              let body = '';
              response.on('data', (chunk: Buffer) => {
                body += chunk.toString();
              });
              response.on('end', () => resolve(body));
            })
            .on('error', reject);
        }),
      close: () => agent.destroy(),
    };
  },
  'Client of undici 7': () => viaUndici(new Client(ORIGIN, { connect: createVrfConnector({ namespace: name }) })),
  'Pool of undici 7': () =>
    viaUndici(new Pool(ORIGIN, { connections: 1, connect: createVrfConnector({ namespace: name }) })),
  'Agent of undici 7': () =>
    viaUndici(new Agent({ connections: 1, connect: createVrfConnector({ namespace: { path: file } }) })),
  'Client of undici 6': () =>
    viaUndici(
      new Client6(ORIGIN, { connect: createVrfConnector({ namespace: name }) }) as unknown as Dispatcher,
      request6 as unknown as typeof request,
    ),
  'Pool of undici 6': () =>
    viaUndici(
      new Pool6(ORIGIN, { connections: 1, connect: createVrfConnector({ namespace: name }) }) as unknown as Dispatcher,
      request6 as unknown as typeof request,
    ),
  'Agent of undici 6': () =>
    viaUndici(
      new Agent6({ connect: createVrfConnector({ namespace: name }) }) as unknown as Dispatcher,
      request6 as unknown as typeof request,
    ),
};

async function withClients(use: (clients: [string, TestClient][]) => Promise<void>): Promise<void> {
  const clients = Object.entries(CLIENTS).map(([what, make]): [string, TestClient] => [what, make()]);
  try {
    await use(clients);
  } finally {
    for (const [, client] of clients) await client.close();
  }
}

describe('a name that comes to mean another namespace', () => {
  it('is followed by every client 50 ms later, whatever has changed and in whatever order', async () => {
    const seed = Date.now() % 100_000;
    let state = seed;
    const random = (limit: number): number => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((state / 2 ** 31) * limit);
    };
    const history: string[] = [`seed ${seed}`];
    become('mounted anew', 0);
    await withClients(async (clients) => {
      for (let step = 0; step < 20; step += 1) {
        const how = Object.keys(CHANGES)[random(Object.keys(CHANGES).length)] ?? 'mounted anew';
        const expected = become(how, random(2) === 0 ? 0 : 1);
        history.push(`${how}: ${namespaces.indexOf(expected)}`);
        await delay(50);
        const answers = await Promise.all(clients.map(async ([what, client]) => [what, await client.get('/')]));
        expect({ history, answers }).toEqual({ history, answers: clients.map(([what]) => [what, expected]) });
      }
    });
  });

  it('is followed by the first request after the event loop was held over the change', async () => {
    let index: 0 | 1 = 0;
    become('mounted anew', index);
    await withClients(async (clients) => {
      for (const [, client] of clients) expect(await client.get('/')).toBe(namespaces[index]);
      for (const how of Object.keys(CHANGES)) {
        index = index === 0 ? 1 : 0;
        const expected = become(how, index);
        shell('sleep 0.03');
        const answers = await Promise.all(clients.map(async ([what, client]) => [what, await client.get('/')]));
        expect(answers).toEqual(clients.map(([what]) => [what, expected]));
      }
    });
  });

  it('is followed by requests that waited for a connection while the event loop was held over the change', async () => {
    for (const what of Object.keys(CLIENTS)) {
      const old = become('mounted anew', 0);
      const client = CLIENTS[what]?.();
      if (client === undefined) throw new Error(what);
      try {
        expect(await client.get('/')).toBe(old);
        const running = client.get('/slow');
        // On its way, so that a Client with one connection has to keep the next ones waiting.
        await delay(50);
        const waiting = what === 'Agent of undici 6' ? [] : [client.get('/'), client.get('/')];
        become('mounted anew', 1);
        // The answer arrives meanwhile.
        shell('sleep 0.4');
        expect([what, await running, ...(await Promise.all(waiting))]).toEqual([
          what,
          old,
          ...waiting.map(() => namespaces[1]),
        ]);
      } finally {
        await client.close();
      }
    }
  });
});
