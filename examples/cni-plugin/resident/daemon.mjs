// The plugin as one process that stays: it takes the calls that `veth-bridge` beside it passes on.
//
//   node resident/daemon.mjs [SOCKET]        default: /run/veth-bridge.sock
//
// It has to see what the runtime sees: run it in the host's mount namespace, or with /run/netns and /proc of the host.
import { renameSync } from 'node:fs';
import { createServer } from 'node:http';
import { Writable } from 'node:stream';
import { runPlugin } from 'cni-types/plugin';
import { vethBridge } from '../handlers.mjs';

const [socket = '/run/veth-bridge.sock'] = process.argv.slice(2);

/** What a plugin is told by its environment; all else there is the daemon's own. */
const VARIABLES = new Set([
  'CNI_COMMAND',
  'CNI_CONTAINERID',
  'CNI_NETNS',
  'CNI_NETNS_OVERRIDE',
  'CNI_IFNAME',
  'CNI_ARGS',
  'CNI_PATH',
]);

/** @type {Map<string, Promise<unknown>>} */
const lastCalls = new Map();

/**
 * Calls for one container one after the other: a runtime that has given an ADD up sends DEL, which must not overtake it.
 * @template T @param {string} container @param {() => Promise<T>} call @returns {Promise<T>}
 */
async function inTurn(container, call) {
  const before = lastCalls.get(container) ?? Promise.resolve();
  const result = before.then(call);
  const settled = result.catch(() => {});
  lastCalls.set(container, settled);
  try {
    return await result;
  } finally {
    if (lastCalls.get(container) === settled) lastCalls.delete(container);
  }
}

const server = createServer((request, response) => {
  const asked = new URL(request.url ?? '/', 'http://plugin').searchParams;
  const variables = Object.fromEntries([...asked].filter(([name]) => VARIABLES.has(name)));
  let printed = '';
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      printed += chunk;
      done();
    },
  });
  const env = { ...process.env, ...variables };
  inTurn(variables.CNI_CONTAINERID ?? '', () =>
    runPlugin(vethBridge, { env, stdin: request, stdout, stderr: process.stderr }),
  ).then(
    (code) => response.writeHead(code === 0 ? 200 : 500, { 'content-type': 'application/json' }).end(printed),
    (error) => {
      console.error(error);
      response.destroy();
    },
  );
});

// A process that can connect can change the host's network, so only the socket's owner may.
process.umask(0o077);
const own = `${socket}.${process.pid}`;
server.listen(own, () => {
  // Takes the place of the daemon before, which ends its calls; in between, there is always one to connect to.
  renameSync(own, socket);
  console.log(`takes calls at ${socket}`);
});
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => server.close());
