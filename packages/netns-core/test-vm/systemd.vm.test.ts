import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { retryUntil, unitsOfPages } from '#testkit';

const WORKSPACE = fileURLToPath(new URL('../../..', import.meta.url));
const PAGE = path.join(WORKSPACE, 'docs/broker.md');
const directory = mkdtempSync(path.join(tmpdir(), 'systemd-'));
let systemd: ChildProcess;
let output = '';

/** A server in two VRFs, of which one is made later. */
const SERVER = `
  import http from 'node:http';
  import { readFileSync } from 'node:fs';
  import { listenInVrf } from 'vrf-dial';
  const [, capabilities] = /CapEff:\\s*(\\S+)/.exec(readFileSync('/proc/self/status', 'utf8'));
  for (const vrf of ['management', 'tenant-1']) {
    const server = http.createServer((_request, response) => response.end([vrf, process.getuid(), capabilities].join(' ')));
    (await listenInVrf(server, { vrf, host: '192.0.2.1', port: 80 })).on('error', (error) => console.error(error));
  }`;

/** A server that enters the namespace itself, and changes something there. */
const AGENT = `
  import http from 'node:http';
  import { readFileSync } from 'node:fs';
  import { Netlink } from 'netlink-links';
  import { listenInVrf } from 'vrf-dial';
  const [, capabilities] = /CapEff:\\s*(\\S+)/.exec(readFileSync('/proc/self/status', 'utf8'));
  const server = http.createServer(async (_request, response) => {
    const netlink = Netlink.open('ns-management');
    await netlink.linkSetAlias('lo', 'of the agent');
    const { alias } = await netlink.linkByName('lo');
    netlink.close();
    response.end([alias, process.getuid(), capabilities].join(' '));
  });
  (await listenInVrf(server, { vrf: 'management', host: '192.0.2.1', port: 8080 })).on('error', (error) => console.error(error));`;

/** The units of the pages, with the programs of this workspace. */
function units(): [string, string][] {
  return [...unitsOfPages()].map(([name, text]) => [
    name,
    text
      .replace('/usr/bin/netns-broker', '/opt/node/node /opt/workspace/packages/netns-core/dist/netns-broker.js')
      .replace(
        /\/usr\/bin\/node \/opt\/\w+\/(server|agent).mjs/,
        '/opt/node/node /opt/workspace/examples/$1-of-systemd.mjs',
      ),
  ]);
}

/** Runs a command beside that systemd: with its processes, mounts and groups. */
function inside(...command: string[]): { status: number | null; stdout: string } {
  const pid = spawnSync('pgrep', ['--parent', String(systemd.pid)], { encoding: 'utf8' }).stdout.trim();
  const { status, stdout, stderr } = spawnSync('nsenter', ['--target', pid, '--all', ...command], { encoding: 'utf8' });
  return { status, stdout: stdout + stderr };
}

