import { checkBoolean, checkInteger } from 'netns-core/checks';
import { mustBe } from '../../message/checks.js';
import { bool, named, readOnly, u8, u32 } from '../../message/fields.js';
import { makeTun } from '../../tap/make-tun.js';
import {
  IFLA_TUN_GROUP,
  IFLA_TUN_MULTI_QUEUE,
  IFLA_TUN_NUM_DISABLED_QUEUES,
  IFLA_TUN_NUM_QUEUES,
  IFLA_TUN_OWNER,
  IFLA_TUN_PERSIST,
  IFLA_TUN_PI,
  IFLA_TUN_TYPE,
  IFLA_TUN_VNET_HDR,
} from '../../uapi/if-link-kinds.js';
import { IFF_TAP, IFF_TUN } from '../../uapi/if-tun.js';
import { kindOfFields, type LinkKind } from './kind.js';

/** A link whose packets (`tun`) or frames (`tap`) a program reads and writes through `/dev/net/tun`. */
export interface TuntapAttributes {
  readonly mode: 'tun' | 'tap' | number;
  /** The user who may open it; without it, any process with CAP_NET_ADMIN. */
  readonly owner?: number;
  readonly ownerGroup?: number;
  /** Each packet has four bytes of information before it; off here, unlike in the kernel. */
  readonly packetInformation?: boolean;
  /** Each packet has a `struct virtio_net_hdr` before it. */
  readonly vnetHeader?: boolean;
  readonly multiQueue?: boolean;
  /** Told: whether it stays when no program has it open. Those made here do. */
  readonly persist?: boolean;
  /** Told. */
  readonly numQueues?: number;
  /** Told. */
  readonly numDisabledQueues?: number;
}

/** `<linux/if_link.h>`, `IFLA_TUN_…`: the kernel tells, but netlink cannot make them. */
const plain = kindOfFields<TuntapAttributes>('tun', {
  owner: readOnly(u32(IFLA_TUN_OWNER)),
  ownerGroup: readOnly(u32(IFLA_TUN_GROUP)),
  mode: readOnly(named(u8(IFLA_TUN_TYPE), { tun: IFF_TUN, tap: IFF_TAP })),
  packetInformation: readOnly(bool(IFLA_TUN_PI)),
  vnetHeader: readOnly(bool(IFLA_TUN_VNET_HDR)),
  persist: readOnly(bool(IFLA_TUN_PERSIST)),
  multiQueue: readOnly(bool(IFLA_TUN_MULTI_QUEUE)),
  numQueues: readOnly(u32(IFLA_TUN_NUM_QUEUES)),
  numDisabledQueues: readOnly(u32(IFLA_TUN_NUM_DISABLED_QUEUES)),
});

/** Ids of users and groups; the last one means none. */
const MAX_ID = 0xfffffffe;
const TOLD = ['persist', 'numQueues', 'numDisabledQueues'] as const;

export const tuntap: LinkKind<TuntapAttributes> = {
  kernelName: 'tun',
  properties: plain.properties,
  told: TOLD,
  check({ mode, owner, ownerGroup, packetInformation, vnetHeader, multiQueue }) {
    if (mode !== 'tun' && mode !== 'tap') throw mustBe('mode', "'tun' or 'tap'", mode);
    checkInteger('owner', owner, 0, MAX_ID);
    checkInteger('ownerGroup', ownerGroup, 0, MAX_ID);
    checkBoolean('packetInformation', packetInformation);
    checkBoolean('vnetHeader', vnetHeader);
    checkBoolean('multiQueue', multiQueue);
  },
  write() {},
  read: plain.read,
  create: (name, { mode, ...options }) => makeTun(name, { ...options, mode: mode === 'tun' ? 'tun' : 'tap' }),
};
