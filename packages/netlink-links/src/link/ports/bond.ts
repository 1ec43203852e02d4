import { hardwareAddress, i32, named, readOnly, u8, u16, u32 } from '../../message/fields.js';
import type { UnknownAttribute } from '../../message/unknown-attribute.js';
import {
  BOND_LINK_BACK,
  BOND_LINK_DOWN,
  BOND_LINK_FAIL,
  BOND_LINK_UP,
  BOND_STATE_ACTIVE,
  BOND_STATE_BACKUP,
} from '../../uapi/if-bonding.js';
import * as a from '../../uapi/if-link.js';
import { portOfFields } from './kind.js';

/** A link as a port of a bond, `IFLA_BOND_SLAVE_…` of `<linux/if_link.h>`. What is marked "told" can be read, not set. */
export interface BondPort {
  /** The queue for sending that is kept for the port, 0 to 65535; 0 for none. */
  readonly queueId: number;
  /** Which port is preferred, the greater the more, 32 bits with a sign; Linux 6.0 and later. */
  readonly priority?: number;
  /** Priority of the port for LACP, 0 to 65535; Linux 6.18 and later. */
  readonly actorPortPriority?: number;
  /** Told: whether it is in use. */
  readonly state: 'active' | 'backup' | number;
  /** Told: what is known of its link. */
  readonly miiStatus: 'up' | 'going-down' | 'down' | 'going-back' | number;
  /** Told: how often its link failed. */
  readonly linkFailureCount: number;
  /** Told: the address that it had before it became a port. */
  readonly permanentHardwareAddr: string;
  /** Told, of mode 802.3ad. */
  readonly aggregatorId?: number;
  /** Told, of mode 802.3ad. */
  readonly actorPortState?: number;
  /** Told, of mode 802.3ad. */
  readonly partnerPortState?: number;
  /** Attributes that this package does not know. They are written as they were read. */
  readonly unknown?: readonly UnknownAttribute[] | undefined;
}

/** What can be said of a port of a bond; what is left out stays. One that was read will do. */
export type BondPortSettings = { [P in keyof BondPort]?: BondPort[P] | undefined } & { type?: 'bond' | undefined };

/** `<linux/if_link.h>`, `IFLA_BOND_SLAVE_…` */
export const bondPort = portOfFields<BondPort>(
  'bond',
  'a bond',
  {
    queueId: u16(a.IFLA_BOND_SLAVE_QUEUE_ID),
    priority: i32(a.IFLA_BOND_SLAVE_PRIO),
    actorPortPriority: u16(a.IFLA_BOND_SLAVE_ACTOR_PORT_PRIO),
    state: readOnly(named(u8(a.IFLA_BOND_SLAVE_STATE), { active: BOND_STATE_ACTIVE, backup: BOND_STATE_BACKUP })),
    miiStatus: readOnly(
      named(u8(a.IFLA_BOND_SLAVE_MII_STATUS), {
        up: BOND_LINK_UP,
        'going-down': BOND_LINK_FAIL,
        down: BOND_LINK_DOWN,
        'going-back': BOND_LINK_BACK,
      }),
    ),
    linkFailureCount: readOnly(u32(a.IFLA_BOND_SLAVE_LINK_FAILURE_COUNT)),
    permanentHardwareAddr: readOnly(hardwareAddress(a.IFLA_BOND_SLAVE_PERM_HWADDR)),
    aggregatorId: readOnly(u16(a.IFLA_BOND_SLAVE_AD_AGGREGATOR_ID)),
    actorPortState: readOnly(u8(a.IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE)),
    partnerPortState: readOnly(u16(a.IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE)),
  },
  { synonyms: { queue_id: 'queueId', prio: 'priority', actor_port_prio: 'actorPortPriority' } },
);
