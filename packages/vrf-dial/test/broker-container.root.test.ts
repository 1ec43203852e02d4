import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connectBroker } from 'netns-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVrfFetch } from 'vrf-dial';
import { ipIn, makeNamespaces, Podman, reasonWithoutPodman, retryUntil, uniqueName } from '#testkit';

const PROGRAM = fileURLToPath(new URL('../../netns-core/dist/netns-broker.js', import.meta.url));
const WORKSPACE = fileURLToPath(new URL('../../..', import.meta.url));
const RED = uniqueName('red');
const reason = reasonWithoutPodman();

/** A server in the VRF, which also asks itself by the VRF. */
const SERVER = `
  import http from 'node:http';
  import { readFileSync } from 'node:fs';
  import { createVrfFetch, listenInVrf } from 'vrf-dial';
  const target = { namespace: '${RED}' };
  const server = http.createServer((_request, response) => response.end('from the container'));
  const listener = await listenInVrf(server, { ...target, host: '192.0.2.1', port: 80 });
  const fetchThere = createVrfFetch(target);
  const status = readFileSync('/proc/self/status', 'utf8');
  console.log(process.getuid(), /CapEff:\\s*(\\S+)/.exec(status)[1], /NoNewPrivs:\\s*(\\S+)/.exec(status)[1]);
  console.log(listener.state, await (await fetchThere('http://192.0.2.1/')).text());
  process.stdin.on('data', async () => console.log('again', await (await fetchThere('http://192.0.2.1/')).text()));
`;

// The container recipe of docs/broker.md.
describe.skipIf(reason !== undefined)(
  `a container with the socket of the host's broker${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    const directory = mkdtempSync('/run/netns-broker-');
    const socket = path.join(directory, 'socket');
    const config = path.join(directory, 'config.json');
    let podman: Podman;
    let made: ReturnType<typeof makeNamespaces>;
    let broker: ChildProcess;
    const startBroker = (): void => {
      broker = spawn(process.execPath, [PROGRAM, '--config', config], { stdio: 'inherit' });
      connectBroker(socket, { timeout: 20_000 }).mustExist(RED);
    };
    const killBroker = async (): Promise<void> => {
      const ended = once(broker, 'exit');
      broker.kill('SIGKILL');
      await ended;
    };
    beforeAll(() => {
      made = makeNamespaces(RED);
      ipIn(RED, 'addr add 192.0.2.1/32 dev lo');
      chmodSync(directory, 0o755);
      const rules = [{ users: [0, 65_534], namespaces: [RED], listen: [80] }];
      writeFileSync(config, JSON.stringify({ path: socket, policy: { rules }, log: 'none' }));
      startBroker();
      podman = new Podman();
    }, 60_000);
    afterAll(async () => {
      await podman[Symbol.asyncDispose]();
      await killBroker();
      made.remove();
      rmSync(directory, { recursive: true });
    }, 30_000);

    it('serves and fetches in a VRF without a capability, also after the broker was started anew', async () => {
      const node = path.dirname(process.execPath);
      const program = podman.command(
        ...['run', '--rm', '--interactive', '--name', 'web', '--network', 'none', '--user', '65534:65534'],
        ...[
          '--cap-drop',
          'ALL',
          '--security-opt',
          'no-new-privileges',
          '--ulimit',
          'nofile=1024:1024',
          '--ulimit',
          'nproc=1000:1000',
        ],
        ...['--volume', `${directory}:/run/netns-broker`, '--env', 'NETNS_BROKER=/run/netns-broker/socket'],
        // In place of an image with Node and the packages.
        ...['/usr', '/lib', '/lib64'].flatMap((folder) => ['--volume', `${folder}:${folder}:ro`]),
        ...['--volume', `${node}:/node:ro`, '--volume', `${WORKSPACE}:/app:ro`, '--workdir', '/app/examples'],
        ...[Podman.IMAGE, '/node/node', '--input-type=module', '--eval', SERVER],
      );
      const container = spawn('podman', program, { stdio: ['pipe', 'pipe', 'inherit'] });
      const said: string[] = [];
      createInterface({ input: container.stdout }).on('line', (line) => said.push(line));
      await retryUntil(() => said.length >= 2 || container.exitCode !== null, 60_000);
      expect(said).toEqual(['65534 0000000000000000 1', 'listening from the container']);
      expect(readlinkSync(`/proc/${podman.pid('web')}/ns/net`)).not.toBe(readlinkSync('/proc/self/ns/net'));
      const get = async (): Promise<string> =>
        (await createVrfFetch({ namespace: RED })('http://192.0.2.1/', { headers: { connection: 'close' } })).text();
      expect(await get()).toBe('from the container');
      await killBroker();
      startBroker();
      container.stdin.write('\n');
      await retryUntil(() => said.includes('again from the container'));
      expect(await get()).toBe('from the container');
    }, 120_000);
  },
);
