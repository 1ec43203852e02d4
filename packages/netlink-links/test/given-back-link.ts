import type { Link, LinkChanges, Netlink } from 'netlink-links';
import { linkModify } from 'netlink-links/operations';
import { expect } from 'vitest';
import { ipJson } from '#testkit';

/** What a link is as a port, without what its master makes of it. */
const portSettings = (port: Link['masterPort']): object =>
  Object.fromEntries(
    Object.entries(port ?? {}).filter(
      ([property]) =>
        !/^(state|id|number|designated.*|rootId|bridgeId|.*Timer|topologyChangeAck|configPending|multicast(EhtHosts|Groups)|miiStatus|linkFailureCount|permanentHardwareAddr|aggregatorId|.*PortState)$/.test(
          property,
        ),
    ),
  );

/** What was read, without what counts or changes by itself. */
const settled = (link: Link): object => ({
  ...link,
  ...{ statistics: 0, carrierChanges: 0, operState: '', carrier: false, rawFlags: 0 },
  ...{ gcTimer: 0, helloTimer: 0, tcnTimer: 0, topologyChangeTimer: 0, topologyChange: 0, topologyChangeDetected: 0 },
  ...{ bridgeId: '', rootId: '' },
  // Told where it is another address than the link's own.
  permanentHardwareAddr: '',
  masterPort: portSettings(link.masterPort),
  flags: link.flags.filter((flag) => !['running', 'lower_up'].includes(String(flag))),
});

/** What `ip` shows of a link; what its kind has, and what it has as a port, in pairs. */
export interface ShownLink {
  readonly own: readonly (readonly [string, unknown])[];
  readonly asPort: readonly (readonly [string, unknown])[];
  readonly [property: string]: unknown;
}

/** What `ip` shows of the link `it`, without what counts or changes by itself. */
export function shownLink(namespace: string): ShownLink {
  const [link] = ipJson<Record<string, unknown>>('-d link show it', namespace);
  const { linkinfo, flags, operstate: _, permaddr: ___, ...rest } = link ?? {};
  const { info_data: data = {}, info_slave_data: port = {}, ...info } = linkinfo as Record<string, object>;
  const own = Object.entries(data).filter(([key]) => !/timer|topology_change|_id$/.test(key));
  // What the master makes of the port: its number, its state, how often it failed.
  const told =
    /^(state|id|no|root_id|bridge_id|designated_.*|.*_timer|.*_state.*|.*_pending|.*_ack|mcast_.*cnt|.*_n_groups|mii_.*|link_fail.*|ad_.*)$/;
  const asPort = Object.entries(port).filter(([key]) => !told.test(key));
  const state = ['LOWER_UP', 'NO-CARRIER'];
  return { ...rest, info, own, asPort, flags: (flags as string[]).filter((flag) => !state.includes(flag)) };
}

/** A change of a link to what was read of it asks how it is, and then has nothing to say. */
export function expectNothingSent(read: Link): void {
  const steps = linkModify('it', read).start();
  steps.next();
  expect(steps.next(read)).toEqual({ done: true, value: undefined });
}

/** Settings of all links, and what `ip` calls them. */
const SHOWN_AS = { alias: 'ifalias', group: 'group', txQLen: 'txqlen', mtu: 'mtu' } as const;

/**
 * Changes the link `it` to what was read of it, deletes it, adds it by what was read, and expects it to be as it was each
 * time. Each of the properties is changed alone in between.
 */
export function giveBackLink(netlink: Netlink, namespace: string, properties = Object.keys(SHOWN_AS)): void {
  const before = shownLink(namespace);
  const read = netlink.sync.linkByName('it');
  expectNothingSent(read);
  netlink.sync.linkModify('it', read);
  expect(shownLink(namespace)).toEqual(before);
  const mtu = read.mtu > 1400 ? { mtu: read.mtu - 20 } : {};
  const changes: LinkChanges = { alias: 'changed', group: read.group + 1, txQLen: read.txQLen + 1, ...mtu };
  for (const [property, value] of Object.entries(changes).filter(([name]) => properties.includes(name))) {
    netlink.sync.linkModify('it', { ...read, [property]: value });
    const shown = property === 'group' ? String(value) : value;
    expect(shownLink(namespace)).toEqual({ ...before, [SHOWN_AS[property as keyof typeof SHOWN_AS]]: shown });
    netlink.sync.linkModify('it', read);
    expect(shownLink(namespace)).toEqual(before);
  }
  netlink.sync.linkDel('it');
  netlink.sync.linkAdd(read);
  expect(settled(netlink.sync.linkByName('it'))).toEqual(settled(read));
  expect(shownLink(namespace)).toEqual(before);
  netlink.sync.linkDel('it');
}
