import { type LinkChanges, Netlink, NetlinkError } from 'netlink-links';
import { linkAdd, linkSetNetns, linkSetUp } from 'netlink-links/operations';
import { NamespaceNotFoundError } from 'netns-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ip, ipIn, ipJson, leakedFds, makeNamespaces, openFds, run, uniqueName } from '#testkit';
import { assignedNsid } from '../src/nsid/request.js';

describe('identifiers of namespaces', () => {
  const here = uniqueName('ni');
  const there = uniqueName('nj');
  let namespaces: Disposable;
  let netlink: Netlink;
  beforeEach(() => {
    namespaces = makeNamespaces(here, there);
    netlink = Netlink.open(here);
  });
  afterEach(() => {
    netlink.close();
    namespaces[Symbol.dispose]();
  });
  const shown = () =>
    JSON.parse(run('ip', ['-n', here, '-j', 'netns', 'list-id']) || '[]') as { nsid: number; name?: string }[];

  it('are none until one is given, and then what ip shows', () => {
    expect(netlink.sync.nsidGet(there)).toBeUndefined();
    netlink.sync.nsidSet(there, 42);
    expect(netlink.sync.nsidGet(there)).toBe(42);
    expect(shown()).toMatchObject([{ nsid: 42, name: there }]);
    expect(() => netlink.sync.nsidSet(there, 43)).toThrow(/^cannot give an identifier to .*\(EEXIST\)$/);
  });

  it('are chosen by the kernel when a link reaches over', async () => {
    ip(`link add va netns ${here} type veth peer name vb netns ${there}`);
    const nsid = await netlink.nsidGet({ name: there });
    expect(nsid).toBeTypeOf('number');
    expect(netlink.sync.linkByName('va').linkNetnsId).toBe(nsid);
    expect(shown()).toMatchObject([{ nsid, name: there }]);
  });

  it('leak no file descriptor, and name the namespace that is not there', async () => {
    netlink.sync.nsidGet(there);
    await netlink.nsidGet(there);
    const before = openFds();
    for (let round = 0; round < 5; round += 1) {
      netlink.sync.nsidGet(there);
      await netlink.nsidGet(there);
    }
    expect(leakedFds(before)).toEqual([]);
    expect(() => netlink.sync.nsidGet('no-such-namespace')).toThrow(NamespaceNotFoundError);
    await expect(netlink.nsidGet('no-such-namespace')).rejects.toThrow(/no-such-namespace/);
    expect(() => netlink.sync.nsidSet(there, -1)).toThrow(/nsid must be an integer/);
  });
});

