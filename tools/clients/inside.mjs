// The half of run.mjs that runs in the sandbox: the servers in a VRF, the trap at home, and the examples, one at a time.
//
//   node inside.mjs <project>
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { CLIENTS, ELSEWHERE, PORTS, SERVER_PORT, SERVERS } from './examples.mjs';
import { Trap } from './trap.mjs';

const project = process.argv[2];
const VRF = 'red';
const NAMESPACE = `ns-${VRF}`;
const HOST = 'server.example';
const ADDRESS = '192.0.2.10';
/** Packets to it are lost. */
const SILENT_HOST = 'silent.example';
const SILENT_ADDRESS = '198.51.100.2';
/** What every name means at home, where the proxy and the name server are as well. */
const TRAP_ADDRESS = '192.0.2.66';
const PROXY_PORT = 3128;
const TIMEOUT_MS = 20_000;

const ip = (line) => execFileSync('ip', line.split(' '));
let passed = 0;
let failed = 0;
let skipped = 0;

function report(name, problems) {
  if (problems.length === 0) passed += 1;
  else failed += 1;
  console.log(problems.length === 0 ? `ok: ${name}` : `failed: ${name}: ${problems.join('; ')}`);
}

function prepareNetwork() {
  ip(`netns add ${NAMESPACE}`);
  ip(`-n ${NAMESPACE} link set lo up`);
  ip(`-n ${NAMESPACE} addr add ${ADDRESS}/32 dev lo`);
  ip(`-n ${NAMESPACE} link add silent type veth peer name drops`);
  ip(`-n ${NAMESPACE} addr add 198.51.100.1/24 dev silent`);
  for (const end of ['silent', 'drops']) ip(`-n ${NAMESPACE} link set ${end} up`);
  // The address of no device: the other end drops it.
  ip(`-n ${NAMESPACE} neigh add ${SILENT_ADDRESS} lladdr 02:00:00:00:00:02 dev silent`);
  mkdirSync(`/etc/netns/${NAMESPACE}`, { recursive: true });
  writeFileSync(`/etc/netns/${NAMESPACE}/hosts`, `${ADDRESS} ${HOST}\n${SILENT_ADDRESS} ${SILENT_HOST}\n`);
  for (const address of [ADDRESS, SILENT_ADDRESS, TRAP_ADDRESS]) ip(`addr add ${address}/32 dev lo`);
  writeFileSync('/etc/resolv.conf', `nameserver ${TRAP_ADDRESS}\n`);
}

/** A certificate of the server's, and a kubeconfig that trusts it. */
function prepareKubernetes() {
  const [key, certificate, config] = ['key.pem', 'certificate.pem', 'kubeconfig'].map((file) =>
    path.join(project, file),
  );
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ...['-keyout', key, '-out', certificate, '-subj', `/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOST}`],
    ],
    { stdio: 'ignore' },
  );
  writeFileSync(
    config,
    JSON.stringify({
      clusters: [
        {
          name: 'cluster',
          cluster: {
            server: `https://${HOST}:${PORTS.kubernetes}`,
            'certificate-authority-data': readFileSync(certificate, 'base64'),
          },
        },
      ],
      users: [{ name: 'user', user: { token: 'token' } }],
      contexts: [{ name: 'context', context: { cluster: 'cluster', user: 'user' } }],
      'current-context': 'context',
    }),
  );
  return { key, certificate, config };
}

/** Starts a program; `line()` waits for its first line, `ended()` for its end. */
function start(command, args, env = process.env) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'])
    child[stream].on('data', (data) => {
      output[stream] += data;
    });
  const closed = once(child, 'close').finally(() => clearTimeout(timer));
  return {
    child,
    output,
    untimed: () => clearTimeout(timer),
    async line() {
      while (!output.stdout.includes('\n'))
        await Promise.race([once(child.stdout, 'data'), closedTooSoon(closed, output)]);
      return output.stdout.split('\n')[0];
    },
    async ended() {
      const [code, signal] = await closed;
      return { code: code ?? signal, ...output };
    },
  };
}

async function closedTooSoon(closed, output) {
  await closed;
  throw new Error(`ended: ${output.stderr.trim().slice(-400)}`);
}

const matches = (expected, line) => (expected instanceof RegExp ? expected.test(line) : expected === line);

