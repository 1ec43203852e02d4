import {
  type Chain,
  chainSubscribe,
  classSubscribe,
  type Filter,
  type FilterFilter,
  filterSubscribe,
  type Netlink,
  type Qdisc,
  qdiscSubscribe,
  type TrafficClass,
} from 'netlink-links';
import { type Followed, viewOf } from './subscription-view.ts';

const COUNTERS = [
  ...['statistics', 'references', 'directPackets', 'tokens', 'ctokens', 'lends', 'borrows', 'giants'],
  ...['bindings', 'lastUsed', 'installed', 'firstUsed'],
];

/** Views of the queueing disciplines, classes, filters and chains of a namespace, in this order. */
export function followTraffic(
  namespace: string,
  { sync }: Netlink,
): [qdiscs: Followed, classes: Followed, filters: Followed, chains: Followed] {
  const options = { namespace, listExisting: true };
  /** Of all links, of their classes and of the blocks that are shared. */
  const everywhere = <T extends { readonly block?: number }>(list: (at: FilterFilter) => T[]): T[] => {
    const blocks = sync.qdiscList().flatMap(({ ingressBlock, egressBlock }) => [ingressBlock, egressBlock]);
    return [
      ...sync
        .linkList()
        .flatMap(({ index }) => list({ link: index }))
        .filter(({ block }) => block === undefined),
      ...sync
        .classList()
        // hfsc has a class with the number of the queueing discipline.
        .filter(({ classid }) => !classid.endsWith(':'))
        .flatMap(({ ifindex, classid }) => list({ link: ifindex, parent: classid })),
      ...[...new Set(blocks)].flatMap((block) => (block === undefined ? [] : list({ block }))),
    ];
  };
  return [
    {
      view: viewOf<Qdisc>(
        qdiscSubscribe(options),
        ['qdisc', 'qdiscs'],
        ({ ifindex, handle, parent }) => `${ifindex} ${handle} ${parent}`,
      ),
      list: () => sync.qdiscList(),
      varying: COUNTERS,
    },
    {
      view: viewOf<TrafficClass>(
        classSubscribe(options),
        ['trafficClass', 'trafficClasses'],
        ({ ifindex, classid }) => `${ifindex} ${classid}`,
      ),
      list: () => sync.classList(),
      varying: COUNTERS,
    },
    {
      view: viewOf<Filter>(
        filterSubscribe(options),
        ['filter', 'filters'],
        ({ ifindex, block, parent, chain, priority, handle }) =>
          `${ifindex ?? block} ${parent} ${chain} ${priority} ${handle}`,
      ),
      list: () => everywhere((at) => sync.filterList(at)),
      varying: COUNTERS,
    },
    {
      view: viewOf<Chain>(
        chainSubscribe(options),
        ['chain', 'chains'],
        ({ ifindex, block, parent, chain }) => `${ifindex ?? block} ${parent} ${chain}`,
      ),
      list: () => everywhere((at) => sync.chainList(at)),
    },
  ];
}
