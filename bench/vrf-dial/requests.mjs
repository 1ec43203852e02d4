// Requests through a VrfAgent against undici's own Agent in a process that lives in the namespace (`ip netns exec`),
// the same server, turn by turn:
//
//   - over kept connections (aim: at least 0.98 of the rate)
//   - with a new connection for each request (aim: at least 0.95)
//
// One process may be 5 % faster than another that runs the very same program, for as long as both live. So there are
// several pairs of processes, and the figure is the middle of their ratios, with the least, the greatest and the
// standard error of the mean beside it. And the same once more with both agents in one process, which lives in the
// namespace: what differs there is the agents alone.
//
// On a slow or busy machine there are fewer pairs: none is begun that would take longer than the time that is left.
//
// node tools/sandbox/sandbox.mjs -- node bench/vrf-dial/requests.mjs [pairs [seconds]]   (after `pnpm run build`)
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { median, medianRatio, messageFrom, printTable, takeTurns } from '../table.mjs';

const SELF = fileURLToPath(import.meta.url);
const NAMESPACE = 'bench-requests';
const ORIGIN = 'http://192.0.2.80:8080';
const AT_ONCE = 16;
const PAIRS = 9;
const SECONDS = 200;
const WARM_UP = 3;
const ROUNDS = 5;
const KINDS = {
  'keep-alive': { count: 1600, options: {}, target: 0.98 },
  'new connection per request': { count: 480, options: { reset: true }, target: 0.95 },
};

const [, , role] = process.argv;
if (role === 'server') {
  const { createServer } = await import('node:http');
  const body = Buffer.alloc(1024, 'x');
  const server = createServer({ keepAliveTimeout: 120_000 }, (_request, response) => response.end(body));
  server.listen(8080, '192.0.2.80', 1024, () => console.log('ready'));
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
    process.send({ rate: (count * 1000) / (performance.now() - started), cpu: (user + system) / count });
  });
  process.send('ready');
} else await main(Number(role ?? PAIRS), Number(process.argv[3] ?? SECONDS));

async function main(pairs, seconds) {
  const ip = (line) => execFileSync('ip', line.split(' '));
  ip(`netns add ${NAMESPACE}`);
  ip(`-n ${NAMESPACE} link set lo up`);
  // Ports of connections that were closed wait for a minute: without this, to find a free one is what is measured.
  execFileSync('ip', [
    ...['netns', 'exec', NAMESPACE, 'sysctl', '-qw', 'net.ipv4.tcp_tw_reuse=1'],
    'net.ipv4.ip_local_port_range=1024 65535',
  ]);
  ip(`-n ${NAMESPACE} addr add 192.0.2.80/32 dev lo`);
  const inside = ['netns', 'exec', NAMESPACE, process.execPath, SELF];
  const server = spawn('ip', [...inside, 'server'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(server.stdout, 'data');
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc'];
  const spawned = {
    plain: () => spawn('ip', [...inside, 'client'], { stdio }),
    vrf: () => spawn(process.execPath, [SELF, 'client'], { stdio }),
  };
  const rows = Object.entries(KINDS).flatMap(([what, kind]) => [
    { what, kind, where: 'two processes', pairs: [] },
    { what, kind, where: 'one process', pairs: [] },
  ]);
  const started = performance.now();
  for (let pair = 0; pair < pairs; pair += 1) {
    const spent = (performance.now() - started) / 1000;
    if (pair > 0 && spent + spent / pair > seconds) {
      console.error(`bench: ${pair} of ${pairs} pairs in ${spent.toFixed(0)} s, and no time for another`);
      break;
    }
    const apart = {};
    for (const agent of pair % 2 === 0 ? ['plain', 'vrf'] : ['vrf', 'plain']) apart[agent] = spawned[agent]();
    const both = spawned.plain();
    const clients = { 'two processes': apart, 'one process': { plain: both, vrf: both } };
    const all = [...Object.values(apart), both];
    await Promise.all(all.map(messageFrom));
    for (const { what, kind, where, pairs: measured } of rows) {
      const at = `pair ${pair + 1} of ${pairs}, ${what}, ${where}, `;
      const run = (agent) => async () => {
        const client = clients[where][agent];
        client.send({ agent, count: kind.count, options: kind.options });
        return messageFrom(client);
      };
      const contestants = { plain: run('plain'), vrf: run('vrf') };
      await takeTurns(WARM_UP, contestants, `${at}warming up, `);
      const { plain, vrf } = await takeTurns(ROUNDS, contestants, at);
      const of = (figures, figure) => figures.map((one) => one[figure]);
      measured.push({
        plain: median(of(plain, 'rate')),
        vrf: median(of(vrf, 'rate')),
        ratio: medianRatio(of(vrf, 'rate'), of(plain, 'rate')),
        cpu: medianRatio(of(plain, 'cpu'), of(vrf, 'cpu')),
      });
    }
    for (const client of all) client.kill('SIGKILL');
  }
  server.kill('SIGKILL');
  printTable(
    rows.map(({ what, kind, where, pairs: measured }) => {
      const of = (figure) => measured.map((one) => one[figure]).sort((one, other) => one - other);
      const ratios = of('ratio');
      const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
      const variance = ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0) / Math.max(1, ratios.length - 1);
      return {
        what: `${what}, ${where}: VrfAgent against an Agent inside the namespace`,
        figure: [
          `${median(of('vrf')).toFixed(0)} against ${median(of('plain')).toFixed(0)} requests/s`,
          `(mean ${mean.toFixed(3)} ± ${Math.sqrt(variance / ratios.length).toFixed(3)},`,
          `${ratios.at(0).toFixed(2)} to ${ratios.at(-1).toFixed(2)}; by processor time ${median(of('cpu')).toFixed(3)})`,
        ].join(' '),
        ratio: median(ratios).toFixed(3),
        target: `≥ ${kind.target}`,
      };
    }),
  );
  ip(`netns del ${NAMESPACE}`);
}