async function runClient({ file, server, prints }, env, trap) {
  const args = [path.join(project, 'clients', file), VRF, HOST, String(PORTS[server]), SILENT_HOST];
  const { code, stdout, stderr } = await start(process.execPath, args, env).ended();
  const lines = stdout.trim().split('\n');
  const problems = trap.look().map((caught) => `home has seen ${caught}`);
  if (code !== 0) problems.push(`ended with ${code}: ${stderr.trim().slice(-400)}`);
  if (lines.length !== prints.length || !prints.every((expected, index) => matches(expected, lines[index])))
    problems.push(`printed ${inspect(lines)} in place of ${inspect(prints)}`);
  report(file, problems);
}

async function runServer({ file, answers }, env, trap) {
  const problems = [];
  const program = start(
    process.execPath,
    [path.join(project, 'servers', file), VRF, ADDRESS, String(SERVER_PORT)],
    env,
  );
  try {
    const state = await program.line();
    if (state !== 'listening') problems.push(`is ${state}`);
    const url = `http://${ADDRESS}:${SERVER_PORT}/`;
    const answer = execFileSync('ip', ['netns', 'exec', NAMESPACE, 'curl', '-sS', '--noproxy', '*', url], {
      encoding: 'utf8',
    });
    if (!answers.test(answer)) problems.push(`answered ${answer.slice(0, 400)}`);
    program.child.kill('SIGTERM');
    const { code, stderr } = await program.ended();
    if (code !== 0) problems.push(`ended with ${code}: ${stderr.trim().slice(-400)}`);
  } catch (error) {
    problems.push(error.message);
  } finally {
    program.child.kill('SIGKILL');
  }
  problems.push(...trap.look().map((caught) => `home has seen ${caught}`));
  report(file, problems);
}

/** The trap must work: an ordinary client that knows of no VRF falls into it. */
async function springTrap(env, trap) {
  const program = `require('http').get('http://${HOST}:${PORTS.http}/').on('error', () => {})`;
  await start(process.execPath, ['-e', program], env).ended();
  // The connection may be accepted a moment after the client has seen its end.
  let caught = trap.look();
  for (let turn = 0; turn < 100 && !caught.some((what) => what.startsWith('a connection')); turn += 1) {
    await sleep(20);
    caught = [...caught, ...trap.look()];
  }
  const expected = [/^a question for server\.example$/, /^a connection to \S+ port 8080$/, /packets$/];
  report(
    'a client without a VRF is seen at home',
    expected.every((what) => caught.some((seen) => what.test(seen))) ? [] : [`home has seen ${inspect(caught)}`],
  );
  await sleep(100);
  trap.look();
}

prepareNetwork();
const { key, certificate, config } = prepareKubernetes();
const servers = start('ip', [
  ...['netns', 'exec', NAMESPACE, process.execPath, path.join(project, 'test-servers', 'run.mjs')],
  ...[HOST, ADDRESS, JSON.stringify(PORTS), key, certificate],
]);
servers.untimed();
const trap = await Trap.open([...Object.values(PORTS), SERVER_PORT, PROXY_PORT, 80, 443], TRAP_ADDRESS);
try {
  await servers.line();
  const proxy = `http://${TRAP_ADDRESS}:${PROXY_PORT}`;
  const env = { ...process.env, NODE_OPTIONS: '', KUBECONFIG: config, NO_COLOR: '1', FORCE_COLOR: undefined };
  for (const name of ['http_proxy', 'https_proxy', 'all_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'])
    env[name] = proxy;
  await springTrap(env, trap);
  for (const client of CLIENTS) {
    const { file, needsNode = 0 } = client;
    if (Number.parseInt(process.versions.node, 10) >= needsNode) await runClient(client, env, trap);
    else {
      skipped += 1;
      console.log(`skipped: ${file}: the client needs Node ${needsNode}`);
    }
  }
  for (const server of SERVERS) await runServer(server, env, trap);
  const known = [...CLIENTS, ...SERVERS].map(({ file }) => file).concat(ELSEWHERE);
  const unknown = ['clients', 'servers'].flatMap((folder) =>
    readdirSync(path.join(project, folder)).filter((file) => file.endsWith('.mjs') && !known.includes(file)),
  );
  report(
    'every example is run',
    unknown.map((file) => `tools/clients/examples.mjs does not name ${file}`),
  );
} finally {
  servers.child.kill('SIGTERM');
  await servers.ended();
  trap.close();
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed === 0 ? 0 : 1);
