import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type NetworkConfigList, type Result1, supportedVersions } from 'cni-types';
import { addNetworkList, delNetworkList, getPluginVersions } from 'cni-types/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ip, ipJson, makeNamespaces, run, uniqueName } from '#testkit';

const BUILD = fileURLToPath(new URL('../package/build.mjs', import.meta.url));
const INSTALL = fileURLToPath(new URL('../deploy/install.sh', import.meta.url));

let folder = '';
let pod = '';
let bridge = '';
let namespaces = makeNamespaces();
beforeEach(() => {
  // Not below the repository: nothing of it can be found from there.
  folder = mkdtempSync('/run/packaging-');
  pod = uniqueName('pod');
  bridge = uniqueName('vb');
  namespaces = makeNamespaces(pod);
});
afterEach(() => {
  namespaces.remove();
  rmSync(folder, { recursive: true });
});

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

/** Adds a container, looks at it, and deletes it again, with nothing but what is in a directory and in PATH. */
async function attach(directory: string, PATH: string): Promise<void> {
  const options = { path: [directory, '/usr/lib/cni'], env: { PATH }, cacheDir: `${folder}/cache` };
  expect((await getPluginVersions('veth-bridge', options)).supportedVersions).toEqual(supportedVersions);
  const attachment = { ...options, containerId: pod, netns: `/run/netns/${pod}`, ifName: 'eth0' };
  const result = (await addNetworkList(network(), attachment)) as Result1;
  expect(result.ips).toEqual([{ address: '198.51.100.2/25', gateway: '198.51.100.1', interface: 2 }]);
  // Until the kernel has told the bridge that its port has a carrier.
  expect(run('ip', ['netns', 'exec', pod, 'ping', '-c', '1', '-w', '20', '198.51.100.1'])).toContain('1 received');
  await delNetworkList(network(), attachment);
  expect(ipJson('link', pod)).toHaveLength(1);
  // The next test's bridge has the same address.
  ip(`link del ${bridge}`);
}

describe('the example plugin, packaged,', { timeout: 120_000 }, () => {
  it('is a script with koffi beside it', async () => {
    execFileSync(process.execPath, [BUILD, `${folder}/out`], { stdio: 'pipe', timeout: 100_000 });
    expect(readdirSync(`${folder}/out`)).toEqual([
      expect.stringMatching(/^\.veth-bridge-[0-9a-f]{16}$/),
      'veth-bridge',
    ]);
    await attach(`${folder}/out`, path.dirname(process.execPath));
  });

  it('is one executable, for nodes without Node.js', async () => {
    execFileSync(process.execPath, [BUILD, '--sea', `${folder}/out`], { stdio: 'pipe', timeout: 100_000 });
    expect(readdirSync(`${folder}/out`)).toEqual(['veth-bridge']);
    await attach(`${folder}/out`, '/nonexistent');
    // It has taken koffi out, once; where others could have put it, it is not loaded.
    const [native] = readdirSync(`${folder}/out`).filter((file) => file !== 'veth-bridge');
    expect(native).toMatch(/^\.veth-bridge-[0-9a-f]{16}$/);
    chmodSync(`${folder}/out/${native}`, 0o777);
    await expect(attach(`${folder}/out`, '/nonexistent')).rejects.toMatchObject({
      msg: expect.stringMatching(/: \/run\/.* can be written to by others than the user of this plugin: remove it$/),
    });
  });
});

describe('the installer', () => {
  const install = (env: NodeJS.ProcessEnv) =>
    spawnSync('/bin/busybox', ['sh', INSTALL, `${folder}/from`], {
      env: { PATH: '/usr/bin:/bin', CNI_BIN_DIR: `${folder}/bin`, CNI_CONF_DIR: `${folder}/net.d`, ...env },
      encoding: 'utf8',
    });

  it('replaces a plugin that is running, and leaves no half of a file', async () => {
    mkdirSync(`${folder}/from/.veth-bridge-1/node_modules`, { recursive: true });
    copyFileSync('/bin/busybox', `${folder}/from/veth-bridge`);
    const first = install({ CNI_NETWORK_CONFIG: '{"one":1}' });
    expect(first).toMatchObject({ status: 0, stderr: '' });
    // A program that runs cannot be written to (ETXTBSY), but another file can take its name.
    const running = spawn(`${folder}/bin/veth-bridge`, ['sleep', '60'], { argv0: 'busybox', stdio: 'ignore' });
    await once(running, 'spawn');
    const second = install({ CNI_NETWORK_CONFIG: '{"two":2}' });
    running.kill();
    await once(running, 'exit');
    expect(second).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(`${folder}/bin`)).toEqual(['.veth-bridge-1', 'veth-bridge']);
    expect(readdirSync(`${folder}/net.d`)).toEqual(['10-example.conflist']);
    expect(run('cat', [`${folder}/net.d/10-example.conflist`])).toBe('{"two":2}\n');
  });

  it('makes the node ready only once the plugin is there', () => {
    mkdirSync(`${folder}/from`);
    const failed = install({ CNI_NETWORK_CONFIG: '{}' });
    expect(failed.status).not.toBe(0);
    expect(readdirSync(`${folder}/net.d`)).toEqual([]);
    writeFileSync(`${folder}/from/veth-bridge`, '#!/bin/sh\n');
    expect(install({}).status).not.toBe(0);
    expect(readdirSync(`${folder}/net.d`)).toEqual([]);
  });
});
