import { type Link, linkByName, linkList } from 'netlink-links';
import {
  configureLink,
  createEscapeVethPair,
  extractLinkInfo,
  findVeth,
  generateMacAddress,
  IFNAMSIZ,
  openTap,
  SizeOfIfReq,
  setupBridge,
  setupVeth,
  stripLink,
  teardownBridge,
  validateAndFixResult,
} from 'netlink-links/container';
import { runInNamespace } from 'netns-core';
import { replaceSyscalls } from 'netns-core/sys';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ipIn, ipJson, leakedFds, makeNamespaces, openFds, run, uniqueName, vethBetween } from '#testkit';
import { settled } from './container-support.ts';

let pod = '';
let host = '';
let namespaces = makeNamespaces();
beforeEach(() => {
  pod = uniqueName('pod');
  host = uniqueName('host');
  namespaces = makeNamespaces(pod, host);
});
afterEach(() => namespaces.remove());

const inPod = <T>(work: () => T): T => runInNamespace(pod, work);
const names = (namespace: string): string[] =>
  ipJson<{ ifname: string }>('link', namespace).map(({ ifname }) => ifname);

/** A veth `eth0` in the pod, its other end in the host, with these addresses. */
function veth(...addresses: readonly string[]): Link {
  vethBetween({ namespace: pod, name: 'eth0', addresses }, { namespace: host, name: uniqueName('v'), addresses: [] });
  return inPod(() => linkByName('eth0'));
}

describe('the constants', () => {
  it("are the kernel's", () => {
    expect([SizeOfIfReq, IFNAMSIZ]).toEqual([40, 16]);
  });
});

describe('generateMacAddress', () => {
  it('makes local unicast addresses, another one each time', () => {
    const made = new Set(Array.from({ length: 100 }, () => generateMacAddress()));
    expect(made.size).toBe(100);
    for (const address of made) expect(address).toMatch(/^02:65:02(:[0-9a-f]{2}){3}$/);
  });
});

describe('setupBridge and teardownBridge', () => {
  it('make a bridge with the MTU of the first link, and free the links again', () => {
    ipIn(pod, 'link add name a mtu 1400 type veth peer name b');
    const links = inPod(() => ['a', 'b'].map((name) => linkByName(name)));
    const bridge = inPod(() => setupBridge('br7', links));
    expect(bridge).toMatchObject({ type: 'bridge', name: 'br7', mtu: 1400, flags: expect.arrayContaining(['up']) });
    const masters = (): string[] =>
      ipJson<{ ifname: string; master?: string }>('link', pod).map(({ ifname, master = '-' }) => `${ifname} ${master}`);
    expect(masters().sort()).toEqual(['a br7', 'b br7', 'br7 -', 'lo -']);
    inPod(() => teardownBridge(bridge, links));
    expect(masters().sort()).toEqual(['a -', 'b -', 'br7 -', 'lo -']);
    expect(ipJson<{ flags: string[] }>('link show br7', pod)[0]?.flags).not.toContain('UP');
  });

  it('leave no bridge behind if a link cannot be a port', () => {
    const lo = inPod(() => linkByName('lo'));
    expect(() => inPod(() => setupBridge('br7', [lo]))).toThrow(/br7/);
    expect(names(pod)).toEqual(['lo']);
  });

  it('need a link, and a name that is free', () => {
    expect(() => inPod(() => setupBridge('br7', []))).toThrow(
      'the bridge "br7" needs at least one link: none was given',
    );
    const link = veth();
    ipIn(pod, 'link add br7 type bridge');
    expect(() => inPod(() => setupBridge('br7', [link]))).toThrow(/br7/);
    expect(names(pod)).toContain('br7');
  });
});

describe('findVeth', () => {
  it('finds the one there is', () => {
    veth();
    expect(inPod(() => findVeth())).toMatchObject({ type: 'veth', name: 'eth0' });
  });

  it('says what there is if there is none, or more than one', () => {
    expect(() => inPod(() => findVeth())).toThrow('there is no veth in the namespace, there is only lo (device)');
    expect(() => findVeth([])).toThrow('there are no links at all');
    ipIn(pod, 'link add eth0 type veth peer name eth1');
    expect(() => inPod(() => findVeth())).toThrow(/there are 2 veths in the namespace: eth1, eth0\./);
    expect(inPod(() => findVeth(linkList().filter(({ name }) => name === 'eth1'))).name).toBe('eth1');
  });
});

