import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectBroker, openSocket, runInNamespace } from 'netns-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeNamespaces, runProgram, uniqueName } from '#testkit';

const PROGRAM = fileURLToPath(new URL('../../netns-core/dist/netns-broker.js', import.meta.url));
const RED = uniqueName('red');
const directory = mkdtempSync(path.join(tmpdir(), 'vrf-dial-broker-'));
const SOCKET = path.join(directory, 'socket');
let made: ReturnType<typeof makeNamespaces>;
let broker: ChildProcess;
let server: http.Server;
const connections = new Set<unknown>();

beforeAll(async () => {
  made = makeNamespaces(RED);
  const config = path.join(directory, 'config.json');
  const rules = [{ users: [process.getuid?.()], namespaces: [`${RED}*`] }];
  writeFileSync(config, JSON.stringify({ path: SOCKET, policy: { rules }, log: 'none' }));
  broker = spawn(process.execPath, [PROGRAM, '--config', config], { stdio: 'inherit' });
  connectBroker(SOCKET, { timeout: 20_000 }).mustExist(RED);
  server = http.createServer((_request, response) => response.end('red'));
  server.on('connection', (socket) => connections.add(socket));
  const listening = runInNamespace(RED, () => openSocket({ family: 'ipv4', type: 'stream' }));
  server.listen({ fd: listening });
  await once(server, 'listening');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  const ended = once(broker, 'exit');
  broker.kill();
  await ended;
  made.remove();
  rmSync(directory, { recursive: true });
});

/** Runs a program that may not enter any namespace. */
async function unprivileged(source: string): Promise<unknown> {
  const result = await runProgram(source, {
    env: { ...process.env, NETNS_BROKER: SOCKET },
    through: ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--no-new-privs'],
  });
  expect(result).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(result.stdout);
}

describe('a process without capabilities and with a broker', () => {
  it('dials, keeps connections alive and fetches in a namespace that it may not enter', async () => {
    const { port } = server.address() as AddressInfo;
    const values = await unprivileged(`
      import http from 'node:http';
      import { text } from 'node:stream/consumers';
      import { dial, VrfAgent, VrfHttpAgent } from 'vrf-dial';
      const target = { namespace: '${RED}' };
      const agent = new VrfHttpAgent({ ...target, keepAlive: true });
      const get = () => new Promise((resolve, reject) => {
        http.get({ host: '127.0.0.1', port: ${port}, agent }, (response) => resolve(text(response))).on('error', reject);
      });
      const values = [await get(), await get()];
      agent.destroy();
      const socket = await dial({ ...target, host: '127.0.0.1', port: ${port} });
      values.push(socket.remotePort);
      socket.destroy();
      const dispatcher = new VrfAgent(target);
      values.push(await (await fetch('http://127.0.0.1:${port}/', { dispatcher })).text());
      await dispatcher.close();
      console.log(JSON.stringify(values));`);
    expect(values).toEqual(['red', 'red', port, 'red']);
    expect(connections.size).toBe(3);
  });

  it('waits for a namespace, binds UDP sockets, and is told what it cannot do', async () => {
    const values = await unprivileged(`
      import http from 'node:http';
      import { createUdpSocket, dial, listenInVrf, listenUdpInVrf } from 'vrf-dial';
      const code = (promise) => promise.then(() => 'works', (error) => error.code);
      const missing = { namespace: '${RED}-missing', host: '127.0.0.1', port: 9 };
      const udp = await createUdpSocket({ namespace: '${RED}', type: 'udp4' });
      const values = [
        udp.address().port > 0,
        await code(dial({ ...missing, waitForNamespace: 50 })),
        await code(dial({ ...missing, namespace: 'blue' })),
        await code(listenInVrf(http.createServer(), { namespace: '${RED}', port: 0 })),
        await code(listenUdpInVrf({ namespace: '${RED}', type: 'udp4' })),
      ];
      udp.close();
      console.log(JSON.stringify(values));`);
    expect(values).toEqual([true, 'ENOENT', 'ERR_BROKER_DENIED', 'ERR_BROKER_UNSUPPORTED', 'ERR_BROKER_UNSUPPORTED']);
  });
});
