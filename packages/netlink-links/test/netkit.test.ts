import { linkAdd } from 'netlink-links/operations';
import { describe, expect, it } from 'vitest';
import { readLink } from '../src/link/read.js';
import { MessageBytes } from '../src/message/message-bytes.js';

// netkit came with Linux 6.7 and neither the kernels nor the iproute2 at hand have it: what is sent and read is
// compared with what <linux/if_link.h> of Linux 6.12 says, byte by byte.

/** An attribute: length and type (u16 each), value, padding. */
function attribute(type: number, ...values: readonly Buffer[]): Buffer {
  const value = Buffer.concat(values);
  const header = Buffer.alloc(4);
  header.writeUInt16LE(4 + value.length, 0);
  header.writeUInt16LE(type, 2);
  return Buffer.concat([header, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}
const u16 = (value: number): Buffer => Buffer.from(Uint16Array.of(value).buffer);
const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);
const text = (value: string): Buffer => Buffer.from(`${value}\0`);

const IFLA_IFNAME = 3;
const IFLA_LINKINFO = 18;
const IFLA_INFO_KIND = 1;
const IFLA_INFO_DATA = 2;
const IFLA_NETKIT = {
  PEER_INFO: 1,
  PRIMARY: 2,
  POLICY: 3,
  PEER_POLICY: 4,
  MODE: 5,
  SCRUB: 6,
  PEER_SCRUB: 7,
  HEADROOM: 8,
  TAILROOM: 9,
};
/** `NETKIT_DROP` is 2, `NETKIT_PASS` 0; `NETKIT_L2` is 0, `NETKIT_L3` 1; `NETKIT_SCRUB_NONE` is 0, the default 1. */
const NETKIT = { PASS: 0, DROP: 2, L2: 0, L3: 1, SCRUB_NONE: 0, SCRUB_DEFAULT: 1 };

/** The attributes in a message, by type, from an offset on. */
function attributesIn(bytes: Buffer, from: number, to = bytes.length): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = from; at + 4 <= to; ) {
    const length = bytes.readUInt16LE(at);
    found.set(bytes.readUInt16LE(at + 2) & 0x3fff, bytes.subarray(at + 4, at + length));
    at += (length + 3) & ~3;
  }
  return found;
}

describe('netkit, by bytes alone', () => {
  it('is asked for as <linux/if_link.h> says', () => {
    const operation = linkAdd({
      type: 'netkit',
      name: 'nk0',
      mode: 'l3',
      policy: 'blackhole',
      peerPolicy: 'forward',
      scrub: 'none',
      peerScrub: 'default',
      headroom: 10,
      tailroom: 20,
      peer: { name: 'nk1' },
    });
    const request = operation.single ?? operation.start().next().value;
    const message = Buffer.from((request as { message: Uint8Array }).message);
    // RTM_NEWLINK; NLM_F_REQUEST, _ACK, _EXCL, _CREATE; then struct nlmsghdr and struct ifinfomsg are over.
    expect(message.readUInt16LE(4)).toBe(16);
    expect(message.readUInt16LE(6)).toBe(0x605);
    const top = attributesIn(message, 32);
    expect(top.get(IFLA_IFNAME)).toEqual(text('nk0'));
    const info = attributesIn(top.get(IFLA_LINKINFO) ?? Buffer.alloc(0), 0);
    expect(info.get(IFLA_INFO_KIND)?.toString()).toBe('netkit');
    const data = attributesIn(info.get(IFLA_INFO_DATA) ?? Buffer.alloc(0), 0);
    expect(data.get(IFLA_NETKIT.MODE)).toEqual(u32(NETKIT.L3));
    expect(data.get(IFLA_NETKIT.POLICY)).toEqual(u32(NETKIT.DROP));
    expect(data.get(IFLA_NETKIT.PEER_POLICY)).toEqual(u32(NETKIT.PASS));
    expect(data.get(IFLA_NETKIT.SCRUB)).toEqual(u32(NETKIT.SCRUB_NONE));
    expect(data.get(IFLA_NETKIT.PEER_SCRUB)).toEqual(u32(NETKIT.SCRUB_DEFAULT));
    expect(data.get(IFLA_NETKIT.HEADROOM)).toEqual(u16(10));
    expect(data.get(IFLA_NETKIT.TAILROOM)).toEqual(u16(20));
    // The peer is a struct ifinfomsg and attributes of a link, as for veth.
    const peer = data.get(IFLA_NETKIT.PEER_INFO) ?? Buffer.alloc(0);
    expect(peer.subarray(0, 16)).toEqual(Buffer.alloc(16));
    expect(attributesIn(peer, 16).get(IFLA_IFNAME)).toEqual(text('nk1'));
  });

  it('is read as a kernel that has it would send it', () => {
    const header = Buffer.alloc(16);
    header.writeInt32LE(9, 4);
    const message = Buffer.concat([
      header,
      attribute(IFLA_IFNAME, text('nk0')),
      attribute(5, u32(10)),
      attribute(
        IFLA_LINKINFO,
        attribute(IFLA_INFO_KIND, text('netkit')),
        attribute(
          IFLA_INFO_DATA,
          attribute(IFLA_NETKIT.PRIMARY, Buffer.of(1)),
          attribute(IFLA_NETKIT.POLICY, u32(NETKIT.DROP)),
          attribute(IFLA_NETKIT.MODE, u32(NETKIT.L2)),
          attribute(IFLA_NETKIT.SCRUB, u32(NETKIT.SCRUB_DEFAULT)),
          attribute(IFLA_NETKIT.PEER_SCRUB, u32(NETKIT.SCRUB_NONE)),
          attribute(IFLA_NETKIT.HEADROOM, u16(10)),
          attribute(IFLA_NETKIT.TAILROOM, u16(20)),
          attribute(IFLA_NETKIT.PEER_POLICY, u32(NETKIT.PASS)),
        ),
      ),
    ]);
    const bytes = MessageBytes.from(message);
    expect(readLink(bytes, 0, message.length)).toMatchObject({
      type: 'netkit',
      name: 'nk0',
      index: 9,
      primary: true,
      policy: 'blackhole',
      peerPolicy: 'forward',
      mode: 'l2',
      scrub: 'default',
      peerScrub: 'none',
      headroom: 10,
      tailroom: 20,
      peerIndex: 10,
    });
    expect(bytes.error).toBeUndefined();
  });
});
