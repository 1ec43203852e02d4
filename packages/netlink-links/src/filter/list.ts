import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import { filterOf, propertiesOf } from '../message/checks.js';
import { MessageWriter } from '../message/message-writer.js';
import type { OperationIdentity } from '../operation/errors.js';
import { checkLinkReference, describeLink, type LinkReference, resolveLinkIndex } from '../operation/link-reference.js';
import { ask, Operation, type Program } from '../operation/operation.js';
import { dump } from '../operation/request.js';
import type { QdiscHandle } from '../qdisc/handle.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import { RTM_GETTFILTER } from '../uapi/rtnetlink.js';
import { checkFilterKind, filterParent, MAX_CHAIN } from './check.js';
import type { Filter, FilterKindName } from './filter.js';
import { type FilterProtocol, filterProtocols } from './kinds/protocol.js';
import { parentsOf } from './parents.js';
import { readFilter } from './read.js';
import { writeFilterHeader } from './write.js';

/** Which filters to list: of a link or a block, and further what does not matter if left out. */
export interface FilterFilter {
  link?: LinkReference | undefined;
  block?: number | undefined;
  /** As of a filter; all queueing disciplines of the link if left out, but none of their classes. */
  parent?: QdiscHandle | undefined;
  chain?: number | undefined;
  priority?: number | undefined;
  protocol?: FilterProtocol | undefined;
  kind?: FilterKindName | undefined;
}

const FILTER = propertiesOf<FilterFilter>(
  { link: 'set', block: 'set', parent: 'set', chain: 'set', priority: 'set', protocol: 'set', kind: 'set' },
  { dev: 'link', interface: 'link', ifindex: 'link', type: 'kind', prio: 'priority', pref: 'priority' },
);

/**
 * Lists the filters of a link or of a block. Of a link they are asked for one queueing discipline after the other, unless a
 * `parent` is given.
 *
 * @param filter a filter, or the link alone
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function filterList(filter: FilterFilter | LinkReference): Operation<Filter[]> {
  const wanted = filterOf<FilterFilter>(filter, 'filterList', FILTER);
  const { link, block, parent, chain, priority, kind } = wanted;
  if ((link === undefined) === (block === undefined))
    throw new InvalidOptionError(
      'link',
      link === undefined
        ? 'filterList needs a link or a block: `link` or `block`'
        : 'link and block exclude each other: filters are at a link or in a block',
    );
  checkInteger('block', block, 1, 0xfffffffe);
  checkInteger('chain', chain, 0, MAX_CHAIN);
  checkInteger('priority', priority, 1, 0xffff);
  if (block !== undefined && parent !== undefined)
    throw new InvalidOptionError('parent', 'parent and block exclude each other: a block has filters of its own');
  if (kind !== undefined) checkFilterKind(kind);
  const protocol =
    wanted.protocol === undefined ? undefined : filterProtocols.name(filterProtocols.number(wanted.protocol));
  const at = parent === undefined ? undefined : filterParent(parent);
  const filtersAt = (ifindex: number, place: number): Program<Filter[]> => {
    const message = new MessageWriter(RTM_GETTFILTER, NLM_F_DUMP);
    writeFilterHeader(message, { ifindex, block, parent: place });
    return ask(
      dump(message.finish(), (bytes, start, end) => {
        const read = readFilter(bytes, start, end);
        if (read === undefined) return undefined;
        if (chain !== undefined && read.chain !== chain) return undefined;
        if (priority !== undefined && read.priority !== priority) return undefined;
        if (protocol !== undefined && read.protocol !== protocol) return undefined;
        return kind === undefined || read.kind === kind ? read : undefined;
      }),
    );
  };
  const target = link === undefined ? `block ${block}` : describeLink(link);
  const identity: OperationIdentity = { name: 'filterList', description: `list the filters of ${target}`, target };
  if (link === undefined) return new Operation<Filter[]>(identity, () => filtersAt(0, 0));
  const reference = checkLinkReference(link);
  return new Operation(identity, function* () {
    const ifindex = yield* resolveLinkIndex(identity, reference);
    if (at !== undefined) return yield* filtersAt(ifindex, at);
    const found: Filter[] = [];
    for (const place of yield* parentsOf(ifindex)) found.push(...(yield* filtersAt(ifindex, place)));
    return found;
  });
}