describe('stripLink', () => {
  it('takes addresses and routes, of IPv4 and IPv6, and leaves what the kernel made of itself and other links have', async () => {
    const link = veth('192.0.2.2/24', '192.0.2.3/24', '2001:db8:1::2/64');
    ipIn(pod, 'route add default via 192.0.2.1');
    ipIn(pod, 'route add 203.0.113.0/24 via 192.0.2.1 table 100');
    ipIn(pod, 'route add default via 2001:db8:1::1');
    ipIn(pod, 'link add other type veth peer name another');
    ipIn(pod, 'link set other up');
    ipIn(pod, 'addr add 198.51.100.1/24 dev other');
    ipIn(pod, 'route add 198.51.100.128/25 dev other');
    await settled(pod);
    inPod(() => stripLink(link));
    expect(run('ip', ['-n', pod, '-br', 'addr', 'show', 'eth0'])).toMatch(/^eth0@\S+\s+UP\s+fe80:\S+\s*$/);
    expect(run('ip', ['-n', pod, '-4', 'route', 'show', 'table', 'all', 'dev', 'eth0'])).toBe('');
    expect(run('ip', ['-n', pod, '-6', 'route', 'show', 'dev', 'eth0'])).toMatch(/^fe80::\/64 proto kernel [^\n]*\n$/);
    expect(run('ip', ['-n', pod, 'route', 'show', 'dev', 'other'])).toContain('198.51.100.128/25');
    inPod(() => stripLink(link));
  });
});

describe('setupVeth and createEscapeVethPair', () => {
  it('make a pair between two namespaces, both ends up', () => {
    const fds = openFds();
    const { host: outer, container } = inPod(() => setupVeth('eth0', 1380, host));
    expect(container).toMatchObject({ type: 'veth', name: 'eth0', mtu: 1380 });
    expect(outer).toMatchObject({ type: 'veth', name: expect.stringMatching(/^veth[0-9a-f]{8}$/), mtu: 1380 });
    expect(names(host)).toEqual(['lo', outer.name]);
    for (const [namespace, name] of [
      [pod, 'eth0'],
      [host, outer.name],
    ] as const)
      expect(ipJson<{ operstate: string; mtu: number }>(`link show ${name}`, namespace)[0]).toMatchObject({
        operstate: 'UP',
        mtu: 1380,
      });
    expect(leakedFds(fds).filter((fd) => !fd.includes('pidfd'))).toEqual([]);
  });

  it('let the outer end escape to where the caller is', () => {
    const { outer, inner } = runInNamespace(host, () => createEscapeVethPair(pod, 'eth0', 1500));
    expect(inner.name).toBe('eth0');
    expect(names(pod)).toEqual(['lo', 'eth0']);
    expect(names(host)).toEqual(['lo', outer.name]);
  });

  it('say that a name is taken, and leave nothing behind', () => {
    veth();
    const before = names(host);
    expect(() => inPod(() => setupVeth('eth0', 1500, host))).toThrow(
      'cannot make the veth "eth0": a link of that name exists already in the namespace',
    );
    expect(() => inPod(() => setupVeth('eth9', 1500, 'no-such-namespace'))).toThrow(/no-such-namespace/);
    expect(names(pod)).toEqual(['lo', 'eth0']);
    expect(names(host)).toEqual(before);
  });
});

describe('extractLinkInfo', () => {
  it('reads the address, the routes with a gateway and the default gateway', () => {
    const link = veth('192.0.2.2/24');
    ipIn(pod, 'route add default via 192.0.2.1');
    ipIn(pod, 'route add 203.0.113.0/24 via 192.0.2.9');
    ipIn(pod, 'route add 198.51.100.0/24 dev eth0');
    expect(inPod(() => extractLinkInfo(link, `/run/netns/${pod}`))).toEqual({
      cniVersion: '1.0.0',
      interfaces: [{ name: 'eth0', mac: link.hardwareAddr, sandbox: `/run/netns/${pod}` }],
      ips: [{ interface: 0, address: '192.0.2.2/24', gateway: '192.0.2.1' }],
      routes: [
        { dst: '0.0.0.0/0', gw: '192.0.2.1' },
        { dst: '203.0.113.0/24', gw: '192.0.2.9' },
      ],
    });
  });

  it('reads an address of IPv6, its link-local one not counted', () => {
    const link = veth('2001:db8:1::2/64');
    ipIn(pod, 'route add default via 2001:db8:1::1');
    expect(inPod(() => extractLinkInfo(link, ''))).toMatchObject({
      ips: [{ address: '2001:db8:1::2/64', gateway: '2001:db8:1::1' }],
      routes: [{ dst: '::/0', gw: '2001:db8:1::1' }],
    });
  });

  it('wants exactly one address and names those it found', () => {
    const link = veth();
    expect(() => inPod(() => extractLinkInfo(link, ''))).toThrow(
      'eth0 has no address: exactly one is needed to take the link over',
    );
    ipIn(pod, 'addr add 192.0.2.2/24 dev eth0');
    ipIn(pod, 'addr add 192.0.2.3/24 dev eth0');
    expect(() => inPod(() => extractLinkInfo(link, ''))).toThrow('eth0 has 2 addresses: 192.0.2.2/24, 192.0.2.3/24.');
  });
});

