import type { Chain } from '../chain/chain.js';
import { chainList } from '../chain/list.js';
import { readChain } from '../chain/read.js';
import type { Netlink } from '../netlink/netlink.js';
import { NLM_F_EXCL } from '../uapi/netlink.js';
import { RTM_DELCHAIN, RTM_NEWCHAIN, RTNLGRP_LINK, RTNLGRP_TC } from '../uapi/rtnetlink.js';
import { BLOCKS, filterHolders, watchHolders } from './filter-places.js';
import { KnownPlaces, type Place } from './known-places.js';
import { type Resync, type SubscribeOptions, Subscription, type Topic, type Update } from './subscription.js';

/** A change of chains of filters. */
export type ChainUpdate = Update<'chain', Chain> | Resync<'chains', Chain>;

const placeOf = ({ ifindex, block, parent, chain }: Chain): Place => {
  const below = parent ?? `block ${block}`;
  return { ifindex: ifindex ?? BLOCKS, name: `${below} ${chain}`, parent: below };
};

const topic = (nsid?: number): Topic<ChainUpdate, Chain> => {
  const known = new KnownPlaces();
  const goesWithHolder = watchHolders(known);
  return {
    name: 'chainSubscribe',
    groups: [RTNLGRP_TC, RTNLGRP_LINK],
    // Of a chain at a link the kernel tells the queueing discipline: not the side of clsact, and not the class.
    hasSilentEffects(bytes, start, end, type) {
      if (type === RTM_NEWCHAIN || type === RTM_DELCHAIN) return readChain(bytes, start, end)?.block === undefined;
      return goesWithHolder(bytes, start, end, type);
    },
    read(bytes, start, end, type, flags) {
      if (type !== RTM_NEWCHAIN && type !== RTM_DELCHAIN) return undefined;
      const chain = readChain(bytes, start, end);
      // Everything is being listed; in another namespace nothing can be.
      if (chain === undefined || (chain.block === undefined && nsid === undefined)) return undefined;
      const message = { type, flags };
      if (type === RTM_DELCHAIN) {
        known.remove(placeOf(chain));
        return { type: 'deleted', message, chain };
      }
      known.add(placeOf(chain));
      if ((flags & NLM_F_EXCL) === 0) return { type: 'new', message, chain };
      return { type: 'new', change: 'added', message, chain };
    },
    list: everyChain,
    listed: (chains) => known.listed(chains.map(placeOf)),
    existing: (chain) => ({ type: 'existing', chain }),
    resync: (chains) => ({ type: 'resync', chains }),
  };
};

async function everyChain(netlink: Netlink): Promise<Chain[]> {
  const holders = await filterHolders(netlink);
  return (await netlink.batch(holders.map((holder) => chainList(holder)))).flat();
}

/**
 * Subscribes to changes of the chains of filters of links and blocks. Those of blocks are told one by one; of one at a link
 * the kernel does not say where exactly it is, so all are told by a `resync`.
 *
 * ```ts
 * for await (const update of chainSubscribe({ namespace: 'blue', listExisting: true })) console.log(update.type);
 * ```
 *
 * @throws NamespaceNotFoundError and the other errors of `resolveNamespace` and `runInNamespace`; the errors of the
 *   socket source
 */
export function chainSubscribe(options: SubscribeOptions = {}): Subscription<ChainUpdate> {
  return new Subscription((nsid) => topic(nsid) as Topic<ChainUpdate, unknown>, options);
}
