import type { Neighbour } from '../neighbour/neighbour.js';
import { readNeighbour } from '../neighbour/read.js';
import { RTM_DELNEIGH, RTM_NEWNEIGH, RTNLGRP_NEIGH } from '../uapi/rtnetlink.js';
import { type Resync, type SubscribeOptions, Subscription, type Topic, type Update } from './subscription.js';

/** A change of neighbours. */
export type NeighbourUpdate = Update<'neighbour', Neighbour> | Resync<'neighbours', Neighbour>;

const TOPIC: Topic<NeighbourUpdate, Neighbour> = {
  name: 'neighSubscribe',
  groups: [RTNLGRP_NEIGH],
  read(bytes, start, end, type, flags) {
    if (type !== RTM_NEWNEIGH && type !== RTM_DELNEIGH) return undefined;
    const neighbour = readNeighbour(bytes, start, end);
    if (neighbour === undefined) return undefined;
    return { type: type === RTM_NEWNEIGH ? 'new' : 'deleted', message: { type, flags }, neighbour };
  },
  list: async (netlink) => [...(await netlink.neighList()), ...(await netlink.neighList({ family: 'bridge' }))],
  existing: (neighbour) => ({ type: 'existing', neighbour }),
  resync: (neighbours) => ({ type: 'resync', neighbours }),
};

/**
 * Subscribes to changes of neighbours, and of the forwarding databases of bridges and VXLANs (`family: 'bridge'`).
 *
 * ```ts
 * for await (const update of neighSubscribe({ namespace: 'blue', listExisting: true })) console.log(update.type);
 * ```
 *
 * @throws NamespaceNotFoundError and the other errors of `resolveNamespace` and `runInNamespace`; the errors of the
 *   socket source
 */
export function neighSubscribe(options: SubscribeOptions = {}): Subscription<NeighbourUpdate> {
  return new Subscription(() => TOPIC as Topic<NeighbourUpdate, unknown>, options);
}
