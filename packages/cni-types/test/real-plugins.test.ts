import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  CniError,
  type CniVersion,
  convertResult,
  lintNetworkList,
  type NetworkConfigList,
  parseNetworkConfigList,
  type Result,
  type Result1,
} from 'cni-types';
import {
  type AttachmentOptions,
  addNetworkList,
  checkNetworkList,
  delNetworkList,
  getPluginVersions,
  invokePlugin,
  validateNetworkList,
} from 'cni-types/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ip, ipJson, makeNamespaces, run, uniqueName } from '#testkit';

/** Debian's package containernetworking-plugins. */
const PLUGINS = '/usr/lib/cni';
const versions: CniVersion[] = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0'];

let folder = '';
let pod = '';
let removePod = (): void => {};
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'cni-real-'));
  pod = uniqueName('pod');
  removePod = makeNamespaces(pod).remove;
});
afterEach(() => {
  removePod();
  rmSync(folder, { recursive: true, force: true });
});

function attachment(more: Partial<AttachmentOptions> = {}): AttachmentOptions {
  return {
    containerId: pod,
    netns: `/run/netns/${pod}`,
    ifName: 'eth0',
    path: PLUGINS,
    cacheDir: path.join(folder, 'cache'),
    ...more,
  };
}

function network(cniVersion: string, plugins: NetworkConfigList['plugins']): NetworkConfigList {
  return parseNetworkConfigList({ cniVersion, name: 'net', plugins });
}

const hostLocal = (ranges: unknown, more: object = {}): NetworkConfigList['plugins'][number] => ({
  type: 'host-local',
  ipam: { type: 'host-local', dataDir: path.join(folder, 'host-local'), ranges, ...more },
});

/** What is random in a result, made the same. */
function withoutNames<R extends Result>(result: R): R {
  return JSON.parse(
    JSON.stringify(result)
      .replaceAll(/veth[0-9a-f]{8}/g, 'veth')
      .replaceAll(/([0-9a-f]{2}:){5}[0-9a-f]{2}/g, '02:00:00:00:00:01'),
  ) as R;
}

