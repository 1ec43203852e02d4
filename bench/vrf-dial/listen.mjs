// A server that `listenInVrf` put into a namespace from outside, against a plain one in a process that lives in the
// namespace (`ip netns exec`), each under wrk in turn. Two more figures: how long it takes from the making of a namespace
// until a listener that waits for it is bound, and until a thousand are.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { addNamespace } from '../harness/ip.mjs';
import { missing } from '../harness/peers.mjs';
import { compare } from '../harness/report.mjs';
import { messageFrom, sized } from '../harness/turns.mjs';

const SELF = fileURLToPath(import.meta.url);
const NAMESPACE = 'bench-listen';
const HOST = '192.0.2.80';
const PORTS = { plain: 8081, vrf: 8082, again: 8083 };
const LISTENERS = sized(1000, 20);
const ROUNDS_OF_A_PROCESS = 4;

const body = Buffer.alloc(1024, 'x');
const makeServer = () => createServer({ keepAliveTimeout: 120_000 }, (_request, response) => response.end(body));

/** Requests a second, as wrk counts them. */
async function wrk(port) {
  const child = spawn('ip', ['netns', 'exec', NAMESPACE, 'wrk', '-t1', '-c32', '-d1s', `http://${HOST}:${port}/`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  await once(child, 'close');
  const rate = Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]);
  if (!(rate > 0) || /Socket errors|Non-2xx/.test(text)) throw new Error(`wrk said:\n${text}`);
  return rate;
}

/** A server that is started anew every few rounds: one process as a whole can be a fifth slower than the next. */
class Server {
  #command;
  #port;
  #rounds = 0;
  #child;

  constructor(port, ...command) {
    this.#port = port;
    this.#command = command;
  }

  rate = async () => {
    if (this.#rounds % ROUNDS_OF_A_PROCESS === 0) await this.#start();
    this.#rounds += 1;
    return { value: await wrk(this.#port) };
  };

  async #start() {
    await this.stop();
    const [program, ...args] = this.#command;
    this.#child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    await messageFrom(this.#child);
    await wrk(this.#port);
  }

  async stop() {
    if (this.#child === undefined) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

async function throughput() {
  addNamespace(NAMESPACE, HOST);
  const inside = ['ip', 'netns', 'exec', NAMESPACE, process.execPath, SELF];
  const servers = {
    plain: new Server(PORTS.plain, ...inside, 'plain'),
    // The same program twice: what these two differ by is the noise of the measurement.
    again: new Server(PORTS.again, ...inside, 'again'),
    vrf: new Server(PORTS.vrf, process.execPath, SELF, 'vrf'),
  };
  const lacks = missing('wrk');
  await compare({
    id: 'throughput',
    title: 'A server under `wrk`',
    unit: 'requests/s',
    base: 'plain',
    rounds: sized(20, 2),
    contestants: {
      plain: { name: 'a plain server inside the namespace', missing: lacks, run: servers.plain.rate },
      again: { name: 'the same once more, for the noise', missing: lacks, run: servers.again.rate },
      vrf: {
        name: 'listenInVrf',
        missing: lacks,
        run: servers.vrf.rate,
        aim: { ratio: { atLeast: 0.985 } },
      },
    },
  });
  for (const server of Object.values(servers)) await server.stop();
}

/** Milliseconds from the making of a namespace until listeners that wait for it are bound. */
async function timeToBind(rounds, count) {
  const { listenInVrf } = await import('vrf-dial');
  const { addNamed, deleteNamed } = await import('netns-core');
  const name = `${NAMESPACE}-bind`;
  const listeners = [];
  for (let index = 0; index < count; index += 1)
    listeners.push(await listenInVrf(createServer(), { namespace: name, port: 10_000 + index }));
  await compare({
    id: count === 1 ? 'bind' : 'bind-many',
    title: `From the making of a namespace until ${count === 1 ? 'a listener is' : `${count} listeners are`} bound in it`,
    unit: 'ms',
    rounds,
    contestants: {
      own: {
        name: 'listenInVrf',
        aim: count === 1 ? { value: { atMost: 50 } } : undefined,
        run: async () => {
          const bound = Promise.all(listeners.map((listener) => once(listener, 'listening')));
          addNamed(name).close();
          const started = performance.now();
          await bound;
          const value = performance.now() - started;
          const down = Promise.all(listeners.map((listener) => once(listener, 'down')));
          deleteNamed(name);
          await down;
          return { value };
        },
      },
    },
  });
  await Promise.all(listeners.map((listener) => listener.close()));
}

async function main() {
  await throughput();
  await timeToBind(15, 1);
  await timeToBind(5, LISTENERS);
}

const [, , role] = process.argv;
if (role === 'plain' || role === 'again') {
  makeServer().listen(PORTS[role], HOST, 511, () => process.send('ready'));
} else if (role === 'vrf') {
  const { listenInVrf } = await import('vrf-dial');
  await listenInVrf(makeServer(), { namespace: NAMESPACE, host: HOST, port: PORTS.vrf, tos: 0 });
  process.send('ready');
} else await main();
