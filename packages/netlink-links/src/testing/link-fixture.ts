import type { Link, LinkKindName, LinkOf } from '../link/link.js';

/**
 * A link for tests: what is given, and what an Ethernet link that is down has.
 *
 * @param link at least its name; `type` is `'device'` unless given
 */
export function linkFixture<K extends LinkKindName = 'device'>(
  link: Partial<LinkOf<K>> & { name: string; type?: K },
): Link {
  const fixture: Link = {
    type: 'device',
    index: 2,
    hardwareType: 1,
    mtu: 1500,
    flags: ['broadcast', 'multicast'],
    rawFlags: 0x1002,
    hardwareAddr: '02:00:00:00:00:01',
    broadcast: 'ff:ff:ff:ff:ff:ff',
    operState: 'down',
    linkMode: 'default',
    carrier: false,
    carrierChanges: 0,
    altNames: [],
    txQLen: 1000,
    qdisc: 'noop',
    group: 0,
    promiscuity: 0,
    allMulticast: 0,
    numTxQueues: 1,
    numRxQueues: 1,
    gsoMaxSize: 65536,
    gsoMaxSegs: 65535,
    groMaxSize: 65536,
    tsoMaxSize: 65536,
    tsoMaxSegs: 65535,
    minMtu: 68,
    maxMtu: 65535,
    protoDown: false,
    name: link.name,
  };
  return Object.assign(fixture, link);
}
