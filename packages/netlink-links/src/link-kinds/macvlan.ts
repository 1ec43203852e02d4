import { NetnsError } from 'netns-core';
import { parseHardwareAddress } from '../codec/hardware-address.js';
import { named, readOnly, u16, u32 } from './fields.js';
import { type Fields, kindOfFields, type Spread } from './kind.js';

/** A link of its own on top of another, its `parent`, with a MAC address of its own. */
export interface MacvlanAttributes {
  mode?: 'private' | 'vepa' | 'bridge' | 'passthru' | 'source' | number;
  /** `MACVLAN_FLAG_…`: 1 leaves the link below out of promiscuous mode (passthru), 2 drops duplicates (source). */
  macvlanFlags?: number;
  /** In source mode: the addresses whose frames it takes. */
  sourceAddresses?: readonly string[];
  /** How many broadcasts may wait. */
  broadcastQueueLength?: number;
  /** Told: how many may wait in fact. */
  broadcastQueueLengthUsed?: number;
}

/** `<linux/if_link.h>`, `IFLA_MACVLAN_…` */
const MACADDR_MODE = 3;
const MACADDR = 4;
const MACADDR_DATA = 5;
const MACADDR_COUNT = 6;
const MACVLAN_MACADDR_SET = 3;

const sourceAddresses: Spread<MacvlanAttributes> = {
  properties: ['sourceAddresses'],
  attributes: [MACADDR_DATA, MACADDR_COUNT],
  read(data, into) {
    if (data.type !== MACADDR_DATA) return;
    const addresses: string[] = [];
    const list = data.nested();
    while (list.next()) if (list.type === MACADDR) addresses.push(list.hardwareAddress());
    into.sourceAddresses = addresses;
  },
  write(writer, { sourceAddresses: addresses }) {
    if (addresses === undefined) return;
    writer.u32(MACADDR_MODE, MACVLAN_MACADDR_SET);
    writer.nest(MACADDR_DATA, (list) => {
      for (const address of addresses) list.bytes(MACADDR, parseHardwareAddress(address));
    });
  },
};

export const macvlanFields: Fields<MacvlanAttributes> = {
  broadcastQueueLength: u32(7),
  mode: named(u32(1), { private: 1, vepa: 2, bridge: 4, passthru: 8, source: 16 }),
  macvlanFlags: u16(2),
  broadcastQueueLengthUsed: readOnly(u32(8)),
};

/** Source addresses make sense in source mode alone; the kernel would take them without a word and ignore them. */
function check({ mode, sourceAddresses: addresses }: Partial<MacvlanAttributes>): void {
  if (addresses !== undefined && mode !== undefined && mode !== 'source')
    throw new NetnsError(`a macvlan in mode '${mode}' has no source addresses: mode 'source' has`, {
      code: 'ERR_INVALID_ARGUMENT',
    });
}

export const macvlanOptions = { last: [sourceAddresses], check, hasParent: true };

export const macvlan = kindOfFields('macvlan', macvlanFields, macvlanOptions);
