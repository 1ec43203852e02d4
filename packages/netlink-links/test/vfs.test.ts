import type { Link, Operation, Vf, VfSettings } from 'netlink-links';
import { LinkNotFoundError, Netlink } from 'netlink-links';
import { attr } from 'netlink-links/attributes';
import { linkByName, linkList, linkSetVf } from 'netlink-links/operations';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ip, ipJson } from '#testkit';
import { encodeAttributes } from '../src/attributes/attribute-spec.js';
import { readVfs } from '../src/link/vf/read.js';
import { AttributeReader } from '../src/message/attribute-reader.js';
import { MessageBytes } from '../src/message/message-bytes.js';
import { ours, sentBy } from './sent-by.ts';

let v0 = 0;
beforeAll(() => {
  ip('link add v0 type veth peer name v1');
  v0 = Number(ipJson('link show v0')[0]?.ifindex);
});
afterAll(() => void ip('link del v1'));

describe('virtual functions, byte for byte what ip sends', () => {
  it.each<[string, number, VfSettings]>([
    ['vf 3 mac 02:00:00:00:00:03', 3, { hardwareAddr: '02:00:00:00:00:03' }],
    ['vf 0 vlan 10', 0, { vlan: { id: 10 } }],
    ['vf 0 vlan 10 qos 5', 0, { vlan: { id: 10, qos: 5 } }],
    ['vf 0 vlan 0', 0, { vlan: { id: 0 } }],
    ['vf 1 vlan 10 qos 5 proto 802.1ad', 1, { vlan: { id: 10, qos: 5, protocol: '802.1ad' } }],
    ['vf 1 max_tx_rate 100 min_tx_rate 10', 1, { maxTxRate: 100_000_000, minTxRate: 10_000_000 }],
    ['vf 2 spoofchk on', 2, { spoofCheck: true }],
    ['vf 2 spoofchk off', 2, { spoofCheck: false }],
    ['vf 2 query_rss on', 2, { rssQuery: true }],
    ['vf 2 trust on', 2, { trust: true }],
    ['vf 2 state auto', 2, { linkState: 'auto' }],
    ['vf 2 state enable', 2, { linkState: 'enable' }],
    ['vf 2 state disable', 2, { linkState: 'disable' }],
    ['vf 2 node_guid 00:11:22:33:44:55:66:77', 2, { nodeGuid: '00:11:22:33:44:55:66:77' }],
    ['vf 2 port_guid 00:11:22:33:44:55:66:77', 2, { portGuid: '00:11:22:33:44:55:66:77' }],
    [
      'vf 7 mac 02:00:00:00:00:03 vlan 10 qos 5 proto 802.1Q spoofchk on query_rss off trust on state enable min_tx_rate 1 max_tx_rate 2',
      7,
      {
        hardwareAddr: '02:00:00:00:00:03',
        vlan: { id: 10, qos: 5, protocol: '802.1q' },
        spoofCheck: true,
        rssQuery: false,
        trust: true,
        linkState: 'enable',
        minTxRate: 1_000_000,
        maxTxRate: 2_000_000,
      },
    ],
  ])('link set dev v0 %s', (words, vf, settings) => {
    expect(ours(linkSetVf(v0, vf, settings))).toBe(sentBy('ip', `link set dev v0 ${words}`)[0]);
  });

  it('are asked for with the extended mask that ip has', () => {
    const RTEXT_FILTER_VF = 1;
    const mask = (operation: Operation<unknown>): number => {
      const message = Buffer.from(ours(operation), 'hex');
      return message.readUInt32LE(message.indexOf(Uint8Array.of(8, 0, 29, 0)) + 4);
    };
    expect(mask(linkList({ vfs: true })) & RTEXT_FILTER_VF).toBe(RTEXT_FILTER_VF);
    expect(mask(linkList()) & RTEXT_FILTER_VF).toBe(0);
    expect(mask(linkByName('v0', { vfs: true })) & RTEXT_FILTER_VF).toBe(RTEXT_FILTER_VF);
  });
});

const u32s = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
const NONE = 0xffffffff;

