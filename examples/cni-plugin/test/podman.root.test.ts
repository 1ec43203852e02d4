import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ipJson, retryUntil, run, uniqueName } from '#testkit';

const EXAMPLE = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

let folder = '';
const bridge = uniqueName('vb');

/** podman, with storage, networks and plugins of its own, under the sandbox's /run. */
function podman(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync('podman', [...options(), ...args], { encoding: 'utf8', env: environment(), timeout: 60_000 });
}

function options(): string[] {
  return [
    ...['--root', `${folder}/root`, '--runroot', `${folder}/runroot`, '--tmpdir', `${folder}/tmp`],
    ...['--storage-driver', 'vfs', '--runtime', 'runc', '--cgroup-manager', 'cgroupfs'],
  ];
}

function environment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    CONTAINERS_CONF: `${folder}/containers.conf`,
    // The plugin's `node` is the one that the tests run with.
    PATH: `${path.dirname(process.execPath)}:${process.env.PATH ?? ''}:/usr/sbin:/sbin`,
  };
}

// On this kind of machine the limits cannot be raised, which podman would do.
const LIMITS = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1000:1000'];

beforeAll(() => {
  folder = mkdtempSync('/run/podman-');
  mkdirSync(`${folder}/net.d`);
  writeFileSync(
    `${folder}/containers.conf`,
    `[network]
network_backend = "cni"
cni_plugin_dirs = ["${EXAMPLE}", "/usr/lib/cni"]
network_config_dir = "${folder}/net.d"
`,
  );
  writeFileSync(
    `${folder}/net.d/example.conflist`,
    JSON.stringify({
      cniVersion: '0.4.0',
      name: 'example',
      plugins: [
        {
          type: 'veth-bridge',
          bridge,
          mtu: 1400,
          isGateway: true,
          ipam: {
            type: 'host-local',
            dataDir: `${folder}/ipam`,
            ranges: [[{ subnet: '198.51.100.128/25' }]],
            routes: [{ dst: '0.0.0.0/0' }],
          },
        },
        { type: 'portmap', capabilities: { portMappings: true } },
        { type: 'tuning' },
      ],
    }),
  );
  mkdirSync(`${folder}/image/bin`, { recursive: true });
  copyFileSync('/bin/busybox', `${folder}/image/bin/busybox`);
  symlinkSync('busybox', `${folder}/image/bin/sh`);
  run('tar', ['-C', `${folder}/image`, '-cf', `${folder}/image.tar`, '.']);
  const imported = podman('import', `${folder}/image.tar`, 'busybox');
  expect(imported.status, imported.stderr).toBe(0);
}, 120_000);

afterAll(() => {
  podman('rm', '-f', '-a', '-t', '0');
  // What its last processes are still writing comes in between.
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

describe('podman', () => {
  it('knows the network of the example plugin', () => {
    const listed = podman('network', 'ls', '--format', '{{.Name}} {{.Driver}}');
    expect(listed.stdout.split('\n')).toContain('example veth-bridge');
  });

  it('runs a container on it: the container has its address, reaches the host and is reached by a mapped port', async () => {
    const name = uniqueName('c');
    const container = spawn(
      'podman',
      [
        ...options(),
        ...[
          'run',
          '--name',
          name,
          '--network',
          'example',
          '-p',
          '8080:80',
          ...LIMITS,
          'busybox',
          '/bin/busybox',
          'sh',
          '-c',
        ],
        'busybox ip addr show eth0; busybox ip route; busybox ping -c 1 198.51.100.129; echo hello > /index.html; busybox httpd -f -p 80 -h /',
      ],
      { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let said = '';
    for (const stream of [container.stdout, container.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    try {
      await retryUntil(() => said.includes('packet loss') || container.exitCode !== null, 60_000, 100);
      expect(said).toContain('inet 198.51.100.130/25 scope global eth0');
      expect(said).toContain('default via 198.51.100.129 dev eth0');
      expect(said).toContain('1 packets received');
      const ports = ipJson<{ ifname: string; mtu: number }>(`link show master ${bridge}`);
      expect(ports).toEqual([expect.objectContaining({ ifname: expect.stringMatching(/^veth/), mtu: 1400 })]);
      const nat = run('iptables', ['-t', 'nat', '-S']);
      expect(nat).toContain('--dport 8080 -j DNAT --to-destination 198.51.100.130:80');
      expect(readdirSync(`${folder}/ipam/example`)).toContain('198.51.100.130');
      const answer = await retryUntil(() => {
        const asked = spawnSync('curl', ['-s', '-m', '2', 'http://198.51.100.130/index.html'], { encoding: 'utf8' });
        return asked.status === 0 ? asked.stdout : undefined;
      });
      expect(answer).toBe('hello\n');
    } finally {
      podman('rm', '-f', '-t', '0', name);
    }
    // DEL has run, in reverse, and left nothing.
    expect(ipJson(`link show master ${bridge}`)).toEqual([]);
    expect(run('iptables', ['-t', 'nat', '-S'])).not.toContain('198.51.100.130:80');
    expect(readdirSync(`${folder}/ipam/example`)).not.toContain('198.51.100.130');
  }, 120_000);

  it('shows the error of the plugin to its user', () => {
    const listed = podman(
      ...['run', '--rm', '--network', 'example:ip=203.0.113.1', ...LIMITS, 'busybox', '/bin/busybox', 'true'],
    );
    expect(listed.status).not.toBe(0);
    expect(listed.stderr).toContain('plugin type="veth-bridge" failed (add)');
  });
});
