// One fastify application in two VRFs: it has a server in each, with listenInVrf, and a route that knows in which VRF
// the request came in.
//
//   node tools/sandbox/sandbox.mjs -- node examples/gallery/fastify-two-vrfs.mjs   (after `npx -y pnpm@10 build`)
//
// An application in one VRF is simpler: examples/servers/fastify.mjs.
import { execFileSync } from 'node:child_process';
import http from 'node:http';
import fastify from 'fastify';
import { createVrfFetch, listenInVrf } from 'vrf-dial';

const app = fastify();

// What each request came through. Not a header: those are the client's to write.
const vrfs = new WeakMap();
app.decorateRequest('vrf', {
  getter() {
    return vrfs.get(this.raw);
  },
});

app.get('/', async ({ vrf }) => ({ greeting: `hello, ${vrf}` }));
app.get('/admin', async ({ vrf }, reply) =>
  vrf === 'staff' ? { users: 3 } : reply.code(403).send({ error: 'only for staff' }),
);
await app.ready();

/** Serves the application in a VRF as well. */
function serve(vrf, host, port) {
  const server = http.createServer((request, response) => {
    vrfs.set(request, vrf);
    app.routing(request, response);
  });
  return listenInVrf(server, { vrf, host, port });
}

const ip = (line) => execFileSync('ip', line.split(' '));

// Scenery: the VRFs. Both have the same address.
for (const vrf of ['staff', 'guests']) {
  ip(`netns add ns-${vrf}`);
  ip(`-n ns-${vrf} link set lo up`);
  ip(`-n ns-${vrf} addr add 192.0.2.1/32 dev lo`);
}

const listeners = [await serve('staff', '192.0.2.1', 8080), await serve('guests', '192.0.2.1', 8080)];

for (const vrf of ['staff', 'guests']) {
  const fetch = createVrfFetch({ vrf });
  for (const path of ['/', '/admin']) {
    const response = await fetch(`http://192.0.2.1:8080${path}`, { signal: AbortSignal.timeout(5000) });
    console.log(`${vrf} ${path} ${response.status} ${await response.text()}`);
  }
  await fetch.close();
}

for (const listener of listeners) await listener.close();
await app.close();
for (const vrf of ['staff', 'guests']) ip(`netns del ns-${vrf}`);
