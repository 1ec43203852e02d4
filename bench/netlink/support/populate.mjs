// Fills the sandbox's namespace with many objects, through our own batches.
import { Netlink } from 'netlink-links';
import { addrAdd, linkAdd, linkByName, routeAdd } from 'netlink-links/operations';

/** A veth pair to attach things to. Returns the index of the near end. */
export function base() {
  const netlink = Netlink.open();
  netlink.sync.linkAdd({ type: 'veth', name: 'base', up: true, peer: { name: 'beyond' } });
  netlink.sync.linkSetUp('beyond');
  const { index } = netlink.sync.linkByName('base');
  netlink.close();
  return index;
}

/** The documentation ranges: routes beyond their 768 addresses differ in metric. */
const RANGES = ['192.0.2', '198.51.100', '203.0.113'];

/** Adds IPv4 routes to the main table, until there are `count`, of which `from` are there already. */
export function addRoutes(oif, count, from = 0) {
  const netlink = Netlink.open();
  let operations = [];
  for (let i = from; i < count; i += 1) {
    const host = i % 750;
    operations.push(
      routeAdd({
        dst: `${RANGES[Math.floor(host / 250)]}.${(host % 250) + 1}/32`,
        oif,
        scope: 'link',
        priority: 1 + Math.floor(i / 750),
      }),
    );
    if (operations.length === 10_000 || i === count - 1) {
      netlink.sync.batch(operations);
      operations = [];
    }
  }
  netlink.close();
}

/** Adds addresses: half IPv6 to one link, half IPv4 to several. */
export function addAddresses(index, count) {
  const netlink = Netlink.open();
  const operations = [];
  for (let i = 0; i < count / 2; i += 1)
    operations.push(
      addrAdd(index, { address: `2001:db8::${(i >> 8).toString(16)}:${(i & 255).toString(16)}/128`, flags: ['nodad'] }),
    );
  const perLink = 750;
  for (let link = 0; link * perLink < count / 2; link += 1) {
    netlink.sync.linkAdd({ type: 'ifb', name: `a${link}`, up: true });
    const { index: at } = netlink.sync.execute(linkByName(`a${link}`));
    for (let i = 0; i < Math.min(perLink, count / 2 - link * perLink); i += 1)
      operations.push(addrAdd(at, `${RANGES[Math.floor(i / 250)]}.${(i % 250) + 1}/32`));
  }
  netlink.sync.batch(operations);
  netlink.close();
}

/** Adds veth pairs, two links each. */
export function addLinks(count) {
  const netlink = Netlink.open();
  netlink.sync.batch(
    Array.from({ length: count / 2 }, (_, i) => linkAdd({ type: 'veth', name: `v${i}`, peer: { name: `p${i}` } })),
  );
  netlink.close();
}
