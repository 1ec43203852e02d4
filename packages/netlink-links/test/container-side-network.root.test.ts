import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { convertResult } from 'cni-types';
import {
  type ContainerSideNetworkJson,
  recoverContainerSideNetwork,
  setupContainerSideNetwork,
  type TapDevice,
} from 'netlink-links/container';
import { addNamed, deleteNamed, runInNamespace } from 'netns-core';
import { replaceSyscalls } from 'netns-core/sys';
import { beforeAll, describe, expect, it } from 'vitest';
import { capture, ipIn, ipJson, leakedFds, openFds, retryUntil, run, uniqueName } from '#testkit';
import { dump, expectDump, makePod, type Pod, settled } from './container-support.ts';
import { arpRequest, dhcpDiscover, etherType, hex, neighbourSolicitation } from './ethernet-frames.ts';

interface LinkRow {
  ifname: string;
  address: string;
  mtu: number;
  master?: string;
  flags: string[];
  linkinfo?: { info_kind?: string; info_data?: Record<string, unknown> };
}

const links = (pod: Pod): LinkRow[] => ipJson<LinkRow>('link', pod.name);
const link = (pod: Pod, name: string): LinkRow | undefined => links(pod).find(({ ifname }) => ifname === name);
const rulesOf = (pod: Pod): string => String(dump(pod.name).ruleset);

/** Runs with other programs on the search path than this machine has. */
function withPath<T>(prepare: (folder: string) => void, work: () => T): T {
  const folder = path.join(mkdtempSync(path.join(tmpdir(), 'path-')), 'sbin');
  mkdirSync(folder);
  prepare(folder);
  const before = process.env.PATH;
  process.env.PATH = folder;
  try {
    return work();
  } finally {
    process.env.PATH = before;
    rmSync(path.dirname(folder), { recursive: true });
  }
}

/** The first frame that is wanted, within some seconds. */
async function frameFrom(tap: TapDevice, wanted: (frame: Uint8Array) => boolean): Promise<Uint8Array> {
  const timer = setTimeout(() => tap.close(), 10_000);
  try {
    for await (const frame of tap.frames()) if (wanted(frame)) return frame;
  } finally {
    clearTimeout(timer);
  }
  throw new Error('no such frame within 10 s');
}

