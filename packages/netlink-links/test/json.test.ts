import { once } from 'node:events';
import { createServer } from 'node:net';
import { Netlink } from 'netlink-links';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ipIn, makeNamespaces, uniqueName } from '#testkit';
import { withJson } from '../src/message/json.js';

const namespace = uniqueName('js');
let namespaces: Disposable;
let netlink: Netlink;

beforeAll(() => {
  namespaces = makeNamespaces(namespace);
  netlink = Netlink.open(namespace);
  ipIn(namespace, 'link set lo up');
  ipIn(namespace, 'link add j0 type veth peer name j1');
  ipIn(namespace, 'link set j0 up');
  ipIn(namespace, 'rule add tun_id 77 table 5 pref 5');
  netlink.sync.qdiscAdd({ kind: 'pfifo', link: 'j0' });
});
afterAll(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});

it('64-bit counters are numbers in JSON where these are exact, else decimal strings', () => {
  const read = withJson({ small: 5n, exact: 2n ** 53n - 1n, large: 2n ** 53n, name: 'x', absent: undefined });
  expect(JSON.parse(JSON.stringify(read))).toEqual({
    small: 5,
    exact: Number.MAX_SAFE_INTEGER,
    large: '9007199254740992',
    name: 'x',
  });
  expect(Object.keys(read)).toEqual(['small', 'exact', 'large', 'name', 'absent']);
});

it('every object that is read can be written as JSON', async () => {
  const { sync } = netlink;
  const links = JSON.parse(JSON.stringify(sync.linkList()));
  expect(links[0].statistics.rxBytes).toBe(Number(sync.linkByName('lo').statistics?.rxBytes));
  const qdiscs = JSON.parse(JSON.stringify(sync.qdiscList({ link: 'j0' })));
  expect(qdiscs[0].statistics).toMatchObject({ bytes: expect.any(Number), packets: expect.any(Number) });
  const rules = JSON.parse(JSON.stringify(sync.ruleList()));
  expect(rules).toContainEqual(expect.objectContaining({ tunnelId: 77 }));
  for (const list of [sync.addrList(), sync.routeList({ table: 'all' }), sync.neighList(), sync.bridgeVlanList()])
    expect(JSON.parse(JSON.stringify(list))).toHaveLength(list.length);
});

it('sockets that are read can be written as JSON', async () => {
  // Of this process, in the namespace of the sandbox.
  const here = Netlink.open();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const [found] = here.sync.socketList({ states: ['listen'], details: ['tcp'] });
  const written = JSON.parse(JSON.stringify(found));
  expect(written).toMatchObject({ inode: found?.inode, tcp: { bytesSent: 0 } });
  expect(BigInt(written.cookie)).toBe(found?.cookie);
  server.close();
  here.close();
});

it('a list of links without statistics has none', () => {
  for (const link of netlink.sync.linkList({ statistics: false })) expect('statistics' in link).toBe(false);
  expect(netlink.sync.linkList({ statistics: false })).toHaveLength(netlink.sync.linkList().length);
});
