import { writeEncap } from '../encap/encap.js';
import { LITTLE_ENDIAN } from '../message/endianness.js';
import type { MessageWriter } from '../message/message-writer.js';
import { writeUnknown } from '../message/unknown-attribute.js';
import {
  NEXTHOP_GRP_SIZE,
  NEXTHOP_GRP_TYPE_RES,
  NHA_BLACKHOLE,
  NHA_ENCAP,
  NHA_ENCAP_TYPE,
  NHA_FDB,
  NHA_GATEWAY,
  NHA_GROUP,
  NHA_GROUP_TYPE,
  NHA_ID,
  NHA_OIF,
  NHA_RES_GROUP,
  NHA_RES_GROUP_BUCKETS,
  NHA_RES_GROUP_IDLE_TIMER,
  NHA_RES_GROUP_UNBALANCED_TIMER,
  NHMSG_SIZE,
} from '../uapi/nexthop.js';
import type { ResolvedNexthop } from './check.js';
import type { NexthopMember } from './nexthop.js';
import type { ResilientGroupSpec } from './spec.js';

/** Writes `struct nhmsg`; what is left out is 0. */
export function writeNexthopHeader(message: MessageWriter, family = 0, protocol = 0, flags = 0): void {
  message.header(NHMSG_SIZE, (view, at) => {
    view.setUint8(at, family);
    view.setUint8(at + 2, protocol);
    view.setUint32(at + 4, flags, LITTLE_ENDIAN);
  });
}

/** Writes `struct nhmsg` and the attributes of a nexthop object. */
export function writeNexthop(message: MessageWriter, nexthop: ResolvedNexthop): void {
  const { id, type, gateway, oif, encap, fdb, members, resilient } = nexthop;
  writeNexthopHeader(message, nexthop.family, nexthop.protocol, nexthop.flags);
  if (id !== undefined) message.u32(NHA_ID, id);
  if (gateway !== undefined) message.bytes(NHA_GATEWAY, gateway);
  if (oif !== undefined) message.u32(NHA_OIF, oif);
  if (encap !== undefined) writeEncap(message, encap, { type: NHA_ENCAP_TYPE, data: NHA_ENCAP });
  if (type === 'blackhole') message.flag(NHA_BLACKHOLE);
  if (type === 'group') writeMembers(message, members);
  if (fdb) message.flag(NHA_FDB);
  if (resilient !== undefined) writeResilient(message, resilient);
  writeUnknown(message, nexthop.unknown);
}

/** An array of `struct nexthop_grp`, whose weights begin at 0. */
function writeMembers(message: MessageWriter, members: readonly NexthopMember[]): void {
  message.struct(NHA_GROUP, members.length * NEXTHOP_GRP_SIZE, (view, start) => {
    members.forEach(({ id, weight }, index) => {
      const at = start + index * NEXTHOP_GRP_SIZE;
      view.setUint32(at, id, LITTLE_ENDIAN);
      view.setUint8(at + 4, (weight - 1) & 0xff);
      view.setUint8(at + 5, (weight - 1) >> 8);
    });
  });
}

function writeResilient(message: MessageWriter, { buckets, idleTimer, unbalancedTimer }: ResilientGroupSpec): void {
  message.nest(
    NHA_RES_GROUP,
    (nested) => {
      if (buckets !== undefined) nested.u16(NHA_RES_GROUP_BUCKETS, buckets);
      if (idleTimer !== undefined) nested.u32(NHA_RES_GROUP_IDLE_TIMER, hundredths(idleTimer));
      if (unbalancedTimer !== undefined) nested.u32(NHA_RES_GROUP_UNBALANCED_TIMER, hundredths(unbalancedTimer));
    },
    true,
    false,
  );
  message.u16(NHA_GROUP_TYPE, NEXTHOP_GRP_TYPE_RES);
}

function hundredths(seconds: number): number {
  return Math.round(seconds * 100);
}
