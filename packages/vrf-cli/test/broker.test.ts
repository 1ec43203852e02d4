import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectBroker, runInNamespace } from 'netns-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ipIn, makeNamespaces, retryUntil, uniqueName, withoutPrivileges } from '#testkit';
import { CLI, type Ended, listening, type Running, start, vrf, vrfHere } from './vrf.ts';

const BROKER = fileURLToPath(new URL('../../netns-core/dist/netns-broker.js', import.meta.url));
const [red, closed] = [uniqueName('r'), uniqueName('c')];
const directory = mkdtempSync(path.join(tmpdir(), 'vrf-cli-broker-'));
const SOCKET = path.join(directory, 'socket');
let namespaces: Disposable;
let broker: Running;
let web: Running;

beforeAll(async () => {
  namespaces = makeNamespaces(`ns-${red}`, `ns-${closed}`);
  ipIn(`ns-${red}`, 'addr add 192.0.2.1/32 dev lo');
  chmodSync(directory, 0o755);
  const types = ['stream', 'dgram', 'netlink', 'ping'];
  const rules = [{ name: 'test', users: [process.getuid?.(), 65_534], namespaces: [`ns-${red}`], types }];
  const config = path.join(directory, 'config.json');
  writeFileSync(config, JSON.stringify({ path: SOCKET, policy: { rules }, log: 'none' }));
  broker = start(['--config', config], [process.execPath, BROKER]);
  connectBroker(SOCKET, { timeout: 20_000 }).mustExist(`ns-${red}`);
  runInNamespace(`ns-${red}`, () => writeFileSync('/proc/sys/net/ipv4/ping_group_range', '0 0'));
  web = await listening(red, '8080', '--http', 'it works');
});

afterAll(async () => {
  await web?.[Symbol.asyncDispose]();
  await broker?.[Symbol.asyncDispose]();
  namespaces?.[Symbol.dispose]();
  rmSync(directory, { recursive: true });
});

const COMMAND = [...withoutPrivileges(CLI), process.execPath, CLI];

/** Runs `vrf` to its end as a user who may not enter any namespace. */
async function unprivileged(args: readonly string[]): Promise<Ended> {
  await using running = start(args, COMMAND);
  running.child.stdin?.end();
  return await running.ended;
}

describe('vrf as an ordinary user, through a broker', () => {
  it('fetches, resolves, dials and pings in the VRFs of the policy', async () => {
    const through = ['--broker', SOCKET];
    const [fetched, resolved, dialled, pinged] = await Promise.all([
      unprivileged(['fetch', red, 'http://192.0.2.1:8080/', '--silent', ...through]),
      unprivileged(['resolve', red, 'localhost', '-4', ...through]),
      unprivileged(['dial', red, '192.0.2.1', '8080', '--scan', '--verbose', ...through]),
      unprivileged(['ping', red, '192.0.2.1', '-c', '1', ...through]),
    ]);
    expect(fetched).toEqual({ code: 0, stdout: 'it works\n', stderr: '' });
    expect(resolved).toEqual({ code: 0, stdout: 'localhost\tA\t127.0.0.1\n', stderr: '' });
    expect(dialled).toMatchObject({ code: 0, stderr: expect.stringContaining(`from VRF ${red}`) });
    expect(pinged).toMatchObject({ code: 0, stdout: expect.stringContaining('1 packets transmitted, 1 received') });
  });

  it('works in the VRF default where that is the namespace that it runs in', async () => {
    const server = http.createServer((_request, response) => response.end('here')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      const args = [`http://127.0.0.1:${port}/`, '--silent', '--broker', SOCKET];
      for (const place of [['default'], ['--vrf', 'default'], ['--namespace', 'default'], ['--namespace', '']])
        expect(await unprivileged(['fetch', ...place, ...args])).toEqual({ code: 0, stdout: 'here', stderr: '' });
    } finally {
      server.close();
    }
  });

  it('names the option that cannot be the name of a VRF', async () => {
    const { code, stderr } = await unprivileged(['fetch', 'a/b', 'http://192.0.2.1/']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^vrf: invalid vrf: .*'ns-a\/b' cannot be the name/);
  });

  it('listens in a VRF', async () => {
    await using server = start(['listen', red, '8081', '--http', 'unprivileged', '--broker', SOCKET], COMMAND);
    await retryUntil(() => server.stderr().includes('listening on'), 15_000);
    const { stdout } = await vrf(['fetch', red, 'http://192.0.2.1:8081/', '--silent']);
    expect(stdout).toBe('unprivileged\n');
  });

  it('runs checks in every VRF, and tells of those that the policy denies', async () => {
    const file = path.join(directory, 'checks.json');
    writeFileSync(file, JSON.stringify({ checks: [{ tcp: { host: '192.0.2.1', port: 8080 }, timeout: '2s' }] }));
    const { code, stdout } = await unprivileged(['check', file, '--json', '--broker', SOCKET]);
    const { checks } = JSON.parse(stdout) as { checks: { vrf: string; state: string; message: string }[] };
    const of = (name: string) => checks.find(({ vrf: place }) => place === name);
    expect(of(red)).toMatchObject({ state: 'ok' });
    expect(of(closed)).toMatchObject({ state: 'critical', message: expect.stringMatching(/no rule gives the user/) });
    expect(of('default')?.message).toContain('connect');
    expect(code).toBe(2);
  });

  it('lists the links of the VRFs of the policy, and says of the others why not', async () => {
    const { code, stdout } = await unprivileged(['list', '--json', '--broker', SOCKET]);
    expect(code).toBe(0);
    const { namespaces: all } = JSON.parse(stdout) as {
      namespaces: { names: string[]; current: boolean; error?: string; links: { addresses: string[] }[] }[];
    };
    const of = (name: string) => all.find(({ names }) => names.includes(`ns-${name}`));
    expect(of(red)?.links.flatMap(({ addresses }) => addresses)).toContain('192.0.2.1/32');
    expect(of(closed)).toMatchObject({ links: [], error: expect.stringMatching(/no rule gives the user/) });
    expect(all.find(({ current }) => current)?.links).not.toEqual([]);
    const sockets = await unprivileged(['list', '--sockets', '--broker', SOCKET]);
    expect(sockets.stdout).toMatch(new RegExp(`^${red} .*the rule "test".*netlink sockets of the protocol 0`, 'm'));
  });

  it('names a broker that is not there, and the commands that work through none', async () => {
    const missing = path.join(directory, 'missing');
    const failed = await unprivileged(['fetch', red, 'http://192.0.2.1:8080/', '--broker', missing]);
    expect(failed).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(missing) });
    for (const line of [
      ['exec', '--broker', SOCKET, red, 'true'],
      ['map', '--broker', SOCKET],
      ['watch', '--broker', SOCKET],
    ]) {
      const { code, stderr } = await vrfHere(line);
      expect(code).toBe(2);
      expect(stderr).toMatch(new RegExp(`^vrf: vrf ${line[0]} does not work through a broker: .+\\n$`));
    }
  });
});
