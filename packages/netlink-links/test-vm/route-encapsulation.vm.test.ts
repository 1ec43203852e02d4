import { writeFileSync } from 'node:fs';
import { Netlink, type Route, type RouteEncap } from 'netlink-links';
import { runInNamespace } from 'netns-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ipIn, ipJson, makeNamespaces, uniqueName } from '#testkit';

const namespace = uniqueName('ve');
let netlink: Netlink;
let namespaces: Disposable;
beforeAll(() => {
  namespaces = makeNamespaces(namespace);
  for (const line of [
    'link add d0 type dummy',
    'link set d0 up',
    'addr add 192.0.2.1/24 dev d0',
    'link add vrf0 type vrf table 300',
    'link set vrf0 up',
  ])
    ipIn(namespace, line);
  // A table belongs to one VRF then, and the kernel wants to know which.
  runInNamespace(namespace, () => writeFileSync('/proc/sys/net/vrf/strict_mode', '1'));
  netlink = Netlink.open(namespace);
});
afterAll(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});

const IPV4 = '203.0.113.0/24';
const IPV6 = '2001:db8:9::/48';

// Not xfrm, which is of Linux 6.2.
describe('the encapsulation of routes, on a kernel that has MPLS and VRFs', () => {
  it.each<readonly [string, string, RouteEncap, string]>([
    [IPV4, 'mpls 100/200', { type: 'mpls', labels: [100, 200] }, 'via 192.0.2.9'],
    [IPV4, 'mpls 16 ttl 7', { type: 'mpls', labels: [16], ttl: 7 }, 'via 192.0.2.9'],
    [
      IPV6,
      'seg6local action End.DT4 vrftable 300',
      { type: 'seg6local', action: 'End.DT4', vrfTable: 300 },
      'dev vrf0',
    ],
    [
      IPV6,
      'seg6local action End.DT46 vrftable 300',
      { type: 'seg6local', action: 'End.DT46', vrfTable: 300 },
      'dev vrf0',
    ],
  ])('to %s by "%s" is read, and written, as ip does', (dst, line, encap, way) => {
    const shown = () => ipJson(`-d ${dst === IPV4 ? '-4' : '-6'} route show ${dst}`, namespace);
    ipIn(namespace, `route add ${dst} encap ${line} ${way}`);
    const before = shown();
    const [route] = netlink.sync.routeList({ dst });
    expect(route?.encap).toEqual(encap);
    netlink.sync.routeDel(route as Route);
    expect(shown()).toEqual([]);
    netlink.sync.routeAdd(route as Route);
    expect(shown()).toEqual(before);
    netlink.sync.routeDel(route as Route);
  });
});