describe('configureLink', () => {
  it('adds the addresses of the interface with its hardware address, and the routes that they reach', () => {
    const link = veth();
    inPod(() =>
      configureLink(link, {
        cniVersion: '1.0.0',
        interfaces: [
          { name: 'host', mac: '02:00:00:00:00:01' },
          { name: 'x', mac: link.hardwareAddr.toUpperCase() },
        ],
        ips: [
          { address: '198.51.100.7/24', interface: 0 },
          { address: '192.0.2.2/24', gateway: '192.0.2.1', interface: 1 },
          { address: '2001:db8:1::2/64', interface: 1 },
        ],
        routes: [
          { dst: '0.0.0.0/0' },
          { dst: '203.0.113.0/24', gw: '192.0.2.9' },
          { dst: '198.51.100.128/25', gw: '198.51.100.1' },
          { dst: '::/0', gw: '2001:db8:1::1' },
        ],
      }),
    );
    const addresses = ipJson<{ addr_info: { local: string; scope: string }[] }>('addr show eth0', pod)[0]?.addr_info;
    expect(addresses?.filter(({ scope }) => scope === 'global').map(({ local }) => local)).toEqual([
      '192.0.2.2',
      '2001:db8:1::2',
    ]);
    const routes = ipJson<{ dst: string; gateway?: string }>('route', pod).filter(({ gateway }) => gateway);
    expect(routes.map(({ dst, gateway }) => [dst, gateway])).toEqual([
      ['default', '192.0.2.1'],
      ['203.0.113.0/24', '192.0.2.9'],
    ]);
    expect(run('ip', ['-n', pod, '-6', 'route'])).toContain('default via 2001:db8:1::1');
  });

  it('says which hardware addresses the result has if none is that of the link', () => {
    const link = veth();
    expect(() =>
      configureLink(link, {
        cniVersion: '1.0.0',
        interfaces: [{ name: 'x', mac: '02:00:00:00:00:01' }, { name: 'y' }],
      }),
    ).toThrow(
      `the CNI result has no interface with the hardware address ${link.hardwareAddr} of eth0, but x (02:00:00:00:00:01), y (without one)`,
    );
  });
});

describe('validateAndFixResult', () => {
  const path = '/run/netns/x';

  it("reads the link in place of a result with one address and no routes, as Weave's is, and keeps its DNS", () => {
    const { hardwareAddr } = veth('192.0.2.2/24');
    ipIn(pod, 'route add default via 192.0.2.1');
    const dns = { nameservers: ['192.0.2.53'] };
    expect(inPod(() => validateAndFixResult({ cniVersion: '0.2.0', ip4: { ip: '192.0.2.99/24' }, dns }, path))).toEqual(
      {
        cniVersion: '1.0.0',
        interfaces: [{ name: 'eth0', mac: hardwareAddr, sandbox: path }],
        ips: [{ interface: 0, address: '192.0.2.2/24', gateway: '192.0.2.1' }],
        routes: [{ dst: '0.0.0.0/0', gw: '192.0.2.1' }],
        dns,
      },
    );
  });

  it('adds interfaces that are missing and corrects indexes that are wrong', () => {
    const { hardwareAddr } = veth('192.0.2.2/24', '2001:db8:1::2/64');
    const routes = [{ dst: '0.0.0.0/0', gw: '192.0.2.1' }];
    const added = inPod(() =>
      validateAndFixResult(
        { cniVersion: '0.2.0', ip4: { ip: '192.0.2.2/24', routes }, ip6: { ip: '2001:DB8:1:0::2/64' } },
        path,
      ),
    );
    expect(added.interfaces).toEqual([{ name: 'eth0', mac: hardwareAddr, sandbox: path }]);
    expect(added.ips?.map((each) => each.interface)).toEqual([0, 0]);
    const given = {
      cniVersion: '1.0.0' as const,
      interfaces: [{ name: 'br0' }, { name: 'eth0', sandbox: path }],
      ips: [{ address: '192.0.2.2/24', interface: 0 }],
      routes,
    };
    const text = JSON.stringify(given);
    const fixed = inPod(() => validateAndFixResult(given, path));
    expect(fixed.ips).toEqual([{ address: '192.0.2.2/24', interface: 1 }]);
    expect(fixed.interfaces).toEqual(given.interfaces);
    expect(JSON.stringify(given)).toBe(text);
  });

  it('says what is missing', () => {
    veth('192.0.2.2/24');
    const routes = [{ dst: '0.0.0.0/0', gw: '192.0.2.1' }];
    expect(() => inPod(() => validateAndFixResult({ cniVersion: '1.0.0', routes }, path))).toThrow(
      'the CNI result has no address',
    );
    expect(() =>
      inPod(() => validateAndFixResult({ cniVersion: '1.0.0', ips: [{ address: '192.0.2.8/24' }], routes }, path)),
    ).toThrow(
      /the CNI result says 192\.0\.2\.8\/24, but no link of the namespace has that address: there is .*192\.0\.2\.2\/24/,
    );
  });
});

describe('without /dev/net/tun', () => {
  const opening = (errno: number): string => {
    const restore = replaceSyscalls((real) => ({
      open: (file, flags, mode) => (file === '/dev/net/tun' ? -errno : real.open(file, flags, mode)),
    }));
    try {
      return inPod(() => openTap('tap5')).name;
    } finally {
      restore();
    }
  };

  it('the error says what is missing', () => {
    expect(() => opening(2)).toThrow(
      'cannot open the TAP device "tap5": this system has no /dev/net/tun (is the module tun loaded?)',
    );
    expect(() => opening(13)).toThrow('cannot open /dev/net/tun for the TAP device "tap5": permission denied');
  });
});
