import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type NetworkConfigList, type Result1, supportedVersions } from 'cni-types';
import {
  addNetworkList,
  checkNetworkList,
  delNetworkList,
  gcNetworkList,
  getPluginVersions,
  invokePlugin,
} from 'cni-types/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ip, ipIn, ipJson, makeNamespaces, run, uniqueName } from '#testkit';

const PLUGINS = [fileURLToPath(new URL('..', import.meta.url)), '/usr/lib/cni'];

let folder = '';
let pod = '';
let bridge = '';
let namespaces = makeNamespaces();
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plugin-'));
  pod = uniqueName('pod');
  bridge = uniqueName('vb');
  namespaces = makeNamespaces(pod);
});
afterEach(() => {
  namespaces.remove();
  rmSync(folder, { recursive: true });
});

const network = (cniVersion: string): NetworkConfigList => ({
  cniVersion,
  name: 'example',
  plugins: [
    {
      type: 'veth-bridge',
      bridge,
      mtu: 1400,
      isGateway: true,
      ipam: {
        type: 'host-local',
        dataDir: path.join(folder, 'ipam'),
        ranges: [[{ subnet: '198.51.100.0/25' }], [{ subnet: '2001:db8:c2::/64' }]],
        routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
      },
    },
    { type: 'tuning', capabilities: { mac: true } },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
});

const attachment = (): Parameters<typeof addNetworkList>[1] => ({
  containerId: pod,
  netns: `/run/netns/${pod}`,
  ifName: 'eth0',
  path: PLUGINS,
  cacheDir: path.join(folder, 'cache'),
});

describe('the example plugin, in a chain with host-local, tuning and portmap,', { timeout: 120_000 }, () => {
  it('joins a container to a bridge, checks it and lets it go', async () => {
    const list = network('1.0.0');
    // No port is mapped: Debian's portmap cannot check mappings of a container with addresses of both families.
    const capabilityArgs = { mac: '02:00:00:00:00:2a' };
    const result = (await addNetworkList(list, { ...attachment(), capabilityArgs })) as Result1;
    expect(result.interfaces?.map(({ name, sandbox }) => [name, sandbox])).toEqual([
      [bridge, undefined],
      [expect.stringMatching(/^veth/), undefined],
      ['eth0', `/run/netns/${pod}`],
    ]);
    expect(result.ips).toEqual([
      { address: '198.51.100.2/25', gateway: '198.51.100.1', interface: 2 },
      { address: '2001:db8:c2::2/64', gateway: '2001:db8:c2::1', interface: 2 },
    ]);
    const ping = ['netns', 'exec', pod, 'ping', '-c', '1', '-w', '20'];
    expect(run('ip', [...ping, '198.51.100.1'])).toContain('1 received');
    expect(run('ip', [...ping, '2001:db8:c2::1'])).toContain('1 received');
    expect(ipJson<{ address: string; mtu: number }>('link show eth0', pod)[0]).toMatchObject({
      address: '02:00:00:00:00:2a',
      mtu: 1400,
    });

    await checkNetworkList(list, attachment());
    ipIn(pod, 'addr del 198.51.100.2/25 dev eth0');
    await expect(checkNetworkList(list, attachment())).rejects.toMatchObject({
      code: 100,
      message: expect.stringContaining(
        'network "example", plugins[0] (veth-bridge): eth0 has lost 198.51.100.2/25; it has ',
      ),
    });
    await delNetworkList(list, attachment());
    await delNetworkList(list, attachment());
    expect(ipJson('link', pod)).toHaveLength(1);
    expect(ipJson(`link show master ${bridge}`)).toEqual([]);
  });

  for (const version of supportedVersions.filter((each) => each !== '1.1.0'))
    it(`answers in version ${version}`, async () => {
      const list = network(version);
      expect((await addNetworkList(list, attachment())).cniVersion).toBe(version);
      await delNetworkList(list, attachment());
    });

  it('speaks 1.1.0 by itself, with STATUS and GC, which are passed on to its IPAM plugin', async () => {
    expect((await getPluginVersions('veth-bridge', { path: PLUGINS })).supportedVersions).toEqual(supportedVersions);
    // Debian's host-local is of 1.0.0: its refusal comes through.
    const [config] = network('1.1.0').plugins;
    const call = { path: PLUGINS, config: { ...config, name: 'example', cniVersion: '1.1.0' } };
    await expect(invokePlugin({ ...call, command: 'STATUS' })).rejects.toMatchObject({ msg: expect.any(String) });
    // Of 1.0.0, an attachment that is not valid any more is deleted.
    const list = network('1.0.0');
    await addNetworkList(list, attachment());
    const { containerId: _c, ifName: _i, netns: _n, ...options } = attachment();
    await gcNetworkList(list, { ...options, validAttachments: [] });
    expect(ipJson('link', pod)).toHaveLength(1);
  });

  it('gives the addresses back if it cannot go on', async () => {
    const list = network('1.0.0');
    ipIn(pod, 'link add eth0 type veth peer name other');
    await expect(addNetworkList(list, attachment())).rejects.toThrow(
      'network "example", plugins[0] (veth-bridge): there is an interface eth0 in the container already',
    );
    expect(run('find', [path.join(folder, 'ipam'), '-name', '198.*'])).toBe('');
    expect(ipJson('link', pod)).toHaveLength(3);
  });

  it('makes the bridge once for containers that come at the same moment', async () => {
    const names = Array.from({ length: 6 }, () => uniqueName('pod'));
    using _pods = makeNamespaces(...names);
    const list = network('1.0.0');
    const attachments = names.map((name) => ({ ...attachment(), containerId: name, netns: `/run/netns/${name}` }));
    const results = (await Promise.all(attachments.map((each) => addNetworkList(list, each)))) as Result1[];
    expect(new Set(results.map(({ ips }) => ips?.[0]?.address)).size).toBe(6);
    expect(ipJson(`link show master ${bridge}`)).toHaveLength(6);
    const [link] = ipJson<{ addr_info: { local: string; scope: string }[] }>(`addr show ${bridge}`);
    expect(link?.addr_info.filter(({ scope }) => scope === 'global').map(({ local }) => local)).toEqual([
      '198.51.100.1',
      '2001:db8:c2::1',
    ]);
    await Promise.all(attachments.map((each) => delNetworkList(list, each)));
  });

  it('uses a bridge that is there, and only as the gateway that it is', async () => {
    const list = network('1.0.0');
    // Down, and with an address of another network.
    ip(`link add ${bridge} type bridge`);
    ip(`addr add 203.0.113.1/24 dev ${bridge}`);
    await addNetworkList(list, attachment());
    expect(ipJson<{ flags: string[] }>(`link show ${bridge}`)[0]?.flags).toContain('UP');
    await delNetworkList(list, attachment());

    for (const [gateway, other] of [
      ['198.51.100.1/25', '198.51.100.7/25'],
      ['198.51.100.1/25', '198.51.100.1/24'],
      ['2001:db8:c2::1/64', '2001:db8:c2::1/48'],
    ] as const) {
      ip(`addr del ${gateway} dev ${bridge}`);
      ip(`addr add ${other} dev ${bridge}`);
      await expect(addNetworkList(list, attachment())).rejects.toMatchObject({
        code: 7,
        msg: `bridge: ${bridge} has the address ${other}, which is not the gateway ${gateway}`,
      });
      expect(ipJson('link', pod)).toHaveLength(1);
      expect(run('find', [path.join(folder, 'ipam'), '-name', '198.*'])).toBe('');
      ip(`addr del ${other} dev ${bridge}`);
      ip(`addr add ${gateway} dev ${bridge}`);
    }
  });

  it('refuses what it cannot use, with the code for it', async () => {
    const list = network('1.0.0');
    const [first, ...others] = list.plugins;
    const without = { ...list, plugins: [{ ...first, type: 'veth-bridge', ipam: {} }, ...others] };
    await expect(addNetworkList(without, attachment())).rejects.toMatchObject({
      code: 7,
      msg: 'ipam.type: is missing',
    });
    const lo = { ...list, plugins: [{ ...first, type: 'veth-bridge', bridge: 'lo' }] };
    await expect(addNetworkList(lo, attachment())).rejects.toMatchObject({
      code: 7,
      msg: 'bridge: lo is not a bridge, but a device',
    });
  });
});
