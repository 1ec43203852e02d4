import { NetnsError } from 'netns-core';
import { IFNAMSIZ, O_CLOEXEC, O_RDWR, sys } from 'netns-core/sys';
import { LITTLE_ENDIAN } from '../codec/endianness.js';
import { bool, named, readOnly, u8, u32 } from './fields.js';
import { kindOfFields, type LinkKind } from './kind.js';

/** A link whose packets (`tun`) or frames (`tap`) a program reads and writes through `/dev/net/tun`. */
export interface TuntapAttributes {
  mode: 'tun' | 'tap' | number;
  /** The user who may open it; without it, whoever has CAP_NET_ADMIN. */
  owner?: number;
  ownerGroup?: number;
  /** Each packet has four bytes of information before it; off here, unlike in the kernel. */
  packetInformation?: boolean;
  /** Each packet has a `struct virtio_net_hdr` before it. */
  vnetHeader?: boolean;
  multiQueue?: boolean;
  /** Told: whether it stays when no program has it open. Those made here do. */
  persist?: boolean;
  /** Told. */
  numQueues?: number;
  /** Told. */
  numDisabledQueues?: number;
}

/** `<linux/if_link.h>`, `IFLA_TUN_…`: the kernel tells, but netlink can not make them. */
const plain = kindOfFields<TuntapAttributes>('tun', {
  owner: readOnly(u32(1)),
  ownerGroup: readOnly(u32(2)),
  mode: readOnly(named(u8(3), { tun: 1, tap: 2 })),
  packetInformation: readOnly(bool(4)),
  vnetHeader: readOnly(bool(5)),
  persist: readOnly(bool(6)),
  multiQueue: readOnly(bool(7)),
  numQueues: readOnly(u32(8)),
  numDisabledQueues: readOnly(u32(9)),
});

/** `<linux/if_tun.h>` */
const IFF_TUN = 0x0001;
const IFF_TAP = 0x0002;
const IFF_MULTI_QUEUE = 0x0100;
const IFF_NO_PI = 0x1000;
const IFF_TUN_EXCL = 0x8000;
const IFF_VNET_HDR = 0x4000;
const ioctlWrite = (number: number): number =>
  (process.arch === 'ppc64' ? 0x80000000 : 0x40000000) + ((4 << 16) | (0x54 << 8) | number);
const TUNSETIFF = ioctlWrite(202);
const TUNSETPERSIST = ioctlWrite(203);
const TUNSETOWNER = ioctlWrite(204);
const TUNSETGROUP = ioctlWrite(206);
/** Size of `struct ifreq`. */
const IFREQ_SIZE = 40;

export const tuntap: LinkKind<TuntapAttributes> = {
  kernelName: 'tun',
  properties: plain.properties,
  told: ['persist', 'numQueues', 'numDisabledQueues'],
  encode(writer) {
    writer.fail(`a link of type 'tuntap' cannot be changed in what its kind has`);
  },
  decode: plain.decode,
  create(name, { mode, owner, ownerGroup, packetInformation, vnetHeader, multiQueue }) {
    if (mode !== 'tun' && mode !== 'tap')
      throw new NetnsError(`the mode of a tuntap link is 'tun' or 'tap', not '${String(mode)}'`, {
        code: 'ERR_INVALID_ARGUMENT',
      });
    const request = new Uint8Array(IFREQ_SIZE);
    request.set(new TextEncoder().encode(name));
    let flags = (mode === 'tun' ? IFF_TUN : IFF_TAP) | IFF_TUN_EXCL;
    if (packetInformation !== true) flags |= IFF_NO_PI;
    if (vnetHeader === true) flags |= IFF_VNET_HDR;
    if (multiQueue === true) flags |= IFF_MULTI_QUEUE;
    new DataView(request.buffer).setUint16(IFNAMSIZ, flags, LITTLE_ENDIAN);
    return () => {
      const calls = sys();
      const fd = calls.open('/dev/net/tun', O_RDWR | O_CLOEXEC, 0);
      if (fd < 0) throw NetnsError.fromErrno(-fd, 'open', 'cannot open /dev/net/tun', { path: '/dev/net/tun' });
      try {
        const control = (call: string, number: number, argument: Uint8Array | number): void => {
          const result = calls.ioctl(fd, number, argument);
          if (result < 0) throw NetnsError.fromErrno(-result, `ioctl ${call}`, `cannot make the ${mode} link ${name}`);
        };
        // The link is gone with the file descriptor unless everything up to the last step succeeds.
        control('TUNSETIFF', TUNSETIFF, request);
        if (owner !== undefined) control('TUNSETOWNER', TUNSETOWNER, owner);
        if (ownerGroup !== undefined) control('TUNSETGROUP', TUNSETGROUP, ownerGroup);
        control('TUNSETPERSIST', TUNSETPERSIST, 1);
      } finally {
        calls.close(fd);
      }
    };
  },
};
