import { LinkNotFoundError, Netlink } from 'netlink-links';
import * as operations from 'netlink-links/operations';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeNamespaces, run, uniqueName, vethBetween } from '#testkit';

const namespace = uniqueName('xd');
const other = uniqueName('xe');
let namespaces: Disposable;
let netlink: Netlink;

beforeAll(() => {
  namespaces = makeNamespaces(namespace, other);
  vethBetween({ namespace, name: 'v0', addresses: [] }, { namespace: other, name: 'v1', addresses: [] });
  netlink = Netlink.open(namespace);
});
afterAll(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});

it('linkSetXdp refuses what cannot be', () => {
  const { linkSetXdp } = operations;
  expect(() => linkSetXdp('v0', { program: 1.5 })).toThrow(/^program must be an integer/);
  expect(() => linkSetXdp('v0', { program: { id: 0 } })).toThrow(/^program\.id must be an integer from 1/);
  expect(() => linkSetXdp('v0', { program: { id: 1, pinned: '/x' } as never })).toThrow(/one of them$/);
  expect(() => linkSetXdp('v0', { program: 3, mode: 'skb' as never })).toThrow(/^mode must be one of 'auto'/);
  expect(() => linkSetXdp('v0', { program: null, onlyIfNone: true })).toThrow(/^onlyIfNone attaches/);
  expect(() => netlink.sync.linkSetXdp('none', { program: null })).toThrow(LinkNotFoundError);
});

it('a pinned XDP program that cannot be opened is named', () => {
  expect(() => netlink.sync.linkSetXdp('v0', { program: { pinned: '/sys/fs/bpf/none' } })).toThrow(
    /^cannot attach an XDP program to link v0: the BPF program at \/sys\/fs\/bpf\/none cannot be opened \(bpf: E[A-Z]+\)$/,
  );
});

describe('source addresses of a macvlan', () => {
  it('are added and taken away one by one, as ip shows', () => {
    const { sync } = netlink;
    sync.linkAdd({ type: 'macvlan', name: 'm0', parent: 'v0', mode: 'source', sourceAddresses: ['02:00:00:00:00:01'] });
    sync.macvlanAddressAdd('m0', ['02:00:00:00:00:02', '02:00:00:00:00:03']);
    sync.macvlanAddressDel('m0', '02:00:00:00:00:01');
    const addresses = ['02:00:00:00:00:02', '02:00:00:00:00:03'];
    expect(sync.linkByName('m0')).toMatchObject({ type: 'macvlan' });
    const [link] = sync.linkList({ type: 'macvlan' });
    expect([...((link?.type === 'macvlan' && link.sourceAddresses) || [])].sort()).toEqual(addresses);
    const text = run('ip', ['-n', namespace, '-d', 'link', 'show', 'm0']);
    for (const address of addresses) expect(text).toContain(address);
    expect(text).not.toContain('02:00:00:00:00:01');
    sync.linkDel('m0');
    expect(() => sync.macvlanAddressAdd('v0', '02:00:00:00:00:02')).toThrow(
      /^cannot add source address 02:00:00:00:00:02 of link v0: /,
    );
    expect(() => operations.macvlanAddressAdd('m0', [])).toThrow(/^addresses must be a hardware address/);
  });
});
