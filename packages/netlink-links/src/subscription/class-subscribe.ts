import { classList } from '../class/list.js';
import { readClass } from '../class/read.js';
import type { TrafficClass } from '../class/traffic-class.js';
import type { Netlink } from '../netlink/netlink.js';
import { readQdisc } from '../qdisc/read.js';
import { IFF_UP } from '../uapi/if.js';
import { IFLA_QDISC } from '../uapi/if-link.js';
import {
  RTM_DELQDISC,
  RTM_DELTCLASS,
  RTM_NEWQDISC,
  RTM_NEWTCLASS,
  RTNLGRP_LINK,
  RTNLGRP_TC,
} from '../uapi/rtnetlink.js';
import { KnownPlaces, type Place } from './known-places.js';
import { linkText, watchLinks } from './link-state.js';
import { type Resync, type SubscribeOptions, Subscription, type Topic, type Update } from './subscription.js';

/** A change of traffic classes. */
export type TrafficClassUpdate = Update<'trafficClass', TrafficClass> | Resync<'trafficClasses', TrafficClass>;

const placeOf = ({ ifindex, classid, parent }: TrafficClass): Place => ({ ifindex, name: classid, parent });

/** Queueing disciplines that have no classes. */
const WITHOUT_CLASSES: readonly string[] = ['noop', 'noqueue', 'pfifo_fast', 'pfifo', 'bfifo', 'ingress', 'clsact'];

/** Lists the classes of the links that may have some: the kernel lists those of one link at a time. */
async function everyClass(netlink: Netlink): Promise<TrafficClass[]> {
  const qdiscs = (await netlink.qdiscList()).filter(({ kind }) => !WITHOUT_CLASSES.includes(kind));
  const links = new Set(qdiscs.map(({ ifindex }) => ifindex));
  return (await netlink.batch([...links].map((link) => classList({ link })))).flat();
}

const topic = (): Topic<TrafficClassUpdate, TrafficClass> => {
  const known = new KnownPlaces();
  const linkEvent = watchLinks(IFF_UP);
  return {
    name: 'classSubscribe',
    groups: [RTNLGRP_TC, RTNLGRP_LINK],
    // Without a word classes come and go with their queueing discipline and their link, have another one in them, and
    // change when they get their first class or lose the last one.
    hasSilentEffects(bytes, start, end, type) {
      if (type === RTM_NEWQDISC || type === RTM_DELQDISC) return readQdisc(bytes, start, end)?.parent !== 'ingress';
      if (type === RTM_NEWTCLASS || type === RTM_DELTCLASS) {
        const read = readClass(bytes, start, end);
        if (read === undefined) return false;
        const { ifindex, name, parent } = placeOf(read);
        const isChange = type === RTM_NEWTCLASS && known.hasNamed(ifindex, name);
        const hasSibling = known.has(ifindex, (place) => place.parent === parent && place.name !== name);
        return !isChange && !hasSibling && known.mayHaveNamed(ifindex, parent);
      }
      const event = linkEvent(bytes, start, end, type);
      if (event === undefined) return false;
      const { ifindex, what, flags } = event;
      if (what !== 'gone')
        return flags !== 0 && !WITHOUT_CLASSES.includes(linkText(bytes, start, end, IFLA_QDISC)) && !known.has(ifindex);
      return known.removeLink(ifindex);
    },
    read(bytes, start, end, type, flags) {
      if (type !== RTM_NEWTCLASS && type !== RTM_DELTCLASS) return undefined;
      const trafficClass = readClass(bytes, start, end);
      if (trafficClass === undefined) return undefined;
      if (type === RTM_NEWTCLASS) known.add(placeOf(trafficClass));
      else known.remove(placeOf(trafficClass));
      return { type: type === RTM_NEWTCLASS ? 'new' : 'deleted', message: { type, flags }, trafficClass };
    },
    list: everyClass,
    listed: (classes) => known.listed(classes.map(placeOf)),
    existing: (trafficClass) => ({ type: 'existing', trafficClass }),
    resync: (trafficClasses) => ({ type: 'resync', trafficClasses }),
  };
};

/**
 * Subscribes to changes of traffic classes. Those that come, change or go with a link, a queueing discipline or another
 * class are told by a `resync`, since the kernel says nothing of them.
 *
 * ```ts
 * for await (const update of classSubscribe({ namespace: 'blue', listExisting: true })) console.log(update.type);
 * ```
 *
 * @throws NamespaceNotFoundError and the other errors of `resolveNamespace` and `runInNamespace`; the errors of the
 *   socket source
 */
export function classSubscribe(options: SubscribeOptions = {}): Subscription<TrafficClassUpdate> {
  return new Subscription(() => topic() as Topic<TrafficClassUpdate, unknown>, options);
}
