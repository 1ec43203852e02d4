import { classList } from '../class/list.js';
import { readClass } from '../class/read.js';
import type { MessageBytes } from '../message/message-bytes.js';
import type { Netlink } from '../netlink/netlink.js';
import { TCMSG_SIZE } from '../uapi/pkt-sched.js';
import { RTM_DELQDISC, RTM_DELTCLASS } from '../uapi/rtnetlink.js';
import type { KnownPlaces } from './known-places.js';
import { watchLinks } from './link-state.js';

/** A place that has chains of filters: a side of a link, a queueing discipline, a class or a block. */
export type FilterHolder = { readonly link: number; readonly parent: string } | { readonly block: number };

/** Where what is in blocks is kept among what is at links. */
export const BLOCKS = 0;

/** Queueing disciplines that have no filters. */
const WITHOUT_FILTERS: readonly string[] = ['noqueue', 'noop', 'pfifo_fast', 'pfifo', 'bfifo', 'mq'];
/** Those whose classes have filters of their own. */
const WITH_FILTERS_IN_CLASSES: readonly string[] = ['htb', 'hfsc', 'generic'];

/** All places that may have filters: the kernel lists the filters and chains of one at a time. */
export async function filterHolders(netlink: Netlink): Promise<FilterHolder[]> {
  const holders: FilterHolder[] = [];
  const blocks = new Set<number>();
  const withClasses = new Set<number>();
  for (const qdisc of await netlink.qdiscList()) {
    const link = qdisc.ifindex;
    if (WITH_FILTERS_IN_CLASSES.includes(qdisc.kind)) withClasses.add(link);
    const side = (parent: string, block: number | undefined): void => {
      if (block === undefined) holders.push({ link, parent });
      else blocks.add(block);
    };
    if (qdisc.kind === 'ingress') side('ingress', qdisc.ingressBlock);
    else if (qdisc.kind === 'clsact') {
      side('ingress', qdisc.ingressBlock);
      side('egress', qdisc.egressBlock);
    } else if (!WITHOUT_FILTERS.includes(qdisc.kind)) {
      // One that the kernel made has no number of its own; 0 means the root.
      if (qdisc.handle !== '0:' || qdisc.parent === 'root') holders.push({ link, parent: qdisc.handle });
    }
  }
  const classes = await netlink.batch([...withClasses].map((link) => classList({ link })));
  // hfsc has a class with the number of the queueing discipline, whose filters were listed.
  for (const { ifindex, classid } of classes.flat())
    if (!classid.endsWith(':')) holders.push({ link: ifindex, parent: classid });
  for (const block of blocks) holders.push({ block });
  return holders;
}

/**
 * Makes a function that tells whether a message is about a queueing discipline, a class or a link that goes, with which
 * filters and chains go without a word: those that are known to be there, or may be. A block goes with the last one that
 * has it.
 */
export function watchHolders(
  known: KnownPlaces,
): (bytes: MessageBytes, start: number, end: number, type: number) => boolean {
  const linkEvent = watchLinks(0);
  return (bytes, start, end, type) => {
    if (type === RTM_DELQDISC && end - start >= TCMSG_SIZE)
      return known.mayHave(bytes.i32[(start + 4) >> 2] ?? 0) || known.mayHave(BLOCKS);
    if (type === RTM_DELTCLASS) {
      const removed = readClass(bytes, start, end);
      return removed !== undefined && known.mayHave(removed.ifindex, ({ parent }) => parent === removed.classid);
    }
    const event = linkEvent(bytes, start, end, type);
    if (event?.what !== 'gone') return false;
    return known.removeLink(event.ifindex) || known.mayHave(BLOCKS);
  };
}
