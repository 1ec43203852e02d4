// Requests through a VrfAgent against undici's own Agent in a process that lives in the namespace (`ip netns exec`),
// the same server, turn by turn:
//
//   - over kept connections (aim: at least 0.98 of the rate)
//   - with a new connection for each request (aim: at least 0.95)
//
// node tools/sandbox/sandbox.mjs -- node bench/vrf-dial/requests.mjs [rounds]   (after `pnpm run build`)
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SELF = fileURLToPath(import.meta.url);
const NAMESPACE = 'bench-requests';
const ORIGIN = 'http://192.0.2.80:8080';
const AT_ONCE = 16;
const KINDS = {
  'keep-alive': { count: 2000, options: {}, target: 0.98 },
  'new connection per request': { count: 600, options: { reset: true }, target: 0.95 },
};

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const [, , role] = process.argv;
if (role === 'server') {
  const { createServer } = await import('node:http');
  const body = Buffer.alloc(1024, 'x');
  const server = createServer({ keepAliveTimeout: 120_000 }, (_request, response) => response.end(body));
  server.listen(8080, '192.0.2.80', 1024, () => console.log('ready'));
} else if (role === 'plain' || role === 'vrf') {
  const { Agent, request } = await import('undici');
  const { VrfAgent } = await import('vrf-dial');
  const dispatcher = role === 'plain' ? new Agent() : new VrfAgent({ namespace: NAMESPACE });
  process.on('message', async ({ count, options }) => {
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
} else await main(Number(role ?? 25));

async function main(rounds) {
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
  const clients = {
    plain: spawn('ip', [...inside, 'plain'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
    vrf: spawn(process.execPath, [SELF, 'vrf'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
  };
  await Promise.all(Object.values(clients).map((client) => once(client, 'message')));
  const run = async (who, job) => {
    clients[who].send(job);
    const [answer] = await once(clients[who], 'message');
    return answer;
  };
  console.log('| what | figure | ratio | target |');
  console.log('| --- | --- | --- | --- |');
  for (const [name, { count, options, target }] of Object.entries(KINDS)) {
    const job = { count, options };
    for (let warm = 0; warm < 5; warm += 1) for (const who of ['plain', 'vrf']) await run(who, job);
    const ratios = [];
    const cpuRatios = [];
    const rates = { plain: [], vrf: [] };
    for (let round = 0; round < rounds; round += 1) {
      // Who comes first changes, so that a machine that slows down favours nobody.
      const order = round % 2 === 0 ? ['plain', 'vrf'] : ['vrf', 'plain'];
      const measured = {};
      for (const who of order) {
        measured[who] = await run(who, job);
        rates[who].push(measured[who].rate);
      }
      ratios.push(measured.vrf.rate / measured.plain.rate);
      cpuRatios.push(measured.plain.cpu / measured.vrf.cpu);
    }
    const [vrf, plain] = [median(rates.vrf), median(rates.plain)].map(Math.round);
    console.log(
      `| ${name}: VrfAgent against an Agent inside the namespace | ${vrf} against ${plain} requests/s (by processor time ${median(cpuRatios).toFixed(3)}) | ${median(ratios).toFixed(3)} | ≥ ${target} |`,
    );
  }
  for (const child of [clients.plain, clients.vrf, server]) child.kill('SIGKILL');
  ip(`netns del ${NAMESPACE}`);
}
