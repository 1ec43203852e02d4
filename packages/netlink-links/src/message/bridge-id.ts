import type { Field } from './fields.js';
import { formatHardwareAddress } from './hardware-address.js';

/** `struct ifla_bridge_id`: priority in network byte order, address. */
export const bridgeId = (attribute: number): Field<string> => ({
  attribute,
  read: (data) => {
    const priority = data.u16be().toString(16).padStart(4, '0');
    const address = data.start + 2;
    return `${priority}.${formatHardwareAddress(data.bytes.u8, address, Math.min(address + 6, data.end))}`;
  },
});