/** The list of virtual functions as the kernel writes it in `rtnl_fill_vf`. */
function kernelsList(): Uint8Array {
  const mac = Uint8Array.of(...u32s(3), 2, 0, 0, 0, 0, 3, ...Array<number>(26).fill(0));
  return encodeAttributes([
    attr.nested(1, [
      attr.bytes(1, mac),
      attr.bytes(13, Uint8Array.of(255, 255, 255, 255, 255, 255, ...Array<number>(26).fill(0))),
      attr.bytes(2, u32s(3, 10, 5)),
      attr.bytes(6, u32s(3, 10, 100)),
      attr.bytes(3, u32s(3, 100)),
      attr.bytes(4, u32s(3, 1)),
      attr.bytes(5, u32s(3, 2)),
      attr.bytes(7, u32s(3, NONE)),
      attr.bytes(9, u32s(3, 0)),
      attr.bytes(10, Uint8Array.of(...u32s(3, 0), 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0)),
      attr.nested(12, [attr.bytes(1, Uint8Array.of(...u32s(3, 10, 5), 0x88, 0xa8, 0, 0))]),
      attr.nested(8, [attr.u64(0, 5n), attr.u64(1, 6n), attr.flag(6), attr.u64(7, 7n), attr.u64(30, 8n)]),
      attr.u32(99, 1),
    ]),
    attr.nested(1, [attr.bytes(1, Uint8Array.of(...u32s(4), ...Array<number>(32).fill(0)))]),
  ]);
}

const VF: Vf = {
  vf: 3,
  hardwareAddr: '02:00:00:00:00:03',
  broadcast: 'ff:ff:ff:ff:ff:ff',
  vlan: { id: 10, qos: 5, protocol: '802.1ad' },
  minTxRate: 10_000_000,
  maxTxRate: 100_000_000,
  linkState: 'disable',
  spoofCheck: true,
  trust: false,
  nodeGuid: '00:11:22:33:44:55:66:77',
  statistics: {
    rxPackets: 5n,
    txPackets: 6n,
    rxDropped: 7n,
    unknown: [{ attribute: 30, data: Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 0) }],
  },
  unknown: [{ attribute: 99, data: Uint8Array.of(1, 0, 0, 0) }],
};

describe('virtual functions as the kernel tells them', () => {
  const listOf = (encoded: Uint8Array): Vf[] => {
    const bytes = MessageBytes.from(encoded);
    const vfs = readVfs(new AttributeReader(bytes, 0, encoded.length));
    expect(bytes.error).toBeUndefined();
    return vfs;
  };

  it('are read, with what this package does not know', () => {
    const [first, second] = listOf(kernelsList());
    expect(first).toEqual(VF);
    expect(second).toEqual({ vf: 4, hardwareAddr: '00:00:00:00:00:00' });
  });

  it('are written as they were read', () => {
    const message = Buffer.from(ours(linkSetVf(v0, VF.vf, VF)), 'hex');
    const IFINFOMSG_END = 32;
    // IFLA_VFINFO_LIST
    expect(message.readUInt16LE(IFINFOMSG_END + 2) & 0x3fff).toBe(22);
    const { statistics: _, broadcast: __, ...settings } = VF;
    expect(listOf(message.subarray(IFINFOMSG_END + 4))).toEqual([settings]);
  });

  it('are not there of links that have none, and may be given back with a link', async () => {
    using netlink = Netlink.open();
    const link = await netlink.linkByName('v0', { vfs: true });
    expect(link.vfs).toBeUndefined();
    netlink.sync.linkModify('v0', { ...link, vfs: [VF] } as Link);
    expect(netlink.sync.linkList({ vfs: true }).map(({ name }) => name)).toContain('v0');
    await expect(netlink.linkSetVf('v0', 0, { trust: true })).rejects.toMatchObject({ code: 'EOPNOTSUPP' });
    await expect(netlink.linkSetVf('v0', 0, { minTxRate: 1_000_000 })).rejects.toThrow(
      /^cannot set virtual function 0 of link v0: /,
    );
    await expect(netlink.linkSetVf('none', 0, { trust: true })).rejects.toThrow(LinkNotFoundError);
  });
});

it.each<[string, unknown, RegExp]>([
  ['nothing', {}, /^linkSetVf needs at least one of hardwareAddr, vlan, /],
  ['a rate that is no whole megabits', { maxTxRate: 1500 }, /^maxTxRate must be whole megabits, in bits per second/],
  ['a least rate above the most', { minTxRate: 2e6, maxTxRate: 1e6 }, /^minTxRate 2000000 is more than maxTxRate/],
  ['a VLAN of 13 bits', { vlan: { id: 4096 } }, /^vlan\.id must be an integer from 0 to 4095/],
  ['a VLAN without a number', { vlan: [{ qos: 1 }] }, /^vlan\[0\] needs the `id`/],
  ['a priority of 4 bits', { vlan: { id: 1, qos: 8 } }, /^vlan\.qos must be an integer from 0 to 7/],
  ['no VLAN', { vlan: [] }, /^vlan must be a VLAN or an array/],
  ['a GUID of six bytes', { nodeGuid: '02:00:00:00:00:01' }, /^invalid nodeGuid/],
  ['a word of ip', { spoofchk: true }, /spoofCheck/],
  ['a state that there is not', { linkState: 'on' }, /^linkState must be one of auto, enable, disable/],
])('%s is refused', (_, settings, message) => {
  expect(() => linkSetVf('eth0', 0, settings as VfSettings)).toThrow(message);
});
