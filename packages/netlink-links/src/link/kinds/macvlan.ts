import { InvalidOptionError } from 'netns-core';
import { checkArray } from '../../message/checks.js';
import { type Fields, i32, named, readOnly, type Spread, u16, u32 } from '../../message/fields.js';
import { parseHardwareAddress } from '../../message/hardware-address.js';
import {
  IFLA_MACVLAN_BC_CUTOFF,
  IFLA_MACVLAN_BC_QUEUE_LEN,
  IFLA_MACVLAN_BC_QUEUE_LEN_USED,
  IFLA_MACVLAN_FLAGS,
  IFLA_MACVLAN_MACADDR,
  IFLA_MACVLAN_MACADDR_COUNT,
  IFLA_MACVLAN_MACADDR_DATA,
  IFLA_MACVLAN_MACADDR_MODE,
  IFLA_MACVLAN_MODE,
  MACVLAN_MACADDR_SET,
  MACVLAN_MODE_BRIDGE,
  MACVLAN_MODE_PASSTHRU,
  MACVLAN_MODE_PRIVATE,
  MACVLAN_MODE_SOURCE,
  MACVLAN_MODE_VEPA,
} from '../../uapi/if-link-kinds.js';
import { kindOfFields } from './kind.js';

/** A link of its own on top of another, its `parent`, with a MAC address of its own. */
export interface MacvlanAttributes {
  readonly mode?: 'private' | 'vepa' | 'bridge' | 'passthru' | 'source' | number;
  /** `MACVLAN_FLAG_…`: 1 leaves the link below out of promiscuous mode (passthru), 2 drops duplicates (source). */
  readonly macvlanFlags?: number;
  /** In source mode: the addresses whose frames it takes. */
  readonly sourceAddresses?: readonly string[];
  /** How many broadcasts may wait. */
  readonly broadcastQueueLength?: number;
  /** Broadcasts for more links than this go through the queue, 0 for all; Linux 6.4 and later. */
  readonly broadcastCutoff?: number;
  /** Told: how many may wait in fact. */
  readonly broadcastQueueLengthUsed?: number;
}

const sourceAddresses: Spread<MacvlanAttributes> = {
  properties: ['sourceAddresses'],
  attributes: [IFLA_MACVLAN_MACADDR_DATA, IFLA_MACVLAN_MACADDR_COUNT],
  read(data, into) {
    if (data.type !== IFLA_MACVLAN_MACADDR_DATA) return;
    const addresses: string[] = [];
    const list = data.nested();
    while (list.next()) if (list.type === IFLA_MACVLAN_MACADDR) addresses.push(list.hardwareAddress());
    into.sourceAddresses = addresses;
  },
  check({ sourceAddresses: addresses }) {
    checkArray('sourceAddresses', addresses, 'hardware addresses');
    for (const [index, address] of (addresses ?? []).entries())
      parseHardwareAddress(address, undefined, `sourceAddresses[${index}]`);
  },
  write(writer, { sourceAddresses: addresses }) {
    if (addresses === undefined) return;
    writer.u32(IFLA_MACVLAN_MACADDR_MODE, MACVLAN_MACADDR_SET);
    writer.nest(IFLA_MACVLAN_MACADDR_DATA, (list) => {
      for (const address of addresses) list.bytes(IFLA_MACVLAN_MACADDR, parseHardwareAddress(address));
    });
  },
};

export const macvlanFields: Fields<MacvlanAttributes> = {
  broadcastQueueLength: u32(IFLA_MACVLAN_BC_QUEUE_LEN),
  mode: named(u32(IFLA_MACVLAN_MODE), {
    private: MACVLAN_MODE_PRIVATE,
    vepa: MACVLAN_MODE_VEPA,
    bridge: MACVLAN_MODE_BRIDGE,
    passthru: MACVLAN_MODE_PASSTHRU,
    source: MACVLAN_MODE_SOURCE,
  }),
  macvlanFlags: u16(IFLA_MACVLAN_FLAGS),
  broadcastCutoff: i32(IFLA_MACVLAN_BC_CUTOFF),
  broadcastQueueLengthUsed: readOnly(u32(IFLA_MACVLAN_BC_QUEUE_LEN_USED)),
};

/** Source addresses make sense in source mode alone; the kernel would take them without a word and ignore them. */
function check({ mode, sourceAddresses: addresses }: Partial<MacvlanAttributes>): void {
  if (addresses !== undefined && mode !== undefined && mode !== 'source')
    throw new InvalidOptionError(
      'sourceAddresses',
      `sourceAddresses need the mode 'source': a macvlan in mode '${mode}' has none`,
    );
}

export const macvlanOptions = { last: [sourceAddresses], check, hasParent: true };

export const macvlan = kindOfFields('macvlan', macvlanFields, macvlanOptions);
