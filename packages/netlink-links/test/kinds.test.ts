import { Netlink } from 'netlink-links';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ipIn, ipJson, makeNamespaces, uniqueName } from '#testkit';
import { checkKind } from './check-kind.js';
import { COMMON_KINDS } from './kind-cases.js';

let name = '';
let namespaces: Disposable;
beforeEach(() => {
  name = uniqueName('ns');
  namespaces = makeNamespaces(name);
});
afterEach(() => namespaces[Symbol.dispose]());

describe('links of every kind that this kernel has are made, read back, changed and deleted', () => {
  it.each(COMMON_KINDS.map((kind, index) => [`${kind.kind} (${index})`, kind] as const))('%s', (_, kind) =>
    checkKind(name, kind),
  );

  it('a veth peer is made in another namespace at once', async () => {
    const there = uniqueName('ns');
    using _ = makeNamespaces(there);
    using netlink = Netlink.open(name);
    using other = Netlink.open(there);
    const { resolveNamespace } = await import('netns-core');
    using handle = resolveNamespace(there);
    await netlink.linkAdd({
      type: 'veth',
      name: 'v0',
      up: true,
      peer: { name: 'eth0', hardwareAddr: '02:00:00:00:00:05', netnsFd: handle.fd },
    });
    expect(ipJson('link show eth0', there)[0]).toMatchObject({ address: '02:00:00:00:00:05' });
    const [v0, eth0] = [await netlink.linkByName('v0'), await other.linkByName('eth0')];
    expect(v0).toMatchObject({ type: 'veth', peerIndex: eth0.index });
    expect(v0.type === 'veth' && v0.peerNetnsId).toBeTypeOf('number');
  });

  it('an unknown kind comes through as generic, with its data, and can be made from them', async () => {
    // The kernel's bridge, asked for by name and bytes alone.
    using netlink = Netlink.open(name);
    await netlink.linkAdd({
      type: 'generic',
      kind: 'bridge',
      name: 'g0',
      data: Uint8Array.of(8, 0, 1, 0, 0x40, 6, 0, 0),
    });
    expect(ipJson('link show g0', name)[0]).toMatchObject({
      linkinfo: { info_kind: 'bridge', info_data: { forward_delay: 1600 } },
    });
  });

  it('what does not take effect on a new link is set after it; a link that fails is not left behind', async () => {
    using netlink = Netlink.open(name);
    await netlink.linkAdd({
      type: 'veth',
      name: 'v0',
      alias: 'the first',
      ipv6AddrGenMode: 'none',
      peer: { name: 'v1' },
    });
    expect(ipJson('link show v0', name)[0]).toMatchObject({ ifalias: 'the first', inet6_addr_gen_mode: 'none' });
    expect(await netlink.linkByAlias('the first')).toMatchObject({ name: 'v0', ipv6AddrGenMode: 'none' });
    await expect(netlink.linkAdd({ type: 'bridge', name: 'br0', alias: 'x', carrier: false }))
      .rejects.toMatchObject({ code: 'EINVAL' })
      .catch(() => undefined);
    await expect(netlink.linkByAlias('the second')).rejects.toThrow('cannot find the link with alias "the second"');
  });

  it('alternative names are given, found and taken away', async () => {
    using netlink = Netlink.open(name);
    await netlink.linkAdd({ type: 'bridge', name: 'br0' });
    const long = `a-name-that-is-longer-than-${'x'.repeat(90)}`;
    await netlink.linkAddAltName('br0', long, 'short');
    expect(ipJson('link show br0', name)[0]).toMatchObject({ altnames: [long, 'short'] });
    expect((await netlink.linkByName(long)).altNames).toEqual([long, 'short']);
    await netlink.linkSetUp(long);
    expect((await netlink.linkByName('short')).flags).toContain('up');
    await netlink.linkDelAltName('br0', long);
    expect((await netlink.linkByName('br0')).altNames).toEqual(['short']);
  });

  it('all that can be set of a link is what ip shows of it', async () => {
    using netlink = Netlink.open(name);
    await netlink.linkAdd({ type: 'bridge', name: 'br0' });
    await netlink.linkAdd({ type: 'veth', name: 'v0', peer: { name: 'v1' } });
    await netlink.linkSetMTU('v0', 1300);
    await netlink.linkSetHardwareAddr('v0', '02:00:00:00:00:77');
    await netlink.linkSetTxQLen('v0', 5);
    await netlink.linkSetAlias('v0', 'größer');
    await netlink.linkSetMaster('v0', 'br0');
    await netlink.setPromiscOn('v0');
    await netlink.linkSetUp('v0');
    await netlink.linkModify('v0', { group: 7, allMulticast: true, arp: false });
    const [shown] = ipJson('link show v0', name);
    expect(shown).toMatchObject({
      mtu: 1300,
      address: '02:00:00:00:00:77',
      txqlen: 5,
      ifalias: 'größer',
      master: 'br0',
      group: '7',
    });
    expect(shown?.flags).toEqual(expect.arrayContaining(['PROMISC', 'UP', 'ALLMULTI', 'NOARP']));
    const link = await netlink.linkByName('v0');
    expect(link).toMatchObject({
      mtu: 1300,
      alias: 'größer',
      group: 7,
      slaveKind: 'bridge',
      masterIndex: (await netlink.linkByName('br0')).index,
    });
    expect(link.flags).toEqual(expect.arrayContaining(['promisc', 'up', 'allmulti', 'noarp']));
    await netlink.setPromiscOff('v0');
    await netlink.linkSetNoMaster('v0');
    await netlink.linkSetDown('v0');
    await netlink.linkSetName('v0', 'renamed');
    expect(ipJson('link show renamed', name)[0]).not.toHaveProperty('master');
    ipIn(name, 'link del renamed');
  });
});
