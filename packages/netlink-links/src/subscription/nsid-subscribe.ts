import { checkProperties } from '../message/checks.js';
import { readNsid } from '../nsid/request.js';
import { RTM_DELNSID, RTM_NEWNSID, RTNLGRP_NSID } from '../uapi/rtnetlink.js';
import {
  PROPERTIES_OF_ONE_NAMESPACE,
  type Resync,
  type SubscribeOptions,
  Subscription,
  type Topic,
  type Update,
} from './subscription.js';

/** What a subscription to identifiers can be told: not to hear of the identifiers that other namespaces have. */
export type NsidSubscribeOptions = Omit<SubscribeOptions, 'allNamespaces'>;

/** A change of the identifiers by which a namespace knows others. */
export type NsidUpdate = Update<'nsid', number> | Resync<'nsids', number>;

const TOPIC: Topic<NsidUpdate, number> = {
  name: 'nsidSubscribe',
  groups: [RTNLGRP_NSID],
  read(bytes, start, end, type, flags) {
    if (type !== RTM_NEWNSID && type !== RTM_DELNSID) return undefined;
    const nsid = readNsid(bytes, start, end);
    return { type: type === RTM_NEWNSID ? 'new' : 'deleted', message: { type, flags }, nsid };
  },
  list: (netlink) => netlink.nsidList(),
  existing: (nsid) => ({ type: 'existing', nsid }),
  resync: (nsids) => ({ type: 'resync', nsids }),
};

/**
 * Subscribes to changes of the identifiers by which the namespace knows others: one is given when a link first reaches over
 * or by `nsidSet`, and goes with the other namespace.
 *
 * ```ts
 * for await (const update of nsidSubscribe({ namespace: 'blue', listExisting: true })) console.log(update.type);
 * ```
 *
 * @throws NamespaceNotFoundError and the other errors of `resolveNamespace` and `runInNamespace`; the errors of the
 *   socket source
 */
export function nsidSubscribe(options: NsidSubscribeOptions = {}): Subscription<NsidUpdate> {
  checkProperties(options, 'nsidSubscribe', PROPERTIES_OF_ONE_NAMESPACE);
  return new Subscription(() => TOPIC as Topic<NsidUpdate, unknown>, options);
}
