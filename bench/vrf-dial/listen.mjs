// A server that `listenInVrf` put into a namespace from outside, against a plain one in a process that lives in the
// namespace (`ip netns exec`), each under wrk in turn (aim: at least 0.97 of the rate). Two more figures: how long it
// takes from the making of a namespace until a listener that waits for it is bound (aim: 50 ms at most), and until a
// thousand are.
//
// node tools/sandbox/sandbox.mjs -- node bench/vrf-dial/listen.mjs [rounds]   (after `pnpm run build`)
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { median, messageFrom, tell } from '../table.mjs';

const SELF = fileURLToPath(import.meta.url);
const NAMESPACE = 'bench-listen';
const HOST = '192.0.2.80';
const PORTS = { plain: 8081, vrf: 8082 };
const TARGET = 0.97;

const body = Buffer.alloc(1024, 'x');
const makeServer = () => createServer({ keepAliveTimeout: 120_000 }, (_request, response) => response.end(body));

const [, , role] = process.argv;
if (role === 'plain') {
  makeServer().listen(PORTS.plain, HOST, 511, () => process.send('ready'));
} else if (role === 'vrf') {
  const { listenInVrf } = await import('vrf-dial');
  await listenInVrf(makeServer(), { namespace: NAMESPACE, host: HOST, port: PORTS.vrf, tos: 0 });
  process.send('ready');
} else await main(Number(role ?? 15));

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

async function throughput(rounds) {
  const ip = (line) => execFileSync('ip', line.split(' '));
  ip(`netns add ${NAMESPACE}`);
  ip(`-n ${NAMESPACE} link set lo up`);
  ip(`-n ${NAMESPACE} addr add ${HOST}/32 dev lo`);
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc'];
  const servers = [
    spawn('ip', ['netns', 'exec', NAMESPACE, process.execPath, SELF, 'plain'], { stdio }),
    spawn(process.execPath, [SELF, 'vrf'], { stdio }),
  ];
  await Promise.all(servers.map(messageFrom));
  for (let warm = 0; warm < 2; warm += 1) for (const port of Object.values(PORTS)) await wrk(port);
  const ratios = [];
  const rates = { plain: [], vrf: [] };
  for (let round = 0; round < rounds; round += 1) {
    tell(`throughput, round ${round + 1} of ${rounds}`);
    // Another one comes first in every round, so that a machine that slows down favours neither.
    const measured = {};
    for (const who of round % 2 === 0 ? ['plain', 'vrf'] : ['vrf', 'plain']) {
      measured[who] = await wrk(PORTS[who]);
      rates[who].push(measured[who]);
    }
    ratios.push(measured.vrf / measured.plain);
  }
  for (const server of servers) server.kill('SIGKILL');
  ip(`netns del ${NAMESPACE}`);
  const [vrf, plain] = [median(rates.vrf), median(rates.plain)].map(Math.round);
  console.log(
    `| listenInVrf against a plain server inside the namespace, under wrk | ${vrf} against ${plain} requests/s | ${median(ratios).toFixed(3)} | ≥ ${TARGET} |`,
  );
}

/** Milliseconds from the making of a namespace until listeners that wait for it are bound. */
async function timeToBind(rounds, count) {
  const { listenInVrf } = await import('vrf-dial');
  const { addNamed, deleteNamed } = await import('netns-core');
  const name = `${NAMESPACE}-bind`;
  const listeners = [];
  for (let index = 0; index < count; index += 1)
    listeners.push(await listenInVrf(createServer(), { namespace: name, port: 10_000 + index }));
  const times = [];
  for (let round = 0; round < rounds; round += 1) {
    tell(`${count} listeners, round ${round + 1} of ${rounds}`);
    const bound = Promise.all(listeners.map((listener) => once(listener, 'listening')));
    addNamed(name).close();
    const started = performance.now();
    await bound;
    times.push(performance.now() - started);
    const down = Promise.all(listeners.map((listener) => once(listener, 'down')));
    deleteNamed(name);
    await down;
  }
  await Promise.all(listeners.map((listener) => listener.close()));
  const what = count === 1 ? 'a listener bound' : `${count} listeners bound, all of them,`;
  console.log(
    `| ${what} after its namespace was made | ${median(times).toFixed(1)} ms | | ${count === 1 ? '≤ 50 ms' : ''} |`,
  );
}

async function main(rounds) {
  console.log('| what | figure | ratio | target |');
  console.log('| --- | --- | --- | --- |');
  await throughput(rounds);
  await timeToBind(15, 1);
  await timeToBind(5, 1000);
}