describe("Debian's plugins", () => {
  it('say which versions they speak', async () => {
    for (const type of ['bridge', 'host-local', 'portmap', 'tuning', 'loopback', 'ptp', 'static'])
      expect((await getPluginVersions(type, { path: PLUGINS })).supportedVersions).toEqual(versions);
  });

  for (const version of versions)
    it(`host-local answers in ${version} what we convert its answer in 1.0.0 to`, async () => {
      const ipam = hostLocal(
        [[{ subnet: '203.0.113.0/24', gateway: '203.0.113.254' }], [{ subnet: '2001:db8::/64' }]],
        {
          routes: [{ dst: '0.0.0.0/0' }, { dst: '203.0.113.0/24', gw: '203.0.113.9' }, { dst: '::/0' }],
        },
      );
      const add = async (cniVersion: string): Promise<Result> => {
        const call = { config: { ...ipam, name: 'net', cniVersion }, ...attachment() };
        const result = await invokePlugin({ ...call, command: 'ADD' });
        await invokePlugin({ ...call, command: 'DEL' });
        rmSync(path.join(folder, 'host-local'), { recursive: true });
        return result;
      };
      expect(convertResult(await add('1.0.0'), version)).toEqual(await add(version));
    });

  for (const version of versions)
    it(`bridge with delegated host-local runs in ${version}: its answer is ours, its container has the addresses`, async () => {
      const plugins = [
        {
          type: 'bridge',
          bridge: uniqueName('br'),
          isDefaultGateway: true,
          mtu: 1400,
          ipam: hostLocal([[{ subnet: '203.0.113.0/24' }], [{ subnet: '2001:db8:c1::/64' }]]).ipam as { type: string },
          dns: { nameservers: ['203.0.113.53'] },
        },
      ];
      const modern = withoutNames(await addNetworkList(network('1.0.0', plugins), attachment()));
      await delNetworkList(network('1.0.0', plugins), attachment());
      rmSync(path.join(folder, 'host-local'), { recursive: true });

      const result = await addNetworkList(network(version, plugins), attachment());
      expect(withoutNames(result)).toEqual(convertResult(modern, version));
      const [link] = ipJson<{ mtu: number; addr_info: { local: string; scope: string }[] }>('addr show eth0', pod);
      expect(link?.mtu).toBe(1400);
      expect(link?.addr_info.filter(({ scope }) => scope === 'global').map(({ local }) => local)).toEqual([
        '203.0.113.2',
        '2001:db8:c1::2',
      ]);

      await delNetworkList(network(version, plugins), attachment());
      expect(ipJson('link', pod)).toHaveLength(1);
      ip(`link del ${plugins[0]?.bridge}`);
    });

  it("run Kilo's kind of list, declared as 1.0.1: bridge, host-local, portmap", async () => {
    const list = parseNetworkConfigList({
      cniVersion: '1.0.1',
      name: 'kilo',
      plugins: [
        {
          name: 'kubernetes',
          type: 'bridge',
          bridge: uniqueName('br'),
          isDefaultGateway: true,
          forceAddress: true,
          mtu: 1420,
          ipam: { type: 'host-local', dataDir: path.join(folder, 'kilo'), ranges: [[{ subnet: '203.0.113.0/24' }]] },
        },
        { type: 'portmap', snat: true, capabilities: { portMappings: true } },
      ],
    });
    const capabilityArgs = { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] };
    expect(await validateNetworkList(list, { path: PLUGINS })).toEqual(['portMappings']);
    const result = (await addNetworkList(list, attachment({ capabilityArgs }))) as Result1;
    expect(result.cniVersion).toBe('1.0.0');
    expect(result.ips).toEqual([{ interface: 2, address: '203.0.113.2/24', gateway: '203.0.113.1' }]);

    // What ADD was given is remembered: these say nothing of it. (Debian's portmap complains at CHECK about the rules
    // of the family that the container has no address of.)
    expect(run('iptables', ['-t', 'nat', '-S'])).toContain('--dport 8080 -j DNAT --to-destination 203.0.113.2:80');
    const { netns: _, ...known } = attachment();
    await delNetworkList(list, known);
    expect(run('iptables', ['-t', 'nat', '-S'])).not.toContain('203.0.113.2:80');
    await delNetworkList(list, known);
    expect(ipJson('link', pod)).toHaveLength(1);
  });

  it('are chained: bridge, then tuning with a hardware address by capability', async () => {
    const list = network('1.0.0', [
      {
        type: 'bridge',
        bridge: uniqueName('br'),
        ipam: hostLocal([[{ subnet: '198.51.100.0/24' }]]).ipam as { type: string },
      },
      { type: 'tuning', capabilities: { mac: true }, sysctl: { 'net.ipv4.conf.eth0.log_martians': '1' } },
    ]);
    const result = await addNetworkList(list, attachment({ capabilityArgs: { mac: '02:00:00:00:00:2a' } }));
    expect((result as Result1).interfaces?.[2]).toEqual({
      name: 'eth0',
      mac: '02:00:00:00:00:2a',
      sandbox: `/run/netns/${pod}`,
    });
    expect(ipJson<{ address: string }>('link show eth0', pod)[0]?.address).toBe('02:00:00:00:00:2a');
    await checkNetworkList(list, attachment());
    ip('-n', pod, 'link', 'set', 'eth0', 'address', '02:00:00:00:00:2b');
    await expect(checkNetworkList(list, attachment())).rejects.toThrow(/plugins\[\d\]/);
    await delNetworkList(list, attachment());
  });

  it('bring loopback up', async () => {
    ip('-n', pod, 'link', 'set', 'lo', 'down');
    const list = network('1.0.0', [{ type: 'loopback' }]);
    const result = (await addNetworkList(list, attachment({ ifName: 'lo' }))) as Result1;
    expect(result.ips?.map(({ address }) => address)).toEqual(['127.0.0.1/8', '::1/128']);
    expect(ipJson<{ flags: string[] }>('link show lo', pod)[0]?.flags).toContain('UP');
    await delNetworkList(list, attachment({ ifName: 'lo' }));
  });

  it('delete what is left when the namespace has gone already', async () => {
    const list = network('1.0.0', [
      {
        type: 'bridge',
        bridge: uniqueName('br'),
        ipam: hostLocal([[{ subnet: '203.0.113.0/24' }]]).ipam as { type: string },
      },
    ]);
    await addNetworkList(list, attachment());
    const lease = path.join(folder, 'host-local/net/203.0.113.2');
    expect(readFileSync(lease, 'utf8')).toContain(pod);
    removePod();
    await delNetworkList(list, attachment());
    expect(() => readFileSync(lease)).toThrow();
  });

  it('refuse a second ADD with a message that names the plugin', async () => {
    const list = network('1.0.0', [hostLocal([[{ subnet: '203.0.113.0/24' }]])]);
    await addNetworkList(list, attachment());
    await expect(addNetworkList(list, attachment())).rejects.toThrow(/^network "net", plugins\[0\] \(host-local\): /);
    await delNetworkList(list, attachment());
  });

  it('and the linter refuses the same ranges', async () => {
    const refused: unknown[] = [
      [[{ subnet: '10.1.2.3/24' }]],
      [[{ subnet: '203.0.113.0/31' }]],
      [[{ subnet: '203.0.113.0/24', rangeStart: '198.51.100.1' }]],
      [[{ subnet: '203.0.113.0/24', rangeStart: '203.0.113.9', rangeEnd: '203.0.113.8' }]],
      [[{ subnet: '203.0.113.0/24' }], [{ subnet: '203.0.113.128/25' }]],
      [[{ subnet: '203.0.113.0/24' }, { subnet: '2001:db8::/64' }]],
      [[]],
    ];
    const accepted: unknown[] = [
      [[{ subnet: '203.0.113.0/30' }]],
      [
        [
          { subnet: '203.0.113.0/24', rangeEnd: '203.0.113.9' },
          { subnet: '203.0.113.0/24', rangeStart: '203.0.113.10' },
        ],
      ],
      [[{ subnet: '203.0.113.0/24' }], [{ subnet: '2001:db8::/64', gateway: '2001:db8::ff' }]],
    ];
    const config = (ranges: unknown): object => ({ ...hostLocal(ranges), name: 'net', cniVersion: '1.0.0' });
    for (const [list, good] of [
      [refused, false],
      [accepted, true],
    ] as const)
      for (const ranges of list) {
        let theirs = true;
        const call = { ...attachment(), config: config(ranges) as Record<string, unknown> };
        await invokePlugin({ ...call, command: 'ADD' }).catch((error: unknown) => {
          expect(error).toBeInstanceOf(CniError);
          theirs = false;
        });
        await invokePlugin({ ...call, command: 'DEL' }).catch(() => {});
        const ours = lintNetworkList(config(ranges)).length === 0;
        expect({ ranges, theirs, ours }).toEqual({ ranges, theirs: good, ours: good });
      }
  });
});
