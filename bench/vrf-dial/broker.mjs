// Requests on new and on kept connections whose sockets a broker makes, against those by hops, in turns in one process.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectBroker, hopSource } from 'netns-core';
import { VrfHttpAgent } from 'vrf-dial';
import { addNamespace } from '../harness/ip.mjs';
import { compare } from '../harness/report.mjs';
import { messageFrom, sized } from '../harness/turns.mjs';

const SELF = fileURLToPath(import.meta.url);
const NAMESPACE = 'bench-broker';
const PORT = 8083;
const ROUNDS = 15;
const KINDS = [
  { id: 'one', title: 'a new connection, one at a time', atOnce: 1, total: sized(300, 30), aim: 1.5 },
  { id: 'many', title: 'a new connection, 32 at a time', atOnce: 32, total: sized(1500, 64), aim: 1.15 },
  {
    id: 'kept',
    title: 'a kept connection, 32 at a time',
    keepAlive: true,
    atOnce: 32,
    total: sized(5000, 64),
    aim: 1.05,
  },
];

const [, , role] = process.argv;
if (role === 'server') {
  http
    .createServer((_request, response) => response.end('x'))
    .listen(PORT, '127.0.0.1', 511, () => process.send('ready'));
} else await main();

function get(agent) {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port: PORT, agent }, (response) =>
      response.resume().on('end', resolve),
    );
    request.on('error', reject);
  });
}

/** Milliseconds for so many requests. */
async function time(source, { atOnce, total, keepAlive = false }) {
  const agent = new VrfHttpAgent({ namespace: NAMESPACE, source, keepAlive });
  let left = total;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (; left > 0; ) {
        left -= 1;
        await get(agent);
      }
    }),
  );
  const took = performance.now() - start;
  agent.destroy();
  return took;
}

async function main() {
  addNamespace(NAMESPACE);
  const directory = mkdtempSync(path.join(tmpdir(), 'bench-broker-'));
  const socket = path.join(directory, 'socket');
  const config = path.join(directory, 'config.json');
  const rules = [{ users: ['*'], namespaces: [NAMESPACE] }];
  writeFileSync(config, JSON.stringify({ path: socket, policy: { rules }, log: 'none' }));
  const program = fileURLToPath(new URL('../../packages/netns-core/dist/netns-broker.js', import.meta.url));
  const broker = spawn(process.execPath, [program, '--config', config], { stdio: 'inherit' });
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc'];
  const server = spawn('ip', ['netns', 'exec', NAMESPACE, process.execPath, SELF, 'server'], { stdio });
  await messageFrom(server);
  const sources = { hop: hopSource, broker: connectBroker(socket, { timeout: 20_000 }) };
  for (const kind of KINDS) {
    const { id, title, total, aim } = kind;
    const microseconds = (source) => async () => ((await time(source, kind)) * 1000) / total;
    await compare({
      id,
      title: `A request on ${title}`,
      unit: 'µs',
      base: 'hop',
      rounds: ROUNDS,
      contestants: {
        hop: { name: 'by hop', run: microseconds(sources.hop) },
        broker: { name: 'by broker', run: microseconds(sources.broker), aim: { ratio: { atMost: aim } } },
      },
    });
  }
  sources.broker.close();
  broker.kill();
  server.kill('SIGKILL');
  rmSync(directory, { recursive: true });
}
