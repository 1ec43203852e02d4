import type { Link, Netlink } from 'netlink-links';
import { expect } from 'vitest';
import { ipJson } from '#testkit';

/** What was read, without what counts or changes by itself. */
const settled = (link: Link): object => ({
  ...link,
  ...{ statistics: 0, carrierChanges: 0, operState: '', carrier: false, rawFlags: 0 },
  ...{ gcTimer: 0, helloTimer: 0, tcnTimer: 0, topologyChangeTimer: 0, topologyChange: 0, topologyChangeDetected: 0 },
  ...{ bridgeId: '', rootId: '' },
  flags: link.flags.filter((flag) => !['running', 'lower_up'].includes(String(flag))),
});

/** What `ip` shows of the link `it`, without what counts or changes by itself. */
export function shownLink(namespace: string): object {
  const [link] = ipJson<Record<string, unknown>>('-d link show it', namespace);
  const { linkinfo, flags, operstate: _, ...rest } = link ?? {};
  const { info_data: data = {}, info_slave_data: __, ...info } = linkinfo as Record<string, object>;
  const own = Object.entries(data).filter(([key]) => !/timer|topology_change|_id$/.test(key));
  const state = ['LOWER_UP', 'NO-CARRIER'];
  return { ...rest, info, own, flags: (flags as string[]).filter((flag) => !state.includes(flag)) };
}

/**
 * Changes the link `it` to what was read of it, deletes it, adds it by what was read, and expects it to be as it was each
 * time.
 */
export function giveBackLink(netlink: Netlink, namespace: string): void {
  const before = shownLink(namespace);
  const read = netlink.sync.linkByName('it');
  netlink.sync.linkModify('it', read);
  expect(shownLink(namespace)).toEqual(before);
  netlink.sync.linkDel('it');
  netlink.sync.linkAdd(read);
  expect(settled(netlink.sync.linkByName('it'))).toEqual(settled(read));
  expect(shownLink(namespace)).toEqual(before);
  netlink.sync.linkDel('it');
}
