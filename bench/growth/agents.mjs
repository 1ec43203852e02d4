// 1 to 10,000 agents, each with a kept connection, in one namespace: memory and descriptors, and how long it takes from
// the replacement of the namespace until all of their connections are closed.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { addNamed, deleteNamed } from 'netns-core';
import { request } from 'undici';
import { VrfAgent } from 'vrf-dial';
import { addNamespace } from '../harness/ip.mjs';
import { collectGarbage, privateMemory } from '../harness/memory.mjs';
import { curve } from '../harness/report.mjs';
import { median } from '../harness/statistics.mjs';
import { messageFrom, sized, tell } from '../harness/turns.mjs';

const SELF = fileURLToPath(import.meta.url);
const NAME = 'growth-agents';
const ADDRESS = '192.0.2.80';
const PORT = 8080;
const COUNTS = sized([1, 10, 100, 1000, 3000, 9000], [1, 10]);
const ROUNDS = sized(3, 1);
/** Connections that are opened at once. */
const AT_ONCE = 100;

const [, , role] = process.argv;
if (role === 'server') {
  const { createServer } = await import('node:http');
  let connections = 0;
  const server = createServer({ keepAliveTimeout: 600_000 }, (_request, response) => response.end('x'));
  server.on('connection', (socket) => {
    connections += 1;
    socket.on('close', () => {
      connections -= 1;
      // One clock for all processes of the machine.
      if (connections === 0) process.send(Number(process.hrtime.bigint()) / 1e6);
    });
  });
  server.listen(PORT, ADDRESS, 4096, () => process.send('ready'));
} else await main();

async function measure(count) {
  tell(`${count} agents`);
  addNamespace(NAME, ADDRESS);
  const server = spawn('ip', ['netns', 'exec', NAME, process.execPath, SELF, 'server'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await messageFrom(server);
  const descriptors = () => readdirSync('/proc/self/fd').length;
  collectGarbage();
  const before = { memory: privateMemory(), descriptors: descriptors() };
  const agents = Array.from({ length: count }, () => new VrfAgent({ namespace: NAME }));
  for (let first = 0; first < count; first += AT_ONCE)
    await Promise.all(
      agents.slice(first, first + AT_ONCE).map(async (dispatcher) => {
        const { body } = await request(`http://${ADDRESS}:${PORT}`, { dispatcher });
        await body.text();
      }),
    );
  collectGarbage();
  const figures = {
    memory: ((privateMemory() - before.memory) * 1024) / count,
    descriptors: (descriptors() - before.descriptors) / count,
    notice: 0,
  };
  const closed = messageFrom(server);
  deleteNamed(NAME);
  addNamed(NAME).close();
  const replaced = Number(process.hrtime.bigint()) / 1e6;
  figures.notice = (await closed) - replaced;
  server.kill('SIGKILL');
  await Promise.all(agents.map((agent) => agent.close()));
  deleteNamed(NAME);
  return figures;
}

async function main() {
  await measure(10);
  const measured = [];
  for (const count of COUNTS) {
    const rounds = [];
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measure(count));
    const middle = (figure) => median(rounds.map((one) => one[figure]));
    measured.push([count, { memory: middle('memory'), descriptors: middle('descriptors'), notice: middle('notice') }]);
  }
  const series = (figure) => measured.map(([count, figures]) => [count, Math.max(0.01, figures[figure])]);
  const x = 'agents, each with a kept connection';
  curve({
    id: 'memory',
    title: 'Memory of an agent with a connection',
    x,
    y: 'kB each',
    series: { VrfAgent: series('memory') },
  });
  curve({
    id: 'descriptors',
    title: 'Descriptors of an agent with a connection',
    x,
    y: 'descriptors each',
    series: { VrfAgent: series('descriptors') },
  });
  curve({
    id: 'notice',
    title: 'From a replacement until all connections are closed',
    x,
    y: 'ms',
    series: { VrfAgent: series('notice') },
  });
}