describe('links and namespaces by reference', () => {
  const here = uniqueName('nk');
  const there = uniqueName('nl');
  let namespaces: Disposable;
  let netlink: Netlink;
  let over: Netlink;
  beforeEach(() => {
    namespaces = makeNamespaces(here, there);
    netlink = Netlink.open(here);
    over = Netlink.open(there);
  });
  afterEach(() => {
    netlink.close();
    over.close();
    namespaces[Symbol.dispose]();
  });

  it('moves a link, and returns its index over there', async () => {
    ipIn(here, 'link add v0 type veth peer name v1');
    ipIn(there, 'link add x0 type veth peer name x1');
    const index = await netlink.linkSetNetns('v0', there);
    expect(ipJson('link show v0', there)[0]?.ifindex).toBe(index);
    expect(over.sync.linkSetNetns('v0', { name: there })).toBe(index);
    expect(over.sync.linkSetNetns('v0', { name: here })).toBe(netlink.sync.linkByName('v0').index);
    expect(() => netlink.sync.linkSetNetns('v0', 'no-such-namespace')).toThrow(NamespaceNotFoundError);
    expect(() => netlink.sync.linkSetNetns('v0', {} as never)).toThrow(/^invalid namespace: /);
    expect(() => netlink.sync.linkSetNetns('v9', there)).toThrow(
      /^cannot move link v9 to .*: there is no link "v9" in the namespace \(ENODEV\)$/,
    );
  });

  it('moves in a batch', async () => {
    const [, index] = await netlink.batch([
      linkAdd({ type: 'veth', name: 'v0', peer: { name: 'v1' } }),
      linkSetNetns('v0', there),
      linkSetUp('v1'),
    ]);
    expect(over.sync.linkByName('v0').index).toBe(index);
  });

  it('makes a link on top of one in another namespace, as ip does with link-netns', () => {
    ipIn(there, 'link add v0 type veth peer name v1');
    const parent = over.sync.linkByName('v0');
    netlink.sync.linkAdd({ type: 'macvlan', name: 'm0', parent: 'v0', linkNetns: there });
    const nsid = netlink.sync.nsidGet(there);
    const made = netlink.sync.linkByName('m0');
    expect(made).toMatchObject({ parentIndex: parent.index, linkNetnsId: nsid });
    expect(ipJson('-d link show m0', here)[0]).toMatchObject({ link_index: parent.index, link_netnsid: nsid });
    netlink.sync.linkAdd({ type: 'macvlan', name: 'm1', parent: parent.index, linkNetns: { name: there } });
    expect(netlink.sync.linkByName('m1').linkNetnsId).toBe(nsid);
    netlink.sync.linkDel('m1');
    netlink.sync.linkDel('m0');
    netlink.sync.linkAdd(made);
    expect(netlink.sync.linkByName('m0')).toMatchObject({ parentIndex: parent.index, linkNetnsId: nsid });
  });

  it('makes a link that was read in another namespace', () => {
    ipIn(here, 'link add br0 type bridge ageing_time 12300');
    const read = netlink.sync.linkByName('br0');
    expect(read.ipv6AddrGenMode).toBe('eui64');
    netlink.sync.linkAdd({ ...read, netns: there });
    expect(over.sync.linkByName('br0')).toMatchObject({ type: 'bridge', ageingTime: 12_300, ipv6AddrGenMode: 'eui64' });
    // What the kernel wants set on the finished link cannot be set over there: it is refused, and not lost.
    ipIn(here, 'link set br0 addrgenmode none');
    over.sync.linkDel('br0');
    expect(() => netlink.sync.linkAdd({ ...netlink.sync.linkByName('br0'), netns: there })).toThrow(
      /^ipv6AddrGenMode can be given to a new link only if /,
    );
    expect(() => linkAdd({ type: 'bridge', name: 'br1', ipv6AddrGenMode: 'eui64', netns: there })).toThrow(
      /^ipv6AddrGenMode can be given/,
    );
  });

  it('takes an identifier that another program has given in the meantime', () => {
    const program = assignedNsid({ netnsFd: 3 });
    expect(program.next().done).toBe(false);
    // There is none, and then there is one.
    expect(program.next(-1).done).toBe(false);
    const identity = { name: 'linkAdd', description: 'add link', target: 'v0' };
    expect(program.throw(NetlinkError.refused(identity, { errno: 17, extack: undefined })).done).toBe(false);
    expect(program.next(42)).toEqual({ done: true, value: 42 });
    const refused = assignedNsid({ netnsFd: 3 });
    refused.next();
    refused.next(-1);
    expect(() => refused.throw(NetlinkError.refused(identity, { errno: 1, extack: undefined }))).toThrow(/\(EPERM\)$/);
  });

  it('refuses what cannot be, and sends nothing for a namespace that is not there', () => {
    const spec = { type: 'macvlan', name: 'm0', parent: 'v0' } as const;
    expect(() => netlink.sync.linkAdd({ ...spec, linkNetns: there, linkNetnsId: 1 })).toThrow(
      'linkNetns and linkNetnsId both say where `parent` is',
    );
    expect(() => netlink.sync.linkAdd({ ...spec, linkNetns: {} as never })).toThrow(/^invalid linkNetns: /);
    expect(() => netlink.sync.linkAdd({ ...spec, linkNetns: 'no-such-namespace' })).toThrow(NamespaceNotFoundError);
    expect(() => netlink.sync.linkAdd({ ...spec, linkNetns: there })).toThrow(/there is no link "v0"/);
    expect(() => netlink.sync.linkModify('lo', { linkNetns: there } as LinkChanges)).toThrow(
      'linkNetns can be given to a new link only',
    );
    expect(netlink.sync.linkList().map(({ name }) => name)).toEqual(['lo']);
  });

  it('leaves no file descriptor open', async () => {
    const spec = { type: 'macvlan', name: 'm0', parent: 'v0', linkNetns: there, netns: here } as const;
    const round = async (): Promise<void> => {
      ipIn(there, 'link add v0 type veth peer name v1');
      await netlink.linkAdd(spec);
      await over.linkSetNetns('v1', here);
      await netlink.linkSetNetns('v1', 'no-such-namespace').catch(() => {});
      await netlink.linkAdd({ ...spec, name: 'm1', parent: 'v9' }).catch(() => {});
      netlink.sync.linkDel('v1');
    };
    await round();
    const before = openFds();
    await round();
    expect(leakedFds(before)).toEqual([]);
  });
});
