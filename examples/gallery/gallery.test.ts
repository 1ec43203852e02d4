import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ip, ipIn, makeNamespaces, retryUntil, run, uniqueName } from '#testkit';
import { runExample } from './run-example.ts';

/** The kernel of CI's machine has it, that of others may not: `wireguard-tunnel.vm.test.ts` is where it must work. */
function hasWireguard(): boolean {
  const name = uniqueName('w');
  using _ = makeNamespaces(name);
  return spawnSync('ip', ['-n', name, 'link', 'add', 'wg0', 'type', 'wireguard']).status === 0;
}

const table = (...lines: readonly string[]): string => `${lines.join('\n')}\n`;

describe('the gallery', () => {
  it('agent-per-vrf: each agent reaches the server of its VRF', async () => {
    const stdout = table('berlin: 200 hello from berlin', 'lisbon: 200 hello from lisbon');
    expect(await runExample('agent-per-vrf.mjs')).toEqual({ code: 0, stdout, stderr: '' });
    expect(ip('netns list')).not.toMatch(/ns-(berlin|lisbon)/);
  });

  it('fleet-check: a table of all devices and checks, and exit code 1 for those that failed', async () => {
    const stdout = table(
      'DEVICE  VRF   ADDRESS    CHECK  RESULT',
      'core-1  east  192.0.2.1  ping   ok',
      'core-1  east  192.0.2.1  ssh    SSH-2.0-core-1',
      'core-1  east  192.0.2.1  http   up 12 days',
      'core-2  west  192.0.2.1  ping   ok',
      'core-2  west  192.0.2.1  ssh    SSH-2.0-core-2',
      'core-2  west  192.0.2.1  http   FAILED status 503',
      'edge-1  west  192.0.2.2  ping   ok',
      'edge-1  west  192.0.2.2  ssh    SSH-2.0-edge-1',
      'edge-1  west  192.0.2.2  http   FAILED ECONNREFUSED',
      '7 ok, 2 failed',
    );
    expect(await runExample('fleet-check.mjs')).toEqual({ code: 1, stdout, stderr: '' });
    expect(ip('netns list')).not.toMatch(/ns-(east|west)/);
  });

  it('health-metrics: the state of each VRF in the format of Prometheus', async () => {
    const { code, stdout, stderr } = await runExample('health-metrics.mjs');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('# TYPE vrf_up gauge\nvrf_up{vrf="shop"} 1\nvrf_up{vrf="bank"} 0\n');
    expect(stdout).toContain('vrf_checks_total{vrf="shop"} 3\nvrf_checks_total{vrf="bank"} 3\n');
    expect(stdout).toMatch(/^vrf_check_seconds\{vrf="shop"\} 0\.\d{6}$/m);
    // Three refusals, one connection to the shop that is used three times, and the scrape.
    expect(stdout).toMatch(/^vrf_dial_dials_total 5\n(#.*\n)*vrf_dial_failed_total 3$/m);
    expect(ip('netns list')).not.toMatch(/ns-(shop|bank|monitoring)/);
  });

  it('fastify-two-vrfs: a route responds according to the VRF of the request', async () => {
    const stdout = table(
      'staff / 200 {"greeting":"hello, staff"}',
      'staff /admin 200 {"users":3}',
      'guests / 200 {"greeting":"hello, guests"}',
      'guests /admin 403 {"error":"only for staff"}',
    );
    expect(await runExample('fastify-two-vrfs.mjs')).toEqual({ code: 0, stdout, stderr: '' });
    expect(ip('netns list')).not.toMatch(/ns-(staff|guests)/);
  });

  it('fastify-broker: a server without capabilities serves and fetches in the VRFs of the policy', async () => {
    const stdout = table(
      'capabilities: 0',
      'entering ns-staff: EPERM',
      'staff: 200 {"greeting":"hello, staff"}',
      'guests: 200 {"greeting":"hello, guests"}',
      'finance: ERR_BROKER_DENIED',
    );
    expect(await runExample('fastify-broker.mjs')).toEqual({ code: 0, stdout, stderr: '' });
    expect(ip('netns list')).not.toMatch(/ns-(staff|guests|finance)/);
  });

  it('shaped-link: a flow has the rate of its class, which counts its bytes', async () => {
    const { code, stdout, stderr } = await runExample('shaped-link.mjs');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const flow = /^(\S+) +(\S+) +(\S+ Mbit\/s) +(\S+) +(\d+)$/gm;
    const [backup, web] = [...stdout.matchAll(flow)].map(([, ...cells]) => cells);
    expect(backup?.slice(0, 3)).toEqual(['backup', '1:10', '1 Mbit/s']);
    expect(web?.slice(0, 3)).toEqual(['web', '1:20', '10 Mbit/s']);
    // 200,000 bytes at 1 Mbit/s are 1.6 seconds, less what goes out at once: 64 KiB that TCP hands over in one piece.
    expect(Number(backup?.[3])).toBeGreaterThan(0.8);
    expect(Number(backup?.[4])).toBeGreaterThan(200_000);
    expect(Number(backup?.[4])).toBeLessThan(400_000);
    expect(Number(web?.[4])).toBeGreaterThan(400_000);
    expect(ip('netns list')).not.toContain('server');
  });

  it('wireguard-tunnel: a request goes through, or the kernel is named that has no WireGuard', async () => {
    const { code, stdout, stderr } = await runExample('wireguard-tunnel.mjs');
    if (hasWireguard()) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/^(south says: hello, 198\.51\.100\.1\n)[\s\S]*\1$/);
    } else {
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^action \d+ \(LANewWireguard\) failed in namespace "ns-north": .*wireguard.*\n$/);
    }
    expect(ip('netns list')).not.toMatch(/ns-(north|south)/);
  });

  it('namespace-inspector: links, processes and sockets of each namespace', async () => {
    const name = uniqueName('inspected');
    using _ = makeNamespaces(name);
    ipIn(name, 'addr add 192.0.2.1/32 dev lo');
    ipIn(name, 'link add \u001bd type bridge');
    const program = "require('net').createServer().listen(8080, '192.0.2.1')";
    await using server = inNamespace(name, program);
    await retryUntil(() => run('ip', ['netns', 'exec', name, 'ss', '-Hltn']).includes('192.0.2.1:8080'), 15_000);
    // 'node', 'MainThread' or 'node-MainThread', by the version of Node.
    const comm = readFileSync(`/proc/${server.child.pid}/comm`, 'utf8').trim();
    const { code, stdout, stderr } = await runExample('namespace-inspector.mjs');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const tree = stdout.slice(stdout.indexOf(`${name}\n`)).split(/^(?=\S)(?![├└│])/m)[0];
    expect(tree?.replaceAll(/ (::1|fe80)\S+/g, '')).toBe(
      table(
        name,
        '├─ links',
        '│  ├─ lo device unknown 127.0.0.1/8 192.0.2.1/32',
        '│  └─ \\u001bd bridge down',
        '├─ processes',
        `│  └─ ${comm}: ${server.child.pid}`,
        '└─ sockets',
        '   └─ tcp 192.0.2.1 port 8080',
      ),
    );
  });

  it('namespace-inspector: ends without an error when its output is no longer read', () => {
    const file = fileURLToPath(new URL('namespace-inspector.mjs', import.meta.url));
    const script = `"$0" "$1" | head -c 1 >/dev/null; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, file], {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' });
  });
});

/** A program of Node's in a namespace; it is ended with its scope. */
function inNamespace(name: string, program: string): { child: ChildProcess } & AsyncDisposable {
  // `ip netns exec` becomes the program: the pid is the same.
  const child = spawn('ip', ['netns', 'exec', name, process.execPath, '-e', program], {
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const ended = once(child, 'exit');
  return {
    child,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
