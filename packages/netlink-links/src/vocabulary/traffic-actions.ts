import { InvalidOptionError } from 'netns-core';
import type { TrafficClassSpec } from '../class/spec.js';
import type { FilterPlace, FilterSpec } from '../filter/filter.js';
import type { LinkReference } from '../operation/link-reference.js';
import type { QdiscHandle } from '../qdisc/handle.js';
import type { NetemAttributes } from '../qdisc/kinds/netem.js';
import type { TbfAttributes } from '../qdisc/kinds/tbf.js';
import type { QdiscSpec } from '../qdisc/spec.js';
import { type LinkAction, linkAction, type WithProvider } from './link-action.js';

/** What is to be made at a link that something else names. One that was read will do; its `ifindex` does not count. */
type AtLink<S> = S extends unknown ? Omit<S, 'link'> : never;

/** Adds the link of the action. @throws InvalidOptionError if the options name one as well */
function atLink<S>(name: string, link: LinkReference, options: AtLink<S>): S {
  // The operation refuses what is not an object.
  if (typeof options !== 'object' || options === null) return options as S;
  if ('link' in options && options.link !== undefined)
    throw new InvalidOptionError(
      'link',
      `${name} acts on the link of its provider, or of LinkDo: leave out \`link\` in its options`,
    );
  return { ...options, link } as S;
}

/** A netem queueing discipline: `latency` and `jitter` in milliseconds, `loss` in per cent, and what else it knows. */
export type NetemOptions = Partial<NetemAttributes> & { handle?: QdiscHandle };

/** Delays and loses packets that the link sends. */
export function LAAddNetem(...args: WithProvider<[options: NetemOptions]>): LinkAction {
  return linkAction('LAAddNetem', args, 1, ({ netlink }, link, options) =>
    netlink.qdiscAdd(atLink<QdiscSpec>('LAAddNetem', link, { kind: 'netem', ...options })),
  );
}

/** A token bucket filter: `rate` in bits per second, `burst` in bytes, `latency` in milliseconds or `limit` in bytes. */
export type TbfOptions = Pick<TbfAttributes, 'rate' | 'burst'> & Partial<TbfAttributes> & { handle?: QdiscHandle };

/** Limits the rate at which the link sends. */
export function LAAddTbf(...args: WithProvider<[options: TbfOptions]>): LinkAction {
  return linkAction('LAAddTbf', args, 1, ({ netlink }, link, options) =>
    netlink.qdiscAdd(atLink<QdiscSpec>('LAAddTbf', link, { kind: 'tbf', ...options })),
  );
}

/** A queueing discipline of any kind, without its link. */
export type QdiscOptions = AtLink<QdiscSpec>;

/** Adds a queueing discipline: `LAAddQdisc({ kind: 'htb', handle: '1:', defaultClass: 0x20 })`. */
export function LAAddQdisc(...args: WithProvider<[options: QdiscOptions]>): LinkAction {
  return linkAction('LAAddQdisc', args, 1, ({ netlink }, link, options) =>
    netlink.qdiscAdd(atLink<QdiscSpec>('LAAddQdisc', link, options)),
  );
}

/** A traffic class of any kind, without its link. */
export type ClassOptions = AtLink<TrafficClassSpec>;

/** Adds a class to a queueing discipline that has classes: `LAAddClass({ kind: 'htb', classid: '1:20', rate: 2_000_000 })`. */
export function LAAddClass(...args: WithProvider<[options: ClassOptions]>): LinkAction {
  return linkAction('LAAddClass', args, 1, ({ netlink }, link, options) =>
    netlink.classAdd(atLink<TrafficClassSpec>('LAAddClass', link, options)),
  );
}

/** A filter of any kind, without its link. */
export type FilterOptions = AtLink<FilterSpec>;

/**
 * Adds a filter to a queueing discipline. Gives its place, with the priority and the handle that the kernel chose.
 *
 * ```ts
 * LAAddFilter({ kind: 'u32', parent: '1:', protocol: 'ip', keys: u32Match({ destinationPort: 443 }), classid: '1:20' })
 * ```
 */
export function LAAddFilter(...args: WithProvider<[options: FilterOptions]>): LinkAction<FilterPlace> {
  return linkAction('LAAddFilter', args, 1, ({ netlink }, link, options) =>
    netlink.filterAdd(atLink<FilterSpec>('LAAddFilter', link, options)),
  );
}
