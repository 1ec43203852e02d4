import { AF_INET6 } from 'netns-core/sys';
import { readEncap } from '../encap/encap.js';
import { AttributeReader } from '../message/attribute-reader.js';
import type { MessageBytes } from '../message/message-bytes.js';
import { scopeName } from '../message/scope.js';
import { type KeptUnknown, keepUnknown, readInside } from '../message/unknown-attribute.js';
import { routeFlagNames, routeProtocols } from '../route/numbers.js';
import {
  NEXTHOP_GRP_SIZE,
  NHA_BLACKHOLE,
  NHA_ENCAP,
  NHA_ENCAP_TYPE,
  NHA_FDB,
  NHA_GATEWAY,
  NHA_GROUP,
  NHA_GROUP_STATS,
  NHA_GROUP_TYPE,
  NHA_HW_STATS_USED,
  NHA_ID,
  NHA_OIF,
  NHA_OP_FLAGS,
  NHA_RES_BUCKET,
  NHA_RES_BUCKET_IDLE_TIME,
  NHA_RES_BUCKET_INDEX,
  NHA_RES_BUCKET_NH_ID,
  NHA_RES_GROUP,
  NHA_RES_GROUP_BUCKETS,
  NHA_RES_GROUP_IDLE_TIMER,
  NHA_RES_GROUP_UNBALANCED_TIME,
  NHA_RES_GROUP_UNBALANCED_TIMER,
  NHMSG_SIZE,
} from '../uapi/nexthop.js';
import type { NexthopBucket, NexthopMember, NexthopObject, ResilientGroup } from './nexthop.js';

/** The kernel counts times in hundredths of a second (USER_HZ) everywhere that Node runs. */
const USER_HZ = 100;

/** Reads an `RTM_NEWNEXTHOP` or `RTM_DELNEXTHOP`. */
export function readNexthop(bytes: MessageBytes, start: number, end: number): NexthopObject | undefined {
  if (end - start < NHMSG_SIZE) {
    bytes.fail('a nexthop object shorter than its header');
    return undefined;
  }
  let id = 0;
  let members: NexthopMember[] | undefined;
  let resilient: ResilientGroup | undefined;
  let blackhole = false;
  let fdb = false;
  let oif: number | undefined;
  let gateway: string | undefined;
  let encapType: number | undefined;
  let encapData: Uint8Array | undefined;
  const kept: KeptUnknown = {};
  const attributes = new AttributeReader(bytes, start + NHMSG_SIZE, end);
  while (attributes.next())
    switch (attributes.type) {
      case NHA_ID:
        id = attributes.u32();
        break;
      case NHA_GROUP:
        members = readMembers(attributes);
        break;
      case NHA_RES_GROUP:
        readInside(attributes, kept, (group, notKnown) => {
          resilient = readResilient(group, notKnown);
        });
        break;
      case NHA_BLACKHOLE:
        blackhole = true;
        break;
      case NHA_FDB:
        fdb = true;
        break;
      case NHA_OIF:
        oif = attributes.u32();
        break;
      case NHA_GATEWAY:
        gateway = attributes.ipAddress();
        break;
      case NHA_ENCAP_TYPE:
        encapType = attributes.u16();
        break;
      case NHA_ENCAP:
        encapData = attributes.copy();
        break;
      case NHA_GROUP_TYPE:
      case NHA_OP_FLAGS:
      case NHA_GROUP_STATS:
      case NHA_HW_STATS_USED:
        // The type of a group follows from `resilient`; the kernel tells the others and takes none of them.
        break;
      default:
        keepUnknown(attributes, kept);
    }

  const common = {
    id,
    protocol: routeProtocols.name(bytes.u8[start + 2] ?? 0),
    scope: scopeName(bytes.u8[start + 1] ?? 0),
    flags: routeFlagNames(bytes.u32[(start + 4) >> 2] ?? 0),
    ...kept,
  };
  const ofFdb = fdb && { fdb };
  if (members !== undefined)
    return {
      type: 'group',
      family: 'none',
      ...common,
      members,
      ...ofFdb,
      ...(resilient !== undefined && { resilient }),
    };
  const family = bytes.u8[start] === AF_INET6 ? 'ipv6' : 'ipv4';
  if (blackhole) return { type: 'blackhole', family, ...common };
  const encap = readEncap(encapType, encapData);
  return {
    type: 'unicast',
    family,
    ...common,
    ...(oif !== undefined && { oif }),
    ...(gateway !== undefined && { gateway }),
    ...(encap !== undefined && { encap }),
    ...ofFdb,
  };
}

/** An array of `struct nexthop_grp`. */
function readMembers(attributes: AttributeReader): NexthopMember[] {
  const { length, bytes } = attributes;
  if (length % NEXTHOP_GRP_SIZE !== 0) bytes.fail(`the members of a nexthop group have ${length} bytes`);
  return Array.from({ length: Math.floor(length / NEXTHOP_GRP_SIZE) }, (_, index) => {
    const at = index * NEXTHOP_GRP_SIZE;
    return {
      id: attributes.u32At(at),
      weight: ((attributes.u8At(at + 5) << 8) | attributes.u8At(at + 4)) + 1,
    };
  });
}

function readResilient(attributes: AttributeReader, notKnown: () => void): ResilientGroup {
  let buckets = 0;
  let idleTimer = 0;
  let unbalancedTimer = 0;
  let unbalancedTime = 0;
  while (attributes.next())
    switch (attributes.type) {
      case NHA_RES_GROUP_BUCKETS:
        buckets = attributes.u16();
        break;
      case NHA_RES_GROUP_IDLE_TIMER:
        idleTimer = attributes.u32() / USER_HZ;
        break;
      case NHA_RES_GROUP_UNBALANCED_TIMER:
        unbalancedTimer = attributes.u32() / USER_HZ;
        break;
      case NHA_RES_GROUP_UNBALANCED_TIME:
        unbalancedTime = Number(attributes.u64()) / USER_HZ;
        break;
      default:
        notKnown();
    }
  return { buckets, idleTimer, unbalancedTimer, unbalancedTime };
}

/** Reads an `RTM_NEWNEXTHOPBUCKET`. */
export function readBucket(bytes: MessageBytes, start: number, end: number): NexthopBucket | undefined {
  if (end - start < NHMSG_SIZE) {
    bytes.fail('a bucket of nexthops shorter than its header');
    return undefined;
  }
  let id = 0;
  let index = 0;
  let nexthopId = 0;
  let idleTime = 0;
  const kept: KeptUnknown = {};
  const attributes = new AttributeReader(bytes, start + NHMSG_SIZE, end);
  while (attributes.next())
    if (attributes.type === NHA_ID) id = attributes.u32();
    else if (attributes.type !== NHA_RES_BUCKET) keepUnknown(attributes, kept);
    else
      readInside(attributes, kept, (bucket, notKnown) => {
        while (bucket.next())
          switch (bucket.type) {
            case NHA_RES_BUCKET_INDEX:
              index = bucket.u16();
              break;
            case NHA_RES_BUCKET_NH_ID:
              nexthopId = bucket.u32();
              break;
            case NHA_RES_BUCKET_IDLE_TIME:
              idleTime = Number(bucket.u64()) / USER_HZ;
              break;
            default:
              notKnown();
          }
      });
  return { id, index, nexthopId, idleTime, ...kept };
}
