// New connections whose sockets a broker makes, against those by hops: one at a time (aim: at most 1.5 times as long),
// and 32 at a time (aim: at most 1.15 times as long), in turns in one process.
//
// node tools/sandbox/sandbox.mjs -- node bench/vrf-dial/broker.mjs [rounds]   (after `pnpm run build`)
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectBroker, hopSource } from 'netns-core';
import { VrfHttpAgent } from 'vrf-dial';
import { median, medianRatio, messageFrom, printTable, takeTurns } from '../table.mjs';

const SELF = fileURLToPath(import.meta.url);
const NAMESPACE = 'bench-broker';
const PORT = 8083;
const AIMS = { 'one at a time': [1, 300, 1.5], '32 at a time': [32, 1500, 1.15] };

const [, , role] = process.argv;
if (role === 'server') {
  http
    .createServer((_request, response) => response.end('x'))
    .listen(PORT, '127.0.0.1', 511, () => process.send('ready'));
} else await main(Number(role ?? 15));

function get(agent) {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port: PORT, agent }, (response) =>
      response.resume().on('end', resolve),
    );
    request.on('error', reject);
  });
}

/** Milliseconds for so many requests, each on a connection of its own. */
async function time(source, atOnce, total) {
  const agent = new VrfHttpAgent({ namespace: NAMESPACE, source, keepAlive: false });
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

async function main(rounds) {
  execFileSync('ip', ['netns', 'add', NAMESPACE]);
  execFileSync('ip', ['-n', NAMESPACE, 'link', 'set', 'lo', 'up']);
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
  const rows = [];
  for (const [title, [atOnce, total, aim]] of Object.entries(AIMS)) {
    const microseconds = (source) => async () => ((await time(source, atOnce, total)) * 1000) / total;
    const contestants = { hop: microseconds(sources.hop), broker: microseconds(sources.broker) };
    for (const warm of Object.values(contestants)) await warm();
    const { hop, broker: brokered } = await takeTurns(rounds, contestants, `${title}, `);
    rows.push({ what: `request on a new connection, ${title}, by hop`, figure: `${median(hop).toFixed(0)} µs` });
    rows.push({
      what: 'by broker',
      figure: `${median(brokered).toFixed(0)} µs`,
      ratio: medianRatio(brokered, hop),
      target: `at most ${aim}`,
    });
  }
  printTable(rows);
  sources.broker.close();
  broker.kill();
  server.kill('SIGKILL');
  rmSync(directory, { recursive: true });
}
