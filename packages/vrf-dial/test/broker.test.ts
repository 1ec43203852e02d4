import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectBroker, deleteNamed, hopSource, NamespaceNotFoundError, openSocket, runInNamespace } from 'netns-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVrfFetch, listenInVrf } from 'vrf-dial';
import { ipIn, makeNamespaces, retryUntil, uniqueName, withoutPrivileges } from '#testkit';

const PROGRAM = fileURLToPath(new URL('../../netns-core/dist/netns-broker.js', import.meta.url));
const RED = uniqueName('red');
const directory = mkdtempSync(path.join(tmpdir(), 'vrf-dial-broker-'));
const SOCKET = path.join(directory, 'socket');
let made: ReturnType<typeof makeNamespaces>;
let broker: ChildProcess;
let server: http.Server;
const connections = new Set<unknown>();
const config = path.join(directory, 'config.json');

function startBroker(): void {
  broker = spawn(process.execPath, [PROGRAM, '--config', config], { stdio: 'inherit' });
}

async function restartBroker(): Promise<void> {
  const ended = once(broker, 'exit');
  broker.kill('SIGKILL');
  await ended;
  startBroker();
  connectBroker(SOCKET, { timeout: 20_000 }).mustExist(RED);
}

beforeAll(async () => {
  made = makeNamespaces(RED);
  chmodSync(directory, 0o755);
  const types = ['stream', 'dgram', 'netlink', 'ping'];
  const rules = [{ users: [process.getuid?.(), 65_534], namespaces: [`${RED}*`], types, listen: [53, [80, 80]] }];
  writeFileSync(config, JSON.stringify({ path: SOCKET, policy: { rules }, log: 'none' }));
  startBroker();
  connectBroker(SOCKET, { timeout: 20_000 }).mustExist(RED);
  runInNamespace(RED, () => writeFileSync('/proc/sys/net/ipv4/ping_group_range', '0 0'));
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

const WITHOUT_PRIVILEGES = withoutPrivileges(PROGRAM);
// Beside the packages that it imports.
const CONSUMER = fileURLToPath(new URL('../../../examples/', import.meta.url));

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

/** Starts such a program, which ends with its input. */
function start(source: string): Started {
  const [command = '', ...args] = [...WITHOUT_PRIVILEGES, process.execPath, '--input-type=module', '--eval', source];
  const child = spawn(command, args, {
    cwd: CONSUMER,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '', NETNS_BROKER: SOCKET },
  });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return { child, output: () => output, ended: once(child, 'close').then(([code]) => code as number | null) };
}

/** Runs a program that may not enter any namespace. */
async function unprivileged(source: string): Promise<unknown> {
  const { child, output, ended } = start(source);
  const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
  expect(await ended).toBe(0);
  clearTimeout(late);
  return JSON.parse(output());
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

  it('waits for a namespace and is told what its rules do not allow', async () => {
    const values = await unprivileged(`
      import { connectBroker, hopSource, useSocketSource } from 'netns-core';
      import { createUdpSocket, dial, ping } from 'vrf-dial';
      const code = (promise) => promise.then(() => 'works', (error) => error.code);
      const missing = { namespace: '${RED}-missing', host: '127.0.0.1', port: 9 };
      const udp = await createUdpSocket({ namespace: '${RED}', type: 'udp4' });
      const source = connectBroker(process.env.NETNS_BROKER);
      useSocketSource(hopSource);
      const values = [
        udp.address().port > 0,
        await code(dial({ ...missing, source, waitForNamespace: 50 })),
        await code(dial({ ...missing, source, namespace: 'blue' })),
        await code(createUdpSocket({ namespace: '${RED}', type: 'udp4', bind: { port: 81 }, source })),
        await code(createUdpSocket({ namespace: '${RED}', type: 'udp4' })),
        (await ping({ namespace: '${RED}', host: '127.0.0.1', count: 1, source })).received,
      ];
      udp.close();
      source.close();
      console.log(JSON.stringify(values));`);
    expect(values).toEqual([true, 'ENOENT', 'ERR_BROKER_DENIED', 'ERR_BROKER_DENIED', 'EPERM', 1]);
  });

  it('listens on a privileged port with TOS, follows its namespace, and goes on while the broker restarts', async () => {
    const name = `${RED}-2`;
    const program = start(`
      import http from 'node:http';
      import { listenInVrf, listenUdpInVrf } from 'vrf-dial';
      const say = (...words) => console.log(words.join(' '));
      const server = http.createServer((_request, response) => response.end('served'));
      const listener = await listenInVrf(server, { namespace: '${name}', host: '192.0.2.1', port: 80, tos: 184 });
      listener.on('listening', () => say('tcp', listener.address().address, listener.address().port));
      listener.on('down', () => say('tcp down'));
      listener.on('error', (error) => say('tcp', error));
      const udp = await listenUdpInVrf({ namespace: '${name}', type: 'udp4', bind: { port: 53 }, interface: 'lo' });
      udp.on('listening', ({ port }) => say('udp', port));
      udp.on('down', () => say('udp down'));
      say(listener.state, udp.state);
      process.stdin.on('data', () => {}).on('end', async () => {
        await Promise.all([listener.close({ graceMs: 0 }), udp.close()]);
        say('closed');
      });`);
    const said = (text: string) => retryUntil(() => program.output().includes(text), 15_000);
    const fetchThere = createVrfFetch({ namespace: name });
    const get = async (): Promise<string> => (await fetchThere('http://192.0.2.1/')).text();
    try {
      await said('waiting waiting');
      makeNamespaces(name);
      await said('udp 53');
      // The broker has been asked to watch the addresses.
      ipIn(name, 'addr add 192.0.2.1/32 dev lo');
      await said('tcp 192.0.2.1 80');
      expect(await get()).toBe('served');
      await restartBroker();
      expect(await get()).toBe('served');
      deleteNamed(name);
      await said('tcp down');
      await said('udp down');
      makeNamespaces(name);
      ipIn(name, 'addr add 192.0.2.1/32 dev lo');
      await retryUntil(() => program.output().split('tcp 192.0.2.1 80').length === 3, 15_000);
      expect(await get()).toBe('served');
      program.child.stdin?.end();
      expect(await program.ended).toBe(0);
      expect(program.output()).toContain('closed');
    } finally {
      program.child.kill('SIGKILL');
      deleteNamed(name);
    }
  });

  it('listens once there is a namespace again, where that went between two requests', async () => {
    let opened = 0;
    const source = {
      ...hopSource,
      open: (...args: Parameters<typeof hopSource.open>) => {
        opened += 1;
        if (opened === 1) throw new NamespaceNotFoundError('it went', { code: 'ENOENT' });
        return hopSource.open(...args);
      },
    };
    const listener = await listenInVrf(http.createServer(), { namespace: RED, host: '127.0.0.1', port: 8099, source });
    await retryUntil(() => listener.state === 'listening');
    expect(opened).toBeGreaterThan(1);
    await listener.close({ graceMs: 0 });
  });

  it('reads links and addresses by netlink, and cannot change them', async () => {
    const values = await unprivileged(`
      import { connectBroker } from 'netns-core';
      import { Netlink } from 'netlink-links';
      const code = (promise) => promise.then(() => 'works', (error) => error.code);
      const netlink = Netlink.open('${RED}');
      const source = connectBroker(process.env.NETNS_BROKER);
      const other = Netlink.open('${RED}', { source });
      const values = [
        (await netlink.linkList()).map(({ name }) => name),
        other.sync.addrList().some(({ local }) => local === '127.0.0.1'),
        await code(netlink.linkAdd({ type: 'bridge', name: 'br0' })),
        await code(netlink.linkSetDown('lo')),
        await code(netlink.socketList()),
      ];
      netlink.close();
      other.close();
      source.close();
      console.log(JSON.stringify(values));`);
    expect(values).toEqual([['lo'], true, 'EPERM', 'EPERM', 'ERR_BROKER_DENIED']);
  });
});
