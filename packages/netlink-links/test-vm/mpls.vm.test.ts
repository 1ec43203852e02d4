import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { type MplsRoute, Netlink } from 'netlink-links';
import { runInNamespace } from 'netns-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ipIn, ipJson, makeNamespaces, uniqueName, vethBetween } from '#testkit';

const [host, router, far] = [uniqueName('ma'), uniqueName('mr'), uniqueName('mb')];
let namespaces: Disposable;
let netlink: Netlink;

const set = (namespace: string, name: string, value: string): void =>
  runInNamespace(namespace, () => writeFileSync(`/proc/sys/net/${name.replaceAll('.', '/')}`, value));

beforeAll(() => {
  namespaces = makeNamespaces(host, router, far);
  vethBetween(
    { namespace: host, name: 'a0', addresses: ['192.0.2.1/24'] },
    { namespace: router, name: 'r0', addresses: ['192.0.2.2/24'] },
  );
  vethBetween(
    { namespace: router, name: 'r1', addresses: ['198.51.100.1/24', '2001:db8:1::1/64'] },
    { namespace: far, name: 'b0', addresses: ['198.51.100.2/24', '2001:db8:1::2/64'] },
  );
  ipIn(far, 'addr add 203.0.113.9/32 dev lo');
  ipIn(far, 'route add 192.0.2.0/24 via 198.51.100.1');
  set(router, 'ipv4.ip_forward', '1');
  for (const namespace of [router, far]) set(namespace, 'mpls.platform_labels', '10000');
  set(router, 'mpls.conf.r0.input', '1');
  set(far, 'mpls.conf.b0.input', '1');
  netlink = Netlink.open(router);
});
afterAll(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});

const shown = (): unknown[] => ipJson('-f mpls route show', router);
const pings = (): boolean =>
  spawnSync('ip', ['netns', 'exec', host, 'ping', '-c', '2', '-i', '0.2', '-W', '2', '203.0.113.9']).status === 0;

describe('routes of MPLS', () => {
  it.each([
    '100 as 200 via inet 198.51.100.2 dev r1',
    '101 as 200/300/400 via inet6 2001:db8:1::2 dev r1',
    '102 via inet 198.51.100.2 dev r1 proto static',
    '103 via link 02:00:00:00:00:09 dev r1',
    '104 dev lo',
    '105 via inet 198.51.100.2 dev r1 ttl-propagate disabled',
    '106 via inet 198.51.100.2 dev r1 ttl-propagate enabled',
    '107 nexthop as 200 via inet 198.51.100.2 dev r1 nexthop as 201/202 via inet 192.0.2.1 dev r0',
  ])('"%s" is read, removed, and added as read, as ip shows it', (line) => {
    ipIn(router, `-f mpls route add ${line}`);
    const before = shown();
    const [route, ...others] = netlink.sync.mplsRouteList();
    expect(others).toEqual([]);
    expect(route?.unknown).toBeUndefined();
    netlink.sync.mplsRouteDel(route as MplsRoute);
    expect(shown()).toEqual([]);
    netlink.sync.mplsRouteAdd(route as MplsRoute);
    expect(shown()).toEqual(before);
    expect(netlink.sync.mplsRouteList()).toEqual([route]);
    netlink.sync.mplsRouteReplace(route as MplsRoute);
    expect(shown()).toEqual(before);
    ipIn(router, `-f mpls route del ${route?.label}`);
    expect(netlink.sync.mplsRouteList()).toEqual([]);
  });

  it('what ip shows is what was written', async () => {
    await netlink.mplsRouteAdd({ label: 100, swapTo: [200, 300], via: '198.51.100.2', oif: 'r1', protocol: 'bgp' });
    expect(shown()).toMatchObject([
      { dst: '100', to: '200/300', via: { family: 'inet', host: '198.51.100.2' }, dev: 'r1', protocol: 'bgp' },
    ]);
    await netlink.mplsRouteDel({ label: 100 });
  });

  it('forward packets, exchange their labels, and take them away', async () => {
    ipIn(host, 'route add 203.0.113.9/32 encap mpls 100 via 192.0.2.2');
    expect(pings()).toBe(false);
    // The far end takes away the last label, and delivers what is below it.
    const end = Netlink.open(far);
    end.sync.mplsRouteAdd({ label: 200, oif: 'lo' });
    await netlink.mplsRouteAdd({ label: 100, swapTo: [200], via: '198.51.100.2' });
    expect(pings()).toBe(true);
    // A label that the far end does not know.
    netlink.sync.mplsRouteReplace({ label: 100, swapTo: [201], via: '198.51.100.2' });
    expect(pings()).toBe(false);
    // The router takes the label away itself.
    netlink.sync.mplsRouteReplace({ label: 100, via: '198.51.100.2' });
    end.sync.mplsRouteDel({ label: 200 });
    expect(pings()).toBe(true);
    netlink.sync.mplsRouteDel({ label: 100 });
    expect(pings()).toBe(false);
    end.close();
  });

  it('and what the kernel refuses, in its words', async () => {
    await expect(netlink.mplsRouteAdd({ label: 20_000, via: '198.51.100.2' })).rejects.toThrow(
      /^cannot add MPLS route 20000 via 198\.51\.100\.2: .*platform_labels/,
    );
    await netlink.mplsRouteAdd({ label: 100, via: '198.51.100.2' });
    await expect(netlink.mplsRouteAdd({ label: 100, via: '198.51.100.2' })).rejects.toMatchObject({ code: 'EEXIST' });
    await netlink.mplsRouteDel({ label: 100 });
    // The kernel does not say that there is none.
    await netlink.mplsRouteDel({ label: 100 });
    await expect(netlink.mplsRouteAdd({ label: 100, oif: 'none' })).rejects.toMatchObject({ code: 'ENODEV' });
  });
});
