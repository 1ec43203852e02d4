import type { Filter } from '../filter/filter.js';
import { filterList } from '../filter/list.js';
import { readFilter } from '../filter/read.js';
import type { Netlink } from '../netlink/netlink.js';
import { NLM_F_CREATE, NLM_F_EXCL } from '../uapi/netlink.js';
import { TCM_IFINDEX_MAGIC_BLOCK } from '../uapi/pkt-cls.js';
import { TCMSG_SIZE } from '../uapi/pkt-sched.js';
import { RTM_DELTFILTER, RTM_NEWACTION, RTM_NEWTFILTER, RTNLGRP_LINK, RTNLGRP_TC } from '../uapi/rtnetlink.js';
import { BLOCKS, filterHolders, watchHolders } from './filter-places.js';
import { KnownPlaces, type Place } from './known-places.js';
import { type Resync, type SubscribeOptions, Subscription, type Topic, type Update } from './subscription.js';

/** A change of filters. */
export type FilterUpdate = Update<'filter', Filter> | Resync<'filters', Filter>;

const placeOf = ({ ifindex, block, parent, chain, priority, protocol, handle }: Filter): Place => {
  const below = parent ?? `block ${block}`;
  return { ifindex: ifindex ?? BLOCKS, name: `${below} ${chain} ${priority} ${protocol} ${handle}`, parent: below };
};

const topic = (): Topic<FilterUpdate, Filter> => {
  const known = new KnownPlaces();
  const goesWithHolder = watchHolders(known);
  return {
    name: 'filterSubscribe',
    groups: [RTNLGRP_TC, RTNLGRP_LINK],
    // A message about all filters of a priority does not name them; an action that filters share changes by itself; and of
    // a filter of u32 that was replaced the message tells what it was before (u32_change in cls_u32.c).
    hasSilentEffects(bytes, start, end, type, flags) {
      if (type === RTM_NEWTFILTER) {
        // Of a new matchall Linux up to 6.1 at least tells that there is one, and neither its handle nor what it is.
        const lacksHandle = end - start >= TCMSG_SIZE && bytes.u32[(start + 8) >> 2] === 0;
        if (lacksHandle && readFilter(bytes, start, end) === undefined) return true;
        const filter = (flags & NLM_F_EXCL) === 0 ? readFilter(bytes, start, end) : undefined;
        if (filter?.kind !== 'u32') return false;
        const { ifindex, name } = placeOf(filter);
        return known.mayHaveNamed(ifindex, name);
      }
      if (type === RTM_NEWACTION) return known.mayBeAny;
      if (type === RTM_DELTFILTER && end - start >= TCMSG_SIZE) {
        if (bytes.u32[(start + 8) >> 2] !== 0 || readFilter(bytes, start, end) !== undefined) return false;
        const ifindex = bytes.u32[(start + 4) >> 2] ?? 0;
        return known.mayHave(ifindex === TCM_IFINDEX_MAGIC_BLOCK ? BLOCKS : ifindex);
      }
      return goesWithHolder(bytes, start, end, type);
    },
    read(bytes, start, end, type, flags) {
      if (type !== RTM_NEWTFILTER && type !== RTM_DELTFILTER) return undefined;
      const filter = readFilter(bytes, start, end);
      if (filter === undefined) return undefined;
      const message = { type, flags };
      if (type === RTM_DELTFILTER) {
        known.remove(placeOf(filter));
        return { type: 'deleted', message, filter };
      }
      known.add(placeOf(filter));
      // Those of the request; with NLM_F_CREATE alone it is not told whether there was one.
      if ((flags & NLM_F_CREATE) === 0) return { type: 'new', change: 'changed', message, filter };
      if ((flags & NLM_F_EXCL) !== 0) return { type: 'new', change: 'added', message, filter };
      return { type: 'new', message, filter };
    },
    list: everyFilter,
    listed: (filters) => known.listed(filters.map(placeOf)),
    existing: (filter) => ({ type: 'existing', filter }),
    resync: (filters) => ({ type: 'resync', filters }),
  };
};

async function everyFilter(netlink: Netlink): Promise<Filter[]> {
  const holders = await filterHolders(netlink);
  return (await netlink.batch(holders.map((holder) => filterList(holder)))).flat();
}

/**
 * Subscribes to changes of the filters of links and blocks. Those that go with a link, a queueing discipline or a class, or
 * with others of their priority, are told by a `resync`, since the kernel says nothing of them.
 *
 * ```ts
 * for await (const update of filterSubscribe({ namespace: 'blue', listExisting: true })) console.log(update.type);
 * ```
 *
 * @throws NamespaceNotFoundError and the other errors of `resolveNamespace` and `runInNamespace`; the errors of the
 *   socket source
 */
export function filterSubscribe(options: SubscribeOptions = {}): Subscription<FilterUpdate> {
  return new Subscription(() => topic() as Topic<FilterUpdate, unknown>, options);
}
