// A thousand VRFs, each with an agent and a server (listenInVrf) in one process, 100 requests each, all at once:
// every answer must come from its own VRF, at no less than 0.9 of the rate of the same load on one VRF.
//
// node tools/sandbox/sandbox.mjs -- node bench/vrf-dial/thousand.mjs [vrfs] [requests]   (after `pnpm run build`)
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { request } from 'undici';
import { listenInVrf, VrfAgent } from 'vrf-dial';
import { median, tell } from '../table.mjs';

const VRFS = Number(process.argv[2] ?? 1000);
const REQUESTS = Number(process.argv[3] ?? 100);
const ROUNDS = 3;
const ORIGIN = 'http://192.0.2.1:8080';

const ip = (...args) => execFileSync('ip', args, { stdio: ['pipe', 'ignore', 'inherit'] });

const names = Array.from({ length: VRFS }, (_, index) => `t${index}`);
for (const name of names) {
  ip('netns', 'add', `ns-${name}`);
  ip('-n', `ns-${name}`, 'link', 'set', 'lo', 'up');
  ip('-n', `ns-${name}`, 'addr', 'add', '192.0.2.1/32', 'dev', 'lo');
}
const listeners = await Promise.all(
  names.map((name) =>
    listenInVrf(
      createServer({ keepAliveTimeout: 600_000 }, (_request, response) => response.end(name)),
      { vrf: name, host: '192.0.2.1', port: 8080, backlog: 4096 },
    ),
  ),
);
let wrong = 0;

/** All requests at once as far as they can be: each of the agents has one under way all the time. */
async function load(jobs) {
  const started = performance.now();
  await Promise.all(
    jobs.map(async ({ name, agent }) => {
      for (let index = 0; index < REQUESTS; index += 1) {
        const { body } = await request(ORIGIN, { dispatcher: agent });
        if ((await body.text()) !== name) wrong += 1;
      }
    }),
  );
  return (jobs.length * REQUESTS * 1000) / (performance.now() - started);
}

const own = names.map((name) => ({ name, agent: new VrfAgent({ vrf: name }) }));
const [first = 't0'] = names;
const shared = new VrfAgent({ vrf: first });
const one = names.map(() => ({ name: first, agent: shared }));
const rates = { own: [], one: [] };
await load(own);
await load(one);
for (let round = 0; round < ROUNDS; round += 1) {
  const order = round % 2 === 0 ? ['own', 'one'] : ['one', 'own'];
  tell(`round ${round + 1} of ${ROUNDS}`);
  for (const kind of order) rates[kind].push(await load(kind === 'own' ? own : one));
}
const ratio = median(rates.own.map((rate, index) => rate / (rates.one[index] ?? Number.NaN)));
console.log('| what | figure | ratio | target |');
console.log('| --- | --- | --- | --- |');
console.log(
  `| ${VRFS} VRFs, ${REQUESTS} requests each, all at once, against as many on one VRF | ${Math.round(median(rates.own))} against ${Math.round(median(rates.one))} requests/s | ${ratio.toFixed(3)} | ≥ 0.9 |`,
);
console.log(`| answers from another VRF | ${wrong} | | 0 |`);
await Promise.all([...own.map(({ agent }) => agent.close()), shared.close()]);
await Promise.all(listeners.map((listener) => listener.close()));
for (const name of names) ip('netns', 'del', `ns-${name}`);
