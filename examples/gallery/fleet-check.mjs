// Checks a fleet as Ansible would, without an agent on the devices: each device is in some VRF, every check is done on
// every device, a few at a time. It prints a table and exits with 1 if a check failed, which cron and CI understand.
//
//   node tools/sandbox/sandbox.mjs -- node examples/gallery/fleet-check.mjs   (after `npx -y pnpm@10 build`)
import { execFileSync } from 'node:child_process';
import http from 'node:http';
import net from 'node:net';
import { createVrfFetch, dial, listenInVrf, ping } from 'vrf-dial';

const FLEET = [
  { name: 'core-1', vrf: 'east', host: '192.0.2.1' },
  { name: 'core-2', vrf: 'west', host: '192.0.2.1' },
  { name: 'edge-1', vrf: 'west', host: '192.0.2.2' },
];
const TIMEOUT_MS = 2000;
const AT_ONCE = 4;

// Each check resolves to what the table shows, or fails.
const CHECKS = {
  async ping({ vrf, host }) {
    const { received, replies } = await ping({ vrf, host, timeout: TIMEOUT_MS });
    if (received === 0) throw replies[0].error;
    return 'ok';
  },
  async ssh({ vrf, host }) {
    const socket = await dial({ vrf, host, port: 22, timeout: TIMEOUT_MS });
    try {
      for await (const banner of socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('no banner'))))
        return String(banner).trim();
      throw new Error('no banner');
    } finally {
      socket.destroy();
    }
  },
  async http({ vrf, host }) {
    const fetch = createVrfFetch({ vrf });
    try {
      const response = await fetch(`http://${host}/health`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (!response.ok) throw new Error(`status ${response.status}`);
      return await response.text();
    } finally {
      await fetch.close();
    }
  },
};

/** Does all jobs, never more than `limit` at the same time. */
async function inParallel(jobs, limit) {
  const results = [];
  let next = 0;
  const worker = async () => {
    while (next < jobs.length) {
      const index = next++;
      results[index] = await jobs[index]();
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  return results;
}

async function checkFleet() {
  const jobs = FLEET.flatMap((device) =>
    Object.entries(CHECKS).map(([check, run]) => async () => {
      try {
        return { device, check, result: await run(device), failed: false };
      } catch (error) {
        const { code, message } = error.cause ?? error;
        return { device, check, result: `FAILED ${code ?? message}`, failed: true };
      }
    }),
  );
  return inParallel(jobs, AT_ONCE);
}

function printTable(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    );
}

const ip = (line) => execFileSync('ip', line.split(' '));

/** Scenery: the fleet, in two VRFs. On edge-1 no web server runs, and core-2 is not healthy. */
async function startFleet() {
  for (const vrf of ['east', 'west']) {
    ip(`netns add ns-${vrf}`);
    ip(`-n ns-${vrf} link set lo up`);
  }
  const listeners = [];
  for (const { name, vrf, host } of FLEET) {
    ip(`-n ns-${vrf} addr add ${host}/32 dev lo`);
    const ssh = net.createServer((socket) => socket.on('error', () => {}).end(`SSH-2.0-${name}\r\n`));
    listeners.push(await listenInVrf(ssh, { vrf, host, port: 22 }));
    if (name === 'edge-1') continue;
    const web = http.createServer((_request, response) => {
      response.writeHead(name === 'core-2' ? 503 : 200).end('up 12 days');
    });
    listeners.push(await listenInVrf(web, { vrf, host, port: 80 }));
  }
  return async () => {
    for (const listener of listeners) await listener.close();
    for (const vrf of ['east', 'west']) ip(`netns del ns-${vrf}`);
  };
}

const stopFleet = await startFleet();
const outcomes = await checkFleet();
await stopFleet();

printTable([
  ['DEVICE', 'VRF', 'ADDRESS', 'CHECK', 'RESULT'],
  ...outcomes.map(({ device, check, result }) => [device.name, device.vrf, device.host, check, result]),
]);
const failed = outcomes.filter((outcome) => outcome.failed).length;
console.log(`${outcomes.length - failed} ok, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
