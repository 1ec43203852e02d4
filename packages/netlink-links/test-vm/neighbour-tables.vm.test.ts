import { Netlink } from 'netlink-links';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ip, run } from '#testkit';

let netlink: Netlink;
beforeAll(() => {
  netlink = Netlink.open();
});
afterAll(() => netlink.close());

const whole = (name: string) =>
  netlink.sync.neighTableList().find((table) => table.name === name && table.ifindex === undefined);

// The machine's own namespace is the initial one, which alone can set what new links get.
it('what new links get, and thresholds, are set and given back in the initial namespace', async () => {
  const before = whole('arp_cache');
  if (before === undefined) throw new Error('there is no table');
  await netlink.neighTableSet('arp_cache', {
    multicastProbes: 11,
    gcThresholds: [200, 600, 2000],
    gcInterval: 40_000,
  });
  const [shown] = JSON.parse(run('ip', ['-j', 'ntable', 'show', 'name', 'arp_cache'])) as unknown[];
  expect(shown).toMatchObject({ thresh1: 200, thresh2: 600, thresh3: 2000, gc_interval: 40_000 });
  ip('link add nt0 type dummy');
  const { index } = netlink.sync.linkByName('nt0');
  expect(netlink.sync.neighTableList().find((table) => table.ifindex === index)).toMatchObject({ multicastProbes: 11 });
  netlink.sync.neighTableSet('arp_cache', before);
  expect(whole('arp_cache')).toMatchObject({
    multicastProbes: before.multicastProbes,
    gcThresholds: before.gcThresholds,
    gcInterval: before.gcInterval,
  });
  ip('link del nt0');
});
