// One fastify application in two VRFs, as an ordinary user without capabilities: a broker makes its sockets.
//
//   node tools/sandbox/sandbox.mjs -- node examples/gallery/fastify-broker.mjs   (after `npx -y pnpm@10 build`)
//
// The privileged part makes the VRFs, starts the broker, and runs this file once more as the application. On a real host
// the broker is the unit netns-broker.service of docs/broker.md, and the application a unit with NETNS_BROKER.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import fastify from 'fastify';
import { runInNamespace } from 'netns-core';
import { startBroker } from 'netns-core/broker';
import { createVrfFetch, listenInVrf } from 'vrf-dial';

const VRFS = ['staff', 'guests'];
const FILE = fileURLToPath(import.meta.url);

await (process.env.NETNS_BROKER === undefined ? privileged() : application());

/** Does not know of the broker: vrf-dial finds its socket in NETNS_BROKER. */
async function application() {
  const capabilities = /^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1];
  console.log(`capabilities: ${Number.parseInt(capabilities, 16)}`);
  try {
    runInNamespace('ns-staff', () => {});
  } catch ({ code }) {
    console.log(`entering ns-staff: ${code}`);
  }

  const app = fastify();
  // What each request came through. Not a header: those are the client's to write.
  const vrfs = new WeakMap();
  app.get('/', async ({ raw }) => ({ greeting: `hello, ${vrfs.get(raw)}` }));
  await app.ready();
  const listeners = [];
  for (const vrf of VRFS) {
    const server = http.createServer((request, response) => {
      vrfs.set(request, vrf);
      app.routing(request, response);
    });
    // Port 80 takes a privilege, so the broker binds it: the policy names it under `listen`.
    listeners.push(await listenInVrf(server, { vrf, host: '192.0.2.1', port: 80 }));
  }

  for (const vrf of VRFS) {
    const fetch = createVrfFetch({ vrf });
    const response = await fetch('http://192.0.2.1/', { signal: AbortSignal.timeout(5000) });
    console.log(`${vrf}: ${response.status} ${await response.text()}`);
    await fetch.close();
  }
  await createVrfFetch({ vrf: 'finance' })('http://192.0.2.1/').catch(({ cause }) => {
    console.log(`finance: ${cause.code}`);
  });

  for (const listener of listeners) await listener.close();
  await app.close();
}

async function privileged() {
  const ip = (line) => execFileSync('ip', line.split(' '));

  // Scenery: the VRFs. All have the same address.
  for (const vrf of [...VRFS, 'finance']) {
    ip(`netns add ns-${vrf}`);
    ip(`-n ns-${vrf} link set lo up`);
    ip(`-n ns-${vrf} addr add 192.0.2.1/32 dev lo`);
  }

  // The user 65534 where there is one that can read this file; in the sandbox of an ordinary user there is root alone.
  const unprivileged = ['--reuid=65534', '--regid=65534', '--clear-groups'];
  const user = spawnSync('setpriv', [...unprivileged, 'test', '-r', FILE]).status === 0 ? unprivileged : [];
  const folder = mkdtempSync(path.join(tmpdir(), 'fastify-broker-'));
  chmodSync(folder, 0o755);
  const socket = path.join(folder, 'socket');
  const broker = await startBroker({
    path: socket,
    policy: {
      rules: [
        {
          name: 'web',
          users: [user.length > 0 ? 65_534 : process.getuid()],
          namespaces: VRFS.map((vrf) => `ns-${vrf}`),
          listen: [80],
        },
      ],
    },
  });
  try {
    const dropped = ['--bounding-set=-all', '--inh-caps=-all', '--no-new-privs'];
    const child = spawn('setpriv', [...user, ...dropped, process.execPath, FILE], {
      env: { ...process.env, NETNS_BROKER: socket },
      stdio: 'inherit',
    });
    [process.exitCode] = await once(child, 'exit');
  } finally {
    await broker.close();
    rmSync(folder, { recursive: true });
    for (const vrf of [...VRFS, 'finance']) ip(`netns del ns-${vrf}`);
  }
}
