// Many VRFs, each with a server that answers with the VRF's name, in this process.
import { createServer } from 'node:http';
import { request } from 'undici';
import { listenInVrf } from 'vrf-dial';
import { ipBatch } from '../../harness/ip.mjs';

const ADDRESS = '192.0.2.1';
const PORT = 8080;

/**
 * Makes VRFs with a server each.
 *
 * @param {number} first
 * @param {number} end
 * @returns their names and listeners
 */
export async function addServedVrfs(first, end) {
  const names = Array.from({ length: end - first }, (_, index) => `t${first + index}`);
  ipBatch(names.map((name) => `netns add ns-${name}`));
  // `ip -batch` stays in one namespace, and what it is told to do here is the same in all.
  ipBatch(names.map((name) => `netns exec ns-${name} ip link set lo up`));
  ipBatch(names.map((name) => `netns exec ns-${name} ip addr add ${ADDRESS}/32 dev lo`));
  const listeners = await Promise.all(
    names.map((name) =>
      listenInVrf(
        createServer({ keepAliveTimeout: 600_000 }, (_request, response) => response.end(name)),
        { vrf: name, host: ADDRESS, port: PORT, backlog: 4096 },
      ),
    ),
  );
  return { names, listeners };
}

/**
 * Requests as many at once as there are jobs: each has one under way all the time.
 *
 * @param {readonly { name: string, agent: import('vrf-dial').VrfAgent }[]} jobs
 * @param {number} each
 * @returns the rate, a second, and how many answers came from another VRF
 */
export async function load(jobs, each) {
  let wrong = 0;
  const started = performance.now();
  await Promise.all(
    jobs.map(async ({ name, agent }) => {
      for (let index = 0; index < each; index += 1) {
        const { body } = await request(`http://${ADDRESS}:${PORT}`, { dispatcher: agent });
        if ((await body.text()) !== name) wrong += 1;
      }
    }),
  );
  return { rate: (jobs.length * each * 1000) / (performance.now() - started), wrong };
}
