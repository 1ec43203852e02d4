// One agent for each VRF of this host: the same address is another machine in each of them, and each agent keeps its own
// connections, TLS sessions and DNS answers.
//
//   node tools/sandbox/sandbox.mjs -- node examples/gallery/agent-per-vrf.mjs   (after `npx -y pnpm@10 build`)
import { execFileSync } from 'node:child_process';
import http from 'node:http';
import { listenInVrf, listVrfs, VrfAgent } from 'vrf-dial';

const ip = (line) => execFileSync('ip', line.split(' '));

// Scenery: two VRFs in which 192.0.2.1 is another server.
const SITES = ['berlin', 'lisbon'];
const listeners = [];
for (const vrf of SITES) {
  ip(`netns add ns-${vrf}`);
  ip(`-n ns-${vrf} link set lo up`);
  ip(`-n ns-${vrf} addr add 192.0.2.1/32 dev lo`);
  const server = http.createServer((_request, response) => response.end(`hello from ${vrf}`));
  listeners.push(await listenInVrf(server, { vrf, host: '192.0.2.1', port: 8080 }));
}

// The example: an agent for each VRF, made once and used for all requests.
const agents = new Map();
for (const { name, kind, target } of listVrfs())
  if (kind === 'namespace') agents.set(name, new VrfAgent({ ...target, connectTimeout: 2000 }));

for (const [vrf, dispatcher] of agents) {
  const response = await fetch('http://192.0.2.1:8080/', { dispatcher, signal: AbortSignal.timeout(5000) });
  console.log(`${vrf}: ${response.status} ${await response.text()}`);
}

for (const agent of agents.values()) await agent.close();
for (const listener of listeners) await listener.close();
for (const vrf of SITES) ip(`netns del ns-${vrf}`);
