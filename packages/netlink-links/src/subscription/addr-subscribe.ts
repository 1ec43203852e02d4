import type { Address } from '../address/address.js';
import { readAddress } from '../address/read.js';
import { RTM_DELADDR, RTM_NEWADDR, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR } from '../uapi/rtnetlink.js';
import { type Resync, type SubscribeOptions, Subscription, type Topic, type Update } from './subscription.js';

/** A change of addresses. */
export type AddressUpdate = Update<'address', Address> | Resync<'addresses', Address>;

const TOPIC: Topic<AddressUpdate, Address> = {
  name: 'addrSubscribe',
  groups: [RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR],
  read(bytes, start, end, type, flags) {
    if (type !== RTM_NEWADDR && type !== RTM_DELADDR) return undefined;
    const address = readAddress(bytes, start, end);
    if (address === undefined) return undefined;
    return { type: type === RTM_NEWADDR ? 'new' : 'deleted', message: { type, flags }, address };
  },
  list: (netlink) => netlink.addrList(),
  existing: (address) => ({ type: 'existing', address }),
  resync: (addresses) => ({ type: 'resync', addresses }),
};

/**
 * Subscribes to changes of addresses.
 *
 * ```ts
 * for await (const update of addrSubscribe({ namespace: 'blue', listExisting: true })) console.log(update.type);
 * ```
 *
 * @throws NamespaceNotFoundError and the other errors of `resolveNamespace` and `runInNamespace`; the errors of the
 *   socket source
 */
export function addrSubscribe(options: SubscribeOptions = {}): Subscription<AddressUpdate> {
  return new Subscription(() => TOPIC as Topic<AddressUpdate, unknown>, options);
}