beforeAll(async () => {
  const there = path.join(directory, 'units');
  mkdirSync(there);
  for (const [name, text] of units()) writeFileSync(path.join(there, name), text);
  writeFileSync(
    path.join(there, 'web.target'),
    '[Unit]\nDefaultDependencies=no\nWants=netns-broker.socket web.service agent.service\n',
  );
  // In place of those of the machine, which start much that has nothing to do with this.
  for (const name of ['sysinit', 'basic', 'sockets', 'shutdown'])
    writeFileSync(path.join(there, `${name}.target`), '[Unit]\nDefaultDependencies=no\n');
  // The configuration of the page, with a rule for the port.
  const [, example = ''] = /```json\n([\s\S]*?)```/.exec(readFileSync(PAGE, 'utf8')) ?? [];
  const config = JSON.parse(example) as { policy: { rules: { listen?: number[] }[] } };
  for (const rule of config.policy.rules) rule.listen = [80];
  writeFileSync(path.join(directory, 'netns-broker.json'), JSON.stringify(config));
  writeFileSync(path.join(directory, 'server-of-systemd.mjs'), SERVER);
  writeFileSync(path.join(directory, 'agent-of-systemd.mjs'), AGENT);
  // Mounts are shared, as systemd makes them on a machine, and not in what it takes for a container.
  const group = '/sys/fs/cgroup/systemd-test';
  mkdirSync(group);
  const script = `set -e
    echo $$ > ${group}/cgroup.procs
    exec unshare --pid --fork --kill-child --mount --cgroup --uts --ipc --mount-proc sh -ec '
      umount /sys/fs/cgroup
      mount -t cgroup2 cgroup2 /sys/fs/cgroup
      mkdir -p /opt/node /opt/workspace
      mount --bind ${path.dirname(process.execPath)} /opt/node
      mount --bind ${WORKSPACE} /opt/workspace
      cp ${directory}/*.mjs /opt/workspace/examples/
      cp ${directory}/netns-broker.json /etc/netns-broker.json
      for folder in /run /lib/systemd/system /etc/systemd/system; do mount -t tmpfs tmpfs $folder; done
      mkdir -p /run/systemd/system
      cp ${there}/* /run/systemd/system/
      mount --make-rshared /
      exec /lib/systemd/systemd --system --unit=web.target --log-target=console --log-level=notice --show-status=no
    '`;
  systemd = spawn('sh', ['-c', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, container: 'test' },
  });
  for (const stream of [systemd.stdout, systemd.stderr])
    stream?.on('data', (text: Buffer) => {
      output += text;
    });
  await retryUntil(() => inside('systemctl', 'is-active', 'web.service').stdout.trim() === 'active', 60_000, 500).catch(
    (error: unknown) => {
      throw new Error(
        `${String(error)}\n${output}\n${inside('systemctl', 'status', '--no-pager', 'netns-broker', 'web').stdout}`,
      );
    },
  );
});
afterAll(async () => {
  if (systemd.exitCode === null) {
    const ended = once(systemd, 'exit');
    systemd.kill('SIGKILL');
    await ended;
  }
  rmSync(directory, { recursive: true });
});

function makeNamespace(name: string): void {
  for (const command of [`netns add ${name}`, `-n ${name} link set lo up`, `-n ${name} addr add 192.0.2.1/32 dev lo`])
    expect(inside('ip', ...command.split(' '))).toEqual({ status: 0, stdout: '' });
}

const get = (name: string, port = 80): string =>
  inside('ip', 'netns', 'exec', name, 'curl', '--silent', '--max-time', '20', `http://192.0.2.1:${port}/`).stdout;

describe('the units of the pages, run by systemd', () => {
  it('serve two VRFs on port 80 as an ordinary user without a capability', async () => {
    makeNamespace('ns-management');
    const uid = spawnSync('id', ['--user', 'www-data'], { encoding: 'utf8' }).stdout.trim();
    await retryUntil(() => get('ns-management') === `management ${uid} 0000000000000000`, 60_000, 200);
    // The broker was started by then.
    makeNamespace('ns-tenant-1');
    await retryUntil(() => get('ns-tenant-1') === `tenant-1 ${uid} 0000000000000000`, 60_000, 200);
  });

  it('give an agent without a broker the capabilities that it needs, and no others', async () => {
    const uid = spawnSync('id', ['--user', 'www-data'], { encoding: 'utf8' }).stdout.trim();
    // CAP_NET_ADMIN and CAP_SYS_ADMIN.
    await retryUntil(() => get('ns-management', 8080) === `of the agent ${uid} 0000000000201000`, 60_000, 200);
  });

  it('goes on after the broker was killed, which systemd starts again', async () => {
    const pid = (): string =>
      inside('systemctl', 'show', '--property=MainPID', '--value', 'netns-broker').stdout.trim();
    const before = pid();
    expect(Number(before)).toBeGreaterThan(0);
    expect(inside('kill', '-9', before).status).toBe(0);
    expect(get('ns-management')).toMatch(/^management /);
    await retryUntil(() => ![before, '0', ''].includes(pid()), 60_000, 200);
    inside('ip', 'netns', 'delete', 'ns-tenant-1');
    makeNamespace('ns-tenant-1');
    await retryUntil(() => get('ns-tenant-1').startsWith('tenant-1 '), 60_000, 200);
  });
});
