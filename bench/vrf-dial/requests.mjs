// Requests through a VrfAgent against undici's own Agent in a process that lives in the namespace (`ip netns exec`),
// the same server, turn by turn:
//
//   - over kept connections
//   - with a new connection for each request
//
// One process may be 5 % faster than another that runs the very same program, for as long as both live. So there are
// several pairs of processes, and each pair counts as a round. And the same once more with both agents in one process, which lives in the
// namespace: what differs there is the agents alone.
//
// On a slow or busy machine there are fewer pairs: none is begun that would take longer than the time that is left.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { addNamespace } from '../harness/ip.mjs';
import { report } from '../harness/report.mjs';
import { median } from '../harness/statistics.mjs';
import { messageFrom, sized, takeTurns } from '../harness/turns.mjs';

const SELF = fileURLToPath(import.meta.url);
const NAMESPACE = 'bench-requests';
const ADDRESS = '192.0.2.80';
const ORIGIN = `http://${ADDRESS}:8080`;
const AT_ONCE = 16;
const PAIRS = sized(9, 1);
const SECONDS = 240;
// Until V8 has compiled what both agents run: a server runs for days, and the agent with more code takes longer.
const WARM_UP = sized(14, 1);
const ROUNDS = sized(5, 2);
const KINDS = {
  kept: { what: 'Requests over kept connections', count: 1600, options: {}, aim: 0.98 },
  new: { what: 'Requests with a new connection for each', count: 480, options: { reset: true }, aim: 0.97 },
};

const [, , role] = process.argv;
if (role === 'server') {
  const { createServer } = await import('node:http');
  const body = Buffer.alloc(1024, 'x');
  const server = createServer({ keepAliveTimeout: 120_000 }, (_request, response) => response.end(body));
  server.listen(8080, ADDRESS, 1024, () => console.log('ready'));
} else if (role === 'client') {
  const { Agent, request } = await import('undici');
  const { VrfAgent } = await import('vrf-dial');
  const agents = { plain: () => new Agent(), vrf: () => new VrfAgent({ namespace: NAMESPACE }) };
  const made = {};
  process.on('message', async ({ agent, count, options }) => {
    made[agent] ??= agents[agent]();
    const dispatcher = made[agent];
    const started = performance.now();
    const before = process.cpuUsage();
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let index = 0; index < count / AT_ONCE; index += 1) {
          const { body } = await request(ORIGIN, { dispatcher, ...options });
          await body.arrayBuffer();
        }
      }),
    );
    const { user, system } = process.cpuUsage(before);
    // The rate is what counts; the processor's time tells the same on a machine that others use, too.
    process.send({ value: (count * 1000) / (performance.now() - started), processor: (user + system) / 1000 });
  });
  process.send('ready');
} else await main();

async function main() {
  addNamespace(NAMESPACE, ADDRESS);
  const inside = ['netns', 'exec', NAMESPACE, process.execPath, SELF];
  const server = spawn('ip', [...inside, 'server'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(server.stdout, 'data');
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc'];
  const spawned = {
    plain: () => spawn('ip', [...inside, 'client'], { stdio }),
    vrf: () => spawn(process.execPath, [SELF, 'client'], { stdio }),
  };
  const places = Object.entries(KINDS).flatMap(([id, kind]) => [
    { id: `${id}-apart`, kind, where: 'two processes', figures: { plain: [], vrf: [] } },
    { id: `${id}-together`, kind, where: 'one process', figures: { plain: [], vrf: [] } },
  ]);
  const started = performance.now();
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const spent = (performance.now() - started) / 1000;
    if (pair > 0 && spent + spent / pair > SECONDS) {
      console.error(`bench: ${pair} of ${PAIRS} pairs in ${spent.toFixed(0)} s, and no time for another`);
      break;
    }
    const apart = {};
    for (const agent of pair % 2 === 0 ? ['plain', 'vrf'] : ['vrf', 'plain']) apart[agent] = spawned[agent]();
    const both = spawned.plain();
    const clients = { 'two processes': apart, 'one process': { plain: both, vrf: both } };
    const all = [...Object.values(apart), both];
    await Promise.all(all.map(messageFrom));
    for (const { kind, where, figures } of places) {
      const at = `pair ${pair + 1} of ${PAIRS}, ${kind.what}, ${where}`;
      const run = (agent) => async () => {
        const client = clients[where][agent];
        client.send({ agent, count: kind.count, options: kind.options });
        return messageFrom(client);
      };
      const contestants = { plain: run('plain'), vrf: run('vrf') };
      await takeTurns(WARM_UP, contestants, `${at}, warming up`);
      const turns = await takeTurns(ROUNDS, contestants, at);
      for (const [agent, ofAgent] of Object.entries(turns))
        figures[agent].push({
          value: median(ofAgent.map(({ value }) => value)),
          processor: median(ofAgent.map(({ processor }) => processor)),
        });
    }
    for (const client of all) client.kill('SIGKILL');
  }
  server.kill('SIGKILL');
  for (const { id, kind, where, figures } of places)
    report({
      id,
      title: `${kind.what}, ${where}`,
      unit: 'requests/s',
      base: 'plain',
      contestants: {
        plain: { name: "undici's Agent, in a process inside the namespace", figures: figures.plain },
        vrf: { name: 'VrfAgent', figures: figures.vrf, aim: { ratio: { atLeast: kind.aim } } },
      },
    });
}