describe("a container's network in the hands of a virtual machine", { timeout: 120_000 }, () => {
  // What the packages keep open once and for all is not a leak.
  beforeAll(() => {
    const name = uniqueName('warm');
    addNamed(name).close();
    runInNamespace(name, () => undefined);
    deleteNamed(name);
  });

  it('is a TAP device and a bridge beside the veth, and is put back exactly', async () => {
    await using pod = await makePod({ subnets: ['192.0.2.0/24', '2001:db8:1::/64'], mtu: 9000 });
    const before = dump(pod.name);
    const mac = link(pod, 'eth0')?.address ?? '';
    const fds = openFds();
    const network = setupContainerSideNetwork(pod.result, pod.nsPath);

    expect(links(pod).map(({ ifname }) => ifname)).toEqual(['lo', 'eth0', 'tap0', 'br0']);
    expect(
      links(pod)
        .filter(({ ifname }) => ifname !== 'lo')
        .map(({ mtu }) => mtu),
    ).toEqual([9000, 9000, 9000]);
    expect(link(pod, 'eth0')).toMatchObject({ master: 'br0', address: expect.stringMatching(/^02:65:02:/) });
    expect(link(pod, 'tap0')).toMatchObject({ master: 'br0', linkinfo: { info_kind: 'tun' } });
    expect(link(pod, 'br0')?.linkinfo?.info_data?.ageing_time).toBe(0);
    expect(link(pod, 'lo')?.flags).toContain('UP');
    const addresses = ipJson<{ ifname: string; addr_info: { local: string; prefixlen: number }[] }>('addr', pod.name);
    const of = (name: string): string[] =>
      (addresses.find(({ ifname }) => ifname === name)?.addr_info ?? []).map((a) => `${a.local}/${a.prefixlen}`);
    expect(of('br0')).toContain('169.254.254.2/24');
    expect(of('eth0').filter((address) => !address.startsWith('fe80:'))).toEqual([]);

    expect(network).toMatchObject({
      nsPath: pod.nsPath,
      hardwareAddr: mac,
      interfaces: [{ type: 'tap', name: 'eth0', hardwareAddr: mac, mtu: 9000 }],
    });
    expect(network.tap).toBe(network.interfaces[0]?.tap);
    expect(network.result.ips).toEqual((pod.result as { ips?: unknown }).ips);

    network.teardown();
    network.teardown();
    expect(leakedFds(fds)).toEqual([]);
    await expectDump(pod.name, before);
  });

  it('keeps DHCP, of IPv4 and IPv6, from leaving by the veth, in both directions', async () => {
    await using pod = await makePod();
    const network = setupContainerSideNetwork(pod.result, pod.nsPath);
    const rules = run('ip', ['netns', 'exec', pod.name, 'ebtables', '-L']);
    for (const rule of [
      '-p IPv4 -o eth0 --ip-proto udp --ip-sport 67 -j DROP',
      '-p IPv6 -o eth0 --ip6-proto udp --ip6-sport 547 -j DROP',
      '-p IPv4 -o eth0 --ip-proto udp --ip-dport 67 -j DROP',
      '-p IPv6 -o eth0 --ip6-proto udp --ip6-dport 547 -j DROP',
    ])
      expect(rules).toContain(rule);
    network.teardown();
  });

  it('puts back routes of other tables, metrics, several ways, labels, scopes, permanent neighbours and rules of others', async () => {
    await using pod = await makePod({ subnets: ['192.0.2.0/24', '2001:db8:1::/64'] });
    ipIn(pod.name, 'addr add 192.0.2.77/24 dev eth0 label eth0:x');
    ipIn(pod.name, 'addr add 198.51.100.1 peer 198.51.100.2 dev eth0 scope link');
    ipIn(pod.name, 'addr add 2001:db8:1::77/64 dev eth0 nodad valid_lft forever preferred_lft 0');
    ipIn(pod.name, 'route add 203.0.113.0/25 via 192.0.2.1 metric 50 mtu 1300 proto static');
    ipIn(pod.name, 'route add 203.0.113.128/25 via 192.0.2.1 table 1000');
    ipIn(pod.name, 'route add 203.0.113.0/26 via 198.51.100.2 src 192.0.2.77');
    ipIn(pod.name, 'route add 198.51.100.128/25 via 203.0.113.9 dev eth0 onlink');
    ipIn(pod.name, 'route add 198.51.100.64/26 nexthop via 192.0.2.1 weight 2 nexthop via 192.0.2.2 weight 1');
    ipIn(pod.name, 'route add 2001:db8:2::/64 via 2001:db8:1::1 metric 7');
    ipIn(pod.name, 'route add blackhole 2001:db8:3::/64');
    ipIn(pod.name, 'neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 nud permanent dev eth0');
    ipIn(pod.name, 'rule add from 192.0.2.77 table 1000');
    run('ip', [
      ...['netns', 'exec', pod.name, 'ebtables', '-A', 'FORWARD', '-p', 'IPv4', '--ip-protocol', 'TCP'],
      ...['--ip-destination-port', '25', '-j', 'DROP'],
    ]);
    await settled(pod.name);
    const before = dump(pod.name);
    const network = setupContainerSideNetwork(pod.result, pod.nsPath);
    expect(ipJson<{ dst: string }>('route', pod.name)).toEqual([expect.objectContaining({ dst: '169.254.254.0/24' })]);
    network.teardown();
    await expectDump(pod.name, before);
    expect(before.ruleset).toContain('25');
  });

  it('leaves a loopback that was up, up, and a veth that was down, down', async () => {
    await using pod = await makePod();
    ipIn(pod.name, 'link set lo up');
    const before = dump(pod.name);
    setupContainerSideNetwork(pod.result, pod.nsPath).teardown();
    await expectDump(pod.name, before);

    ipIn(pod.name, 'link set eth0 down');
    const down = dump(pod.name);
    setupContainerSideNetwork(null, pod.nsPath).teardown();
    await expectDump(pod.name, down);
  });

  it('is read from the veth if there is no CNI result, inside a hop without a path as well', async () => {
    await using pod = await makePod();
    const before = dump(pod.name);
    const network = runInNamespace(pod.name, () => setupContainerSideNetwork(null));
    const expected = convertResult(pod.result, '1.0.0');
    expect(network.result).toMatchObject({
      ips: [{ interface: 0, address: expected.ips?.[0]?.address, gateway: '192.0.2.1' }],
      routes: [{ dst: '0.0.0.0/0', gw: '192.0.2.1' }],
      interfaces: [{ name: 'eth0', mac: network.hardwareAddr, sandbox: network.nsPath }],
    });
    network.teardown();
    await expectDump(pod.name, before);
  });

  it('may have several interfaces, in the order of the addresses', async () => {
    await using pod = await makePod({ more: [['198.51.100.0/24']] });
    const before = dump(pod.name);
    const ips = ['198.51.100.2/24', '192.0.2.2/24'].map((address) => ({ address }));
    const network = setupContainerSideNetwork(
      { cniVersion: '1.0.0', ips, routes: [{ dst: '0.0.0.0/0', gw: '192.0.2.1' }] },
      pod.nsPath,
    );
    expect(network.interfaces.map(({ name }) => name)).toEqual(['eth1', 'eth0']);
    expect(link(pod, 'eth1')?.master).toBe('br0');
    expect(link(pod, 'eth0')?.master).toBe('br1');
    expect(network.interfaces.map(({ tap }) => tap?.name)).toEqual(['tap0', 'tap1']);
    network.teardown();
    await expectDump(pod.name, before);
  });

  it('takes a result of 0.2.0, which has no interfaces', async () => {
    await using pod = await makePod({ cniVersion: '0.2.0' });
    expect(pod.result).not.toHaveProperty('interfaces');
    const before = dump(pod.name);
    const network = setupContainerSideNetwork(pod.result, pod.nsPath);
    expect(network.interfaces.map(({ name }) => name)).toEqual(['eth0']);
    expect(network.result.dns).toEqual({ nameservers: ['192.0.2.53'] });
    network.teardown();
    await expectDump(pod.name, before);
  });

  it('refuses what it cannot take over, naming it, and touches nothing', async () => {
    await using pod = await makePod();
    const before = dump(pod.name);
    const fds = openFds();
    const result = convertResult(pod.result, '1.0.0');
    const attempt = (info: typeof result | null) => () => setupContainerSideNetwork(info, pod.nsPath);
    expect(attempt({ ...result, routes: [{ dst: '0.0.0.0/0', gw: '169.254.1.1' }] })).toThrow(/Calico/);
    expect(attempt({ ...result, ips: [] })).toThrow('the CNI result has no address, only the interfaces');
    expect(attempt({ ...result, ips: [{ address: '192.0.2.200/24' }] })).toThrow(
      'the CNI result says 192.0.2.200/24, but no link of the namespace has that address',
    );
    expect(
      attempt({ ...result, interfaces: [...(result.interfaces ?? []), { name: 'eth7', sandbox: pod.nsPath }] }),
    ).toThrow('the CNI result has an interface eth7 in the container, but there is no such link in the namespace');
    expect(() => setupContainerSideNetwork(result, '/run/netns/no-such-pod')).toThrow(/no-such-pod/);
    ipIn(pod.name, 'link add tap0 type veth peer name other');
    expect(attempt(result)).toThrow(/tap0/);
    ipIn(pod.name, 'link del tap0');
    ipIn(pod.name, 'link add br0 type bridge');
    expect(attempt(result)).toThrow(/br0/);
    expect(link(pod, 'br0')).toBeDefined();
    ipIn(pod.name, 'link del br0');
    expect(leakedFds(fds)).toEqual([]);
    await expectDump(pod.name, before);
  });

  it('is as it was after a failure of any system call on the way', async () => {
    await using pod = await makePod({ subnets: ['192.0.2.0/24', '2001:db8:1::/64'] });
    const before = dump(pod.name);
    const fds = openFds();
    let steps = 0;
    for (let failing = 1; ; failing += 1) {
      let count = 0;
      let failed = false;
      const broken = (): boolean => {
        count += 1;
        if (count !== failing) return false;
        failed = true;
        return true;
      };
      const restore = replaceSyscalls((real) => ({
        // Requests to the kernel, /dev/net/tun and its ioctls: everything that changes something, but for ebtables.
        send: (fd, data, flags) => (broken() ? -5 : real.send(fd, data, flags)),
        ioctl: (fd, request, argument) => (broken() ? -5 : real.ioctl(fd, request, argument)),
        open: (file, flags, mode) => (file === '/dev/net/tun' && broken() ? -24 : real.open(file, flags, mode)),
      }));
      let network: ReturnType<typeof setupContainerSideNetwork> | undefined;
      try {
        network = setupContainerSideNetwork(pod.result, pod.nsPath);
      } catch (error) {
        expect((error as Error).name).not.toBe('TeardownError');
      } finally {
        restore();
      }
      network?.teardown();
      await expectDump(pod.name, before);
      expect(leakedFds(fds)).toEqual([]);
      if (!failed) break;
      steps += 1;
    }
    expect(steps).toBeGreaterThan(20);
  }, 300_000);

  it('is as it was after a failure of each call of ebtables', async () => {
    await using pod = await makePod();
    const before = dump(pod.name);
    for (const failing of [1, 2, 3, 4]) {
      const attempt = (): unknown =>
        withPath(
          (folder) => {
            for (const name of ['nft', 'cat', 'sh', 'env', 'sed']) symlinkTo(folder, name);
            writeFileSync(
              path.join(folder, 'ebtables'),
              `#!/bin/sh
                [ "$1" = -A ] || exec /usr/sbin/ebtables "$@"
                read count < ${folder}/count; count=$((count + 1)); echo $count > ${folder}/count
                [ $count = ${failing} ] && { echo "no more rules" >&2; exit 1; }
                exec /usr/sbin/ebtables "$@"\n`,
            );
            chmodSync(path.join(folder, 'ebtables'), 0o755);
            writeFileSync(path.join(folder, 'count'), '0\n');
          },
          () => setupContainerSideNetwork(pod.result, pod.nsPath),
        );
      expect(attempt).toThrow('ebtables cannot drop DHCP towards eth0: no more rules');
      await expectDump(pod.name, before);
    }
  });

  it('uses nft where there is no ebtables, and says so where there is neither', async () => {
    await using pod = await makePod();
    const before = dump(pod.name);
    withPath(
      (folder) => symlinkTo(folder, 'nft'),
      () => {
        const network = setupContainerSideNetwork(pod.result, pod.nsPath);
        const ruleset = withPath(
          (folder) => symlinkTo(folder, 'ip', 'nft'),
          () => rulesOf(pod),
        );
        expect(ruleset).toMatch(/hook output[^}]*oifname "eth0" (ether type|meta protocol) ip udp sport 67 drop/);
        expect(ruleset).toMatch(/hook output[^}]*oifname "eth0" (ether type|meta protocol) ip6 udp sport 547 drop/);
        expect(ruleset).toMatch(/hook forward[^}]*oifname "eth0" (ether type|meta protocol) ip udp dport 67 drop/);
        expect(ruleset).toMatch(/hook forward[^}]*oifname "eth0" (ether type|meta protocol) ip6 udp dport 547 drop/);
        network.teardown();
      },
    );
    await expectDump(pod.name, before);
    const neither = (): unknown =>
      withPath(
        () => {},
        () => setupContainerSideNetwork(pod.result, pod.nsPath),
      );
    expect(neither).toThrow(
      'cannot drop DHCP towards eth0: neither ebtables nor nft is installed. Install one of them (packages ebtables, nftables)',
    );
    await expectDump(pod.name, before);
  });

  it('is put back as far as possible if something has gone wrong meanwhile, and says what is missing', async () => {
    await using pod = await makePod();
    const before = dump(pod.name);
    const network = setupContainerSideNetwork(pod.result, pod.nsPath);
    // Others have been at work: the bridge is gone, and so are the rules.
    ipIn(pod.name, 'link del br0');
    run('ip', ['netns', 'exec', pod.name, 'ebtables', '-F']);
    network.teardown();
    await expectDump(pod.name, before);

    const again = setupContainerSideNetwork(pod.result, pod.nsPath);
    ipIn(pod.name, 'link set eth0 name other');
    expect(() => again.teardown()).toThrow('eth0 is not in the namespace any more');
    expect(links(pod).map(({ ifname }) => ifname)).toEqual(['lo', 'other']);
    ipIn(pod.name, 'link set other down');
    ipIn(pod.name, 'link set other name eth0');
    again.teardown();
    await expectDump(pod.name, before);
  });

  it('can be recovered by another process, which tears it down exactly', async () => {
    await using pod = await makePod({ subnets: ['192.0.2.0/24', '2001:db8:1::/64'] });
    ipIn(pod.name, 'route add 203.0.113.0/25 via 192.0.2.1 metric 50');
    const before = dump(pod.name);
    const network = setupContainerSideNetwork(pod.result, pod.nsPath);
    const { hardwareAddr } = network;
    const saved = JSON.parse(JSON.stringify(network)) as ContainerSideNetworkJson;
    // The virtual machine still has the TAP device open.
    const busy = recoverContainerSideNetwork(saved);
    expect(busy.interfaces[0]?.tap).toBeUndefined();
    expect(() => busy.tap).toThrow("the TAP device of eth0 is open in another process, the virtual machine's");
    busy.close();
    network.close();

    const recovered = recoverContainerSideNetwork(saved);
    expect(recovered.tap.name).toBe('tap0');
    expect(recovered.hardwareAddr).toBe(hardwareAddr);
    recovered.teardown();
    await expectDump(pod.name, before);
    expect(() => recoverContainerSideNetwork(saved)).toThrow(/there is no tap0 in .*, only lo, eth0/);
    const vf = { ...saved, interfaces: saved.interfaces.map((each) => ({ ...each, type: 'vf' as const })) };
    expect(() => recoverContainerSideNetwork(vf)).toThrow(/eth0 is of type 'vf', a virtual function of SR-IOV/);
  });

  it('recovered without what was saved of the teardown is put back by the CNI result', async () => {
    await using pod = await makePod();
    const network = setupContainerSideNetwork(pod.result, pod.nsPath);
    const { undo: _, ...saved } = JSON.parse(JSON.stringify(network)) as ContainerSideNetworkJson;
    network.close();
    recoverContainerSideNetwork(saved).teardown();
    expect(links(pod).map(({ ifname }) => ifname)).toEqual(['lo', 'eth0']);
    expect(link(pod, 'eth0')?.address).toBe(network.hardwareAddr);
    expect(run('ip', ['-n', pod.name, 'route'])).toMatch(/^default via 192\.0\.2\.1 dev eth0/);
  });

  describe('carries frames', () => {
    it('of ARP and neighbour discovery from the TAP device out by the veth, and back', async () => {
      await using pod = await makePod({ subnets: ['192.0.2.0/24', '2001:db8:1::/64'] });
      const network = setupContainerSideNetwork(pod.result, pod.nsPath);
      const mac = network.hardwareAddr;
      // The gateway is the host's bridge: the kernel there answers.
      const gateway = ipJson<LinkRow>(`link show ${pod.hostBridge}`)[0]?.address ?? '';
      const seen = await capture(undefined, 'arp or icmp6');
      // The port of a new bridge forwards only after it has been told that it does; the kernel does it at once.
      const ask = async (frame: Uint8Array, isAnswer: (frame: Uint8Array) => boolean): Promise<Uint8Array> => {
        const again = setInterval(() => void network.tap.write(frame).catch(() => {}), 300);
        try {
          await network.tap.write(frame);
          return await frameFrom(network.tap, isAnswer);
        } finally {
          clearInterval(again);
        }
      };
      const reply = await ask(
        arpRequest(mac, '192.0.2.2', '192.0.2.1'),
        (frame) => etherType(frame) === 0x0806 && frame[21] === 2,
      );
      expect(hex(reply.subarray(0, 6))).toBe(mac);
      expect(hex(reply.subarray(22, 28))).toBe(gateway);
      const advertisement = await ask(
        neighbourSolicitation(mac, '2001:db8:1::2', '2001:db8:1::1'),
        (frame) => etherType(frame) === 0x86dd && frame[54] === 136,
      );
      expect(hex(advertisement.subarray(6, 12))).toBe(gateway);
      const packets = (await seen.stop()).join('\n');
      expect(packets).toContain('Request who-has 192.0.2.1 tell 192.0.2.2');
      expect(packets).toContain('who has 2001:db8:1::1');
      network.teardown();
    });

    it('of the size of the MTU, each by itself, in their order', async () => {
      await using pod = await makePod({ mtu: 9000 });
      const network = setupContainerSideNetwork(pod.result, pod.nsPath);
      const frame = (number: number): Uint8Array => {
        const bytes = new Uint8Array(14 + 9000);
        bytes.fill(0xff, 0, 6);
        bytes.set([2, 0, 0, 0, 0, 1, 0x88, 0xb5, number], 6);
        return bytes;
      };
      const seen = await capture(undefined, 'ether proto 0x88b5', ['-e', '-s', '40']);
      const numbers = (): string[] =>
        [...seen.packets.join('\n').matchAll(/ veth\w+ .*, length 9020:[^\n]*\n\s+0x0000: {2}(\w\w)00 /g)].map(
          ([, number = '']) => number,
        );
      // All at once: a stream would join them.
      const sent = Array.from({ length: 20 }, (_, number) => number);
      await Promise.all(sent.map((number) => network.tap.write(frame(number))));
      const expected = sent.map((number) => number.toString(16).padStart(2, '0'));
      await retryUntil(() => numbers().length >= sent.length).catch(() => {});
      await seen.stop();
      expect(numbers()).toEqual(expected);
      network.teardown();
    });

    it('of DHCP to the server on the bridge and its answers to the TAP device, but none by the veth', async () => {
      await using pod = await makePod();
      const network = setupContainerSideNetwork(pod.result, pod.nsPath);
      const onHost = await capture(undefined, 'port 67 or port 68');
      const server: ChildProcess = spawn(
        'ip',
        [
          ...['netns', 'exec', pod.name, 'dnsmasq', '--no-daemon', '--port=0', '--interface=br0', '--bind-interfaces'],
          ...['--dhcp-range=169.254.254.10,169.254.254.20,255.255.255.0,1h', '--dhcp-leasefile=/dev/null'],
          ...['--conf-file=/dev/null', '--user=root', '--no-ping', '--log-dhcp'],
        ],
        { stdio: ['ignore', 'ignore', 'pipe'] },
      );
      let said = '';
      server.stderr?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      try {
        await retryUntil(() => said.includes('DHCP, IP range') || server.exitCode !== null);
        const again = setInterval(
          () => void network.tap.write(dhcpDiscover(network.hardwareAddr)).catch(() => {}),
          300,
        );
        const offer = await frameFrom(
          network.tap,
          (frame) => etherType(frame) === 0x0800 && frame[23] === 17 && frame[35] === 67,
        ).finally(() => clearInterval(again));
        // BOOTREPLY, to the address of the virtual machine.
        expect(offer[42]).toBe(2);
        expect(hex(offer.subarray(70, 76))).toBe(network.hardwareAddr);
        expect(said).toContain(network.hardwareAddr);
      } finally {
        server.kill();
        await once(server, 'exit');
      }
      expect((await onHost.stop()).filter((line) => /\.67 >|\.67:/.test(line))).toEqual([]);
      network.teardown();
    });

    it('to a virtual machine that has the file descriptor by its stdio', async () => {
      await using pod = await makePod();
      const network = setupContainerSideNetwork(pod.result, pod.nsPath);
      // A virtual machine of few words: it asks for the gateway's address and prints who answers.
      const request = Buffer.from(arpRequest(network.hardwareAddr, '192.0.2.2', '192.0.2.1')).toString('hex');
      const program = `
        const { readSync, writeSync } = require('node:fs');
        const frame = Buffer.alloc(65536);
        for (let attempt = 0; attempt < 1000; attempt += 1) {
          if (attempt % 30 === 0) writeSync(3, Buffer.from('${request}', 'hex'));
          try {
            readSync(3, frame);
          } catch (error) {
            if (error.code !== 'EAGAIN') throw error;
            Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
            continue;
          }
          if (frame.readUInt16BE(12) !== 0x0806 || frame[21] !== 2) continue;
          console.log(frame.subarray(22, 28).toString('hex').match(/../g).join(':'));
          process.exit(0);
        }
        process.exit(1);`;
      const machine = spawn(process.execPath, ['-e', program], {
        stdio: ['ignore', 'pipe', 'inherit', network.tap.fd],
      });
      let printed = '';
      machine.stdout?.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
      });
      const [code] = (await once(machine, 'close')) as [number];
      expect(code).toBe(0);
      expect(printed.trim()).toBe(ipJson<LinkRow>(`link show ${pod.hostBridge}`)[0]?.address);
      network.teardown();
    });
  });
});

/** Puts programs of this machine on a search path of its own. */
function symlinkTo(folder: string, ...names: readonly string[]): void {
  for (const name of names)
    symlinkSync(
      run('/bin/sh', ['-c', `PATH=/usr/sbin:/usr/bin:/sbin:/bin command -v ${name}`]).trim(),
      path.join(folder, name),
    );
}
