import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type NetworkConfigList, type Result1, supportedVersions } from 'cni-types';
import { addNetworkList, delNetworkList, getPluginVersions } from 'cni-types/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ip, ipIn, ipJson, makeNamespaces, run, uniqueName } from '#testkit';

const RESIDENT = fileURLToPath(new URL('../resident', import.meta.url));

let folder = '';
let socket = '';
let bridge = '';
beforeEach(() => {
  folder = mkdtempSync('/run/resident-');
  socket = path.join(folder, 'socket');
  bridge = uniqueName('vb');
});
afterEach(() => {
  ip(`link del ${bridge}`);
  rmSync(folder, { recursive: true });
});

/** A daemon that takes calls, until the scope ends. */
async function startDaemon(): Promise<ChildProcess & AsyncDisposable> {
  const daemon = spawn(process.execPath, [path.join(RESIDENT, 'daemon.mjs'), socket], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(daemon.stdout, 'data')) as [Buffer];
  expect(String(line)).toBe(`takes calls at ${socket}\n`);
  return Object.assign(daemon, {
    [Symbol.asyncDispose]: async () => {
      if (daemon.exitCode !== null) return;
      daemon.kill();
      await once(daemon, 'exit');
    },
  });
}

const network = (): NetworkConfigList => ({
  cniVersion: '1.0.0',
  name: 'example',
  plugins: [
    {
      type: 'veth-bridge',
      bridge,
      isGateway: true,
      ipam: { type: 'host-local', dataDir: `${folder}/ipam`, ranges: [[{ subnet: '198.51.100.0/25' }]] },
    },
  ],
});

const attachment = (pod: string): Parameters<typeof addNetworkList>[1] => ({
  containerId: pod,
  netns: `/run/netns/${pod}`,
  ifName: 'eth0',
  path: [RESIDENT, '/usr/lib/cni'],
  cacheDir: `${folder}/cache`,
  env: { ...process.env, VETH_BRIDGE_SOCKET: socket },
});

const usedAddresses = () => run('find', [`${folder}/ipam`, '-name', '198.*']);

describe('the resident plugin', { timeout: 60_000 }, () => {
  it('adds, tells its own errors, and deletes; others may not connect to it', async () => {
    await using daemon = await startDaemon();
    expect(statSync(socket).mode & 0o077).toBe(0);
    const pod = uniqueName('pod');
    using _pod = makeNamespaces(pod);
    const { path: directories, env } = attachment(pod);
    const versions = await getPluginVersions('veth-bridge', { path: directories ?? [], ...(env ? { env } : {}) });
    expect(versions.supportedVersions).toEqual(supportedVersions);

    const result = (await addNetworkList(network(), attachment(pod))) as Result1;
    expect(result.ips).toEqual([{ address: '198.51.100.2/25', gateway: '198.51.100.1', interface: 2 }]);
    expect(run('ip', ['netns', 'exec', pod, 'ping', '-c', '1', '-w', '20', '198.51.100.1'])).toContain('1 received');
    await expect(addNetworkList(network(), { ...attachment(pod), ifName: 'lo', containerId: 'x' })).rejects.toThrow(
      'there is an interface lo in the container already',
    );
    await delNetworkList(network(), attachment(pod));
    expect(ipJson('link', pod)).toHaveLength(1);
    expect(usedAddresses()).toBe('');
    expect(daemon.exitCode).toBeNull();
  });

  it('takes many calls at once, and those for one container in their order', async () => {
    await using _daemon = await startDaemon();
    const pods = Array.from({ length: 6 }, () => uniqueName('pod'));
    using _pods = makeNamespaces(...pods);
    const list = network();
    const results = await Promise.all(pods.map((pod) => addNetworkList(list, attachment(pod))));
    expect(new Set(results.map((result) => (result as Result1).ips?.[0]?.address)).size).toBe(6);
    await Promise.all(pods.map((pod) => delNetworkList(list, attachment(pod))));
    expect(ipJson(`link show master ${bridge}`)).toEqual([]);

    // A runtime that ends an ADD kills the process that it started, which is not the one that adds.
    const [pod = ''] = pods;
    const aborted = addNetworkList(list, { ...attachment(pod), signal: AbortSignal.timeout(30) });
    await aborted.catch(() => {});
    await delNetworkList(list, attachment(pod));
    expect(ipJson('link', pod)).toHaveLength(1);
    expect(usedAddresses()).toBe('');
  });

  it('is replaced by a new one, and by a process for each call where none listens', async () => {
    const pod = uniqueName('pod');
    using _pod = makeNamespaces(pod);
    await using old = await startDaemon();
    await using _new = await startDaemon();
    old.kill();
    await once(old, 'exit');
    await addNetworkList(network(), attachment(pod));
    await delNetworkList(network(), attachment(pod));

    await _new[Symbol.asyncDispose]();
    const result = (await addNetworkList(network(), attachment(pod))) as Result1;
    expect(result.ips?.[0]?.address).toMatch(/^198\.51\.100\./);
    ipIn(pod, 'link show eth0');
    await delNetworkList(network(), attachment(pod));
  });
});
