// A health checker: it looks at a service in each VRF every now and then, and serves the results as metrics for
// Prometheus inside one VRF alone, that of monitoring. This one stops after three rounds and prints its own metrics.
//
//   node tools/sandbox/sandbox.mjs -- node examples/gallery/health-metrics.mjs   (after `npx -y pnpm@10 build`)
//
// With prom-client: examples/servers/prom-client.mjs.
import { execFileSync } from 'node:child_process';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { counters, createVrfFetch, listenInVrf } from 'vrf-dial';

const TARGETS = [
  { vrf: 'shop', url: 'http://192.0.2.1:8080/' },
  { vrf: 'bank', url: 'http://192.0.2.1:8080/' },
];
const MONITORING = { vrf: 'monitoring', host: '198.51.100.1', port: 9100 };
const INTERVAL_MS = 200;
const TIMEOUT_MS = 2000;
const ROUNDS = 3;

// The checks: one agent for each VRF, so that a check needs no new connection.
const probes = TARGETS.map(({ vrf, url }) => ({
  vrf,
  url,
  fetch: createVrfFetch({ vrf }),
  up: 0,
  checks: 0,
  seconds: 0,
}));

async function check(probe) {
  const start = performance.now();
  try {
    const response = await probe.fetch(probe.url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    await response.text();
    probe.up = response.ok ? 1 : 0;
  } catch {
    probe.up = 0;
  }
  probe.seconds = (performance.now() - start) / 1000;
  probe.checks += 1;
}

/** Prometheus' text format. */
function metric(name, type, help, samples) {
  const lines = samples.map(([labels, value]) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
    return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`;
  });
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
}

function metrics() {
  const byVrf = (value) => probes.map((probe) => [{ vrf: probe.vrf }, value(probe)]);
  const { dials, failed } = counters();
  return [
    metric(
      'vrf_up',
      'gauge',
      'Whether the service answered',
      byVrf(({ up }) => up),
    ),
    metric(
      'vrf_checks_total',
      'counter',
      'Checks done',
      byVrf(({ checks }) => checks),
    ),
    metric(
      'vrf_check_seconds',
      'gauge',
      'How long the last check took',
      byVrf(({ seconds }) => seconds.toFixed(6)),
    ),
    metric('vrf_dial_dials_total', 'counter', 'Connections wanted', [[{}, dials]]),
    metric('vrf_dial_failed_total', 'counter', 'Connections that failed', [[{}, failed]]),
  ].join('');
}

const ip = (line) => execFileSync('ip', line.split(' '));
const addVrf = (vrf, address) => {
  ip(`netns add ns-${vrf}`);
  ip(`-n ns-${vrf} link set lo up`);
  ip(`-n ns-${vrf} addr add ${address}/32 dev lo`);
};

// Scenery: the services, of which that of the bank is not there.
addVrf('shop', '192.0.2.1');
addVrf('bank', '192.0.2.1');
addVrf(MONITORING.vrf, MONITORING.host);
const shop = http.createServer((_request, response) => response.end('open'));
const listeners = [await listenInVrf(shop, { vrf: 'shop', host: '192.0.2.1', port: 8080 })];

// Only who is in the VRF of monitoring sees the metrics.
const page = http.createServer((request, response) => {
  if (request.url !== '/metrics') return response.writeHead(404).end();
  return response.setHeader('content-type', 'text/plain; version=0.0.4').end(metrics());
});
listeners.push(await listenInVrf(page, MONITORING));

for (let round = 1; round <= ROUNDS; round += 1) {
  await Promise.all(probes.map(check));
  if (round < ROUNDS) await delay(INTERVAL_MS);
}

const scrape = createVrfFetch({ vrf: MONITORING.vrf });
const response = await scrape(`http://${MONITORING.host}:${MONITORING.port}/metrics`, {
  signal: AbortSignal.timeout(TIMEOUT_MS),
});
process.stdout.write(await response.text());

for (const { fetch } of [...probes, { fetch: scrape }]) await fetch.close();
for (const listener of listeners) await listener.close();
for (const vrf of ['shop', 'bank', MONITORING.vrf]) ip(`netns del ns-${vrf}`);
