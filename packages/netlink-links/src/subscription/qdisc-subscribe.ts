import { readClass } from '../class/read.js';
import type { Qdisc } from '../qdisc/qdisc.js';
import { readQdisc } from '../qdisc/read.js';
import { IFF_UP } from '../uapi/if.js';
import { NLM_F_REPLACE } from '../uapi/netlink.js';
import {
  RTM_DELQDISC,
  RTM_DELTCLASS,
  RTM_NEWQDISC,
  RTM_NEWTCLASS,
  RTNLGRP_LINK,
  RTNLGRP_TC,
} from '../uapi/rtnetlink.js';
import { KnownPlaces, type Place } from './known-places.js';
import { watchLinks } from './link-state.js';
import { type Resync, type SubscribeOptions, Subscription, type Topic, type Update } from './subscription.js';

/** A change of queueing disciplines. */
export type QdiscUpdate = Update<'qdisc', Qdisc> | Resync<'qdiscs', Qdisc>;

/** Those that the kernel made have no number of their own, but places that differ. */
const placeOf = ({ ifindex, handle, parent }: Qdisc): Place => ({ ifindex, name: `${handle} ${parent}`, parent });

const topic = (): Topic<QdiscUpdate, Qdisc> => {
  const known = new KnownPlaces();
  const linkEvent = watchLinks(IFF_UP);
  return {
    name: 'qdiscSubscribe',
    groups: [RTNLGRP_TC, RTNLGRP_LINK],
    // Without a word the kernel gives a link that goes up, or whose queueing discipline is removed, one of its own; and
    // it removes what is below a queueing discipline, a class or a link that goes, or below a class that gets classes.
    hasSilentEffects(bytes, start, end, type, flags) {
      if (type === RTM_NEWTCLASS || type === RTM_DELTCLASS) {
        const changed = readClass(bytes, start, end);
        if (changed === undefined) return false;
        const place = type === RTM_NEWTCLASS ? changed.parent : changed.classid;
        return known.mayHave(changed.ifindex, ({ parent }) => parent === place);
      }
      if (type === RTM_NEWQDISC || type === RTM_DELQDISC) {
        const qdisc = readQdisc(bytes, start, end);
        if (qdisc === undefined) return false;
        if (type === RTM_NEWQDISC) return qdisc.parent === 'root' && (flags & NLM_F_REPLACE) !== 0;
        return qdisc.parent === 'root' || known.mayHave(qdisc.ifindex, ({ parent }) => parent.startsWith(qdisc.handle));
      }
      const event = linkEvent(bytes, start, end, type);
      if (event === undefined) return false;
      const { ifindex, what, flags: state } = event;
      if (what !== 'gone')
        return state !== 0 && !(what === 'changed' && known.has(ifindex, ({ parent }) => parent === 'root'));
      return known.removeLink(ifindex);
    },
    read(bytes, start, end, type, flags) {
      if (type !== RTM_NEWQDISC && type !== RTM_DELQDISC) return undefined;
      const qdisc = readQdisc(bytes, start, end);
      if (qdisc === undefined) return undefined;
      const message = { type, flags };
      if (type === RTM_DELQDISC) {
        known.remove(placeOf(qdisc));
        return { type: 'deleted', message, qdisc };
      }
      known.add(placeOf(qdisc));
      if ((flags & NLM_F_REPLACE) === 0) return { type: 'new', message, qdisc };
      return { type: 'new', change: 'replaced', message, qdisc };
    },
    list: (netlink) => netlink.qdiscList(),
    listed: (qdiscs) => known.listed(qdiscs.map(placeOf)),
    existing: (qdisc) => ({ type: 'existing', qdisc }),
    resync: (qdiscs) => ({ type: 'resync', qdiscs }),
  };
};

/**
 * Subscribes to changes of queueing disciplines. Those that come or go with a link, a class or another queueing discipline
 * are told by a `resync`, since the kernel says nothing of them.
 *
 * ```ts
 * for await (const update of qdiscSubscribe({ namespace: 'blue', listExisting: true })) console.log(update.type);
 * ```
 *
 * @throws NamespaceNotFoundError and the other errors of `resolveNamespace` and `runInNamespace`; the errors of the
 *   socket source
 */
export function qdiscSubscribe(options: SubscribeOptions = {}): Subscription<QdiscUpdate> {
  return new Subscription(() => topic() as Topic<QdiscUpdate, unknown>, options);
}
