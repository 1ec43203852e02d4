// One dispatcher for everything, which picks the VRF by the origin of each request: undici's Agent makes one dispatcher
// per origin, and this one makes a VrfAgent.
//
//   node tools/sandbox/sandbox.mjs -- node examples/vrf-per-origin/vrf-per-origin.mjs   (after `pnpm run build`)
import { execFileSync } from 'node:child_process';
import http from 'node:http';
import { Agent } from 'undici';
import { listenInVrf, VrfAgent } from 'vrf-dial';

const ip = (line) => execFileSync('ip', line.split(' '));

// Which network lies in which VRF.
const networks = [
  { prefix: '192.0.2.', vrf: 'office' },
  { prefix: '198.51.100.', vrf: 'lab' },
];

function vrfOf(origin) {
  const { hostname } = new URL(origin);
  const network = networks.find(({ prefix }) => hostname.startsWith(prefix));
  // Rather no request than one through the wrong network.
  if (network === undefined) throw new Error(`no VRF for ${hostname}`);
  return network.vrf;
}

const agent = new Agent({ factory: (origin) => new VrfAgent({ vrf: vrfOf(origin) }) });

// The rest is scenery: a server in each VRF.
const listeners = [];
for (const { prefix, vrf } of networks) {
  ip(`netns add ns-${vrf}`);
  ip(`-n ns-${vrf} link set lo up`);
  ip(`-n ns-${vrf} addr add ${prefix}1/32 dev lo`);
  const server = http.createServer((_request, response) => response.end(`hello from ${vrf}`));
  listeners.push(await listenInVrf(server, { vrf, host: `${prefix}1`, port: 8080 }));
}

for (const url of ['http://192.0.2.1:8080/', 'http://198.51.100.1:8080/', 'http://203.0.113.1/'])
  try {
    const response = await fetch(url, { dispatcher: agent });
    console.log(url, await response.text());
  } catch (error) {
    console.log(url, error.cause?.message ?? error.message);
  }

await agent.close();
for (const listener of listeners) await listener.close();
for (const { vrf } of networks) ip(`netns del ns-${vrf}`);
