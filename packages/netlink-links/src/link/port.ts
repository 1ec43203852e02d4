import { isDeepStrictEqual } from 'node:util';
import { AttributeReader } from '../message/attribute-reader.js';
import { MessageBytes } from '../message/message-bytes.js';
import { MessageWriter } from '../message/message-writer.js';
import { keepUnknown, type UnknownAttribute, writeUnknown } from '../message/unknown-attribute.js';
import { writeLinkHeader } from '../operation/link-reference.js';
import { ask, type Program } from '../operation/operation.js';
import { acknowledged } from '../operation/request.js';
import * as a from '../uapi/if-link.js';
import { NLM_F_ACK } from '../uapi/netlink.js';
import { RTM_NEWLINK } from '../uapi/rtnetlink.js';
import type { Link } from './link.js';

/** What the kernel tells of a port, by the kind of its master, and no program sets. */
const TOLD: Readonly<Record<string, readonly number[]>> = {
  bridge: [
    a.IFLA_BRPORT_STATE,
    a.IFLA_BRPORT_ROOT_ID,
    a.IFLA_BRPORT_BRIDGE_ID,
    a.IFLA_BRPORT_DESIGNATED_PORT,
    a.IFLA_BRPORT_DESIGNATED_COST,
    a.IFLA_BRPORT_ID,
    a.IFLA_BRPORT_NO,
    a.IFLA_BRPORT_TOPOLOGY_CHANGE_ACK,
    a.IFLA_BRPORT_CONFIG_PENDING,
    a.IFLA_BRPORT_MESSAGE_AGE_TIMER,
    a.IFLA_BRPORT_FORWARD_DELAY_TIMER,
    a.IFLA_BRPORT_HOLD_TIMER,
    a.IFLA_BRPORT_FLUSH,
    a.IFLA_BRPORT_PAD,
    a.IFLA_BRPORT_MRP_RING_OPEN,
    a.IFLA_BRPORT_MRP_IN_OPEN,
    a.IFLA_BRPORT_MCAST_EHT_HOSTS_CNT,
    a.IFLA_BRPORT_MCAST_N_GROUPS,
  ],
  bond: [
    a.IFLA_BOND_SLAVE_STATE,
    a.IFLA_BOND_SLAVE_MII_STATUS,
    a.IFLA_BOND_SLAVE_LINK_FAILURE_COUNT,
    a.IFLA_BOND_SLAVE_PERM_HWADDR,
    a.IFLA_BOND_SLAVE_AD_AGGREGATOR_ID,
    a.IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE,
    a.IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE,
  ],
  vrf: [a.IFLA_VRF_PORT_TABLE],
};

type AsPort = Pick<Link, 'slaveKind' | 'slaveData'>;

function attributesOf(data: Uint8Array | undefined): readonly UnknownAttribute[] {
  const read: { unknown?: readonly UnknownAttribute[] } = {};
  if (data === undefined) return [];
  const attributes = new AttributeReader(MessageBytes.from(data), 0, data.length);
  while (attributes.next()) keepUnknown(attributes, read);
  return read.unknown ?? [];
}

/**
 * Gives a link the settings that it had as a port. Only what differs is sent, since the kernel does not take all at any
 * time. A link that is a port of nothing now, or of a master of another kind, is left alone.
 *
 * @param asked a link as it was read
 * @param now the link as it is
 */
export function* givePort(asked: AsPort, now: Link): Program<void> {
  const { slaveKind, slaveData } = asked;
  if (slaveKind === undefined || slaveKind !== now.slaveKind) return;
  const current = attributesOf(now.slaveData);
  const differing = attributesOf(slaveData).filter(
    (wanted) =>
      TOLD[slaveKind]?.includes(wanted.attribute) !== true &&
      !current.some((attribute) => isDeepStrictEqual(attribute, wanted)),
  );
  if (differing.length === 0) return;
  const writer = new MessageWriter(RTM_NEWLINK, NLM_F_ACK);
  writeLinkHeader(writer, now.index);
  writer.nest(a.IFLA_LINKINFO, (info) => {
    info.bareString(a.IFLA_INFO_SLAVE_KIND, slaveKind);
    info.nest(a.IFLA_INFO_SLAVE_DATA, (data) => writeUnknown(data, differing));
  });
  yield* ask(acknowledged(writer.finish()));
}
