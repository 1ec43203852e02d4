import { addrList, LinkNotFoundError, linkByName, linkList } from 'netlink-links';
import { afterEach, describe, expect, it } from 'vitest';
import { ip, ipJson, leakedFds, openFds } from '#testkit';

describe('reading what iproute2 made', () => {
  afterEach(() => {
    for (const { ifname } of ipJson<{ ifname: string }>('link show'))
      if (ifname !== 'lo')
        try {
          ip(`link del ${ifname}`);
        } catch {}
  });

  it('lists links with the attributes that ip shows', () => {
    ip('link add v0 type veth peer name v1');
    const shown = ipJson<Record<string, unknown>>('link show');
    const links = linkList();
    expect(
      links.map(({ name, index, mtu, hardwareAddr, txQLen, qdisc }) => ({
        name,
        index,
        mtu,
        hardwareAddr,
        txQLen,
        qdisc,
      })),
    ).toEqual(
      shown.map((link) => ({
        name: link.ifname,
        index: link.ifindex,
        mtu: link.mtu,
        hardwareAddr: link.address,
        txQLen: link.txqlen,
        qdisc: link.qdisc,
      })),
    );
  });

  it('finds a link by its name, and a veth end knows its peer', () => {
    ip('link add v0 type veth peer name v1');
    const v0 = linkByName('v0');
    const v1 = linkByName('v1');
    expect(v0).toMatchObject({ type: 'veth', name: 'v0', peerIndex: v1.index });
    expect(v0.statistics?.rxBytes).toBe(0n);
  });

  it('names a link that is not there', () => {
    expect(() => linkByName('eth9')).toThrow(LinkNotFoundError);
    expect(() => linkByName('eth9')).toThrow(
      'cannot find link eth9: there is no link "eth9" in the namespace (ENODEV)',
    );
    expect(() => addrList('eth9')).toThrow(
      'cannot list the addresses of eth9: there is no link "eth9" in the namespace (ENODEV)',
    );
  });

  it('lists the addresses of one link', () => {
    ip('link add v0 type veth peer name v1');
    ip('addr add 192.0.2.1/24 dev v0');
    ip('addr add 2001:db8::1/64 dev v0 nodad');
    expect(addrList('v0').map(({ address, scope, label }) => ({ address, scope, label }))).toEqual([
      { address: '192.0.2.1/24', scope: 'global', label: 'v0' },
      { address: '2001:db8::1/64', scope: 'global', label: undefined },
    ]);
  });

  it('leaves no file descriptor behind', () => {
    linkList();
    const before = openFds();
    linkList();
    expect(() => linkByName('eth9')).toThrow();
    expect(leakedFds(before)).toEqual([]);
  });
});
