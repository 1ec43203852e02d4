// Dumps of 100,000 IPv4 routes, 5,000 links and 20,000 addresses, fully decoded, against receiving the same bytes
// without looking, Go's vishvananda/netlink, `ip -j` and pyroute2.
import * as here from 'netlink-links';
import { addrList, linkList, routeList } from 'netlink-links/operations';
import { buildGo, missing } from '../harness/peers.mjs';
import { compare } from '../harness/report.mjs';
import { sized, timed } from '../harness/turns.mjs';
import { listByGo, listByProgram, listByPyroute2 } from './support/listings.mjs';
import { addAddresses, addLinks, addRoutes, base } from './support/populate.mjs';
import { receiveOnly } from './support/receive-only.mjs';

const CALLS = 5;
const lacks = { go: missing('go'), pyroute2: missing('pyroute2') };
const go = lacks.go === undefined ? buildGo(new URL('support/dump.go', import.meta.url)) : '';
const index = base();

/** The least of a few calls: what else the machine does only adds to it. */
async function least(call) {
  const times = [];
  for (let count = 0; count < CALLS; count += 1) times.push(await call());
  return Math.min(...times);
}

async function compareLists({ id, what, count, operation, list, goAim, ip, pyroute2 }) {
  const found = list().length;
  if (found < count) throw new Error(`we saw ${found} of ${count} ${what}`);
  const netlink = here.Netlink.open();
  await compare({
    id,
    title: `${count.toLocaleString('en')} ${what}`,
    unit: 'ms',
    base: 'sync',
    rounds: 7,
    contestants: {
      sync: { name: 'netlink-links, synchronous', run: () => least(() => timed(list)) },
      promise: { name: 'netlink-links, promise', run: () => least(() => timed(() => netlink.execute(operation))) },
      bare: {
        name: 'received without looking',
        run: () => least(() => receiveOnly(operation.single.message)),
        aim: { ratio: { atLeast: 0.5 } },
      },
      go: {
        name: "Go's vishvananda/netlink",
        missing: lacks.go,
        run: () => listByGo(go, id.replace('bare-', ''), count),
        aim: { ratio: { atLeast: goAim } },
      },
      ip: { name: '`ip -j`', run: () => listByProgram('ip', ...ip), aim: { ratio: { atLeast: 1 } } },
      pyroute2: { name: 'pyroute2', missing: lacks.pyroute2, run: () => listByPyroute2(pyroute2, count) },
    },
  });
  netlink.close();
}

const addresses = sized(20_000, 2000);
addAddresses(index, addresses);
await compareLists({
  id: 'addresses',
  what: 'addresses',
  count: addresses,
  operation: addrList(),
  list: () => here.addrList(),
  goAim: 3,
  ip: ['-j', 'addr'],
  pyroute2: 'ip.get_addr()',
});

const links = sized(5000, 500);
addLinks(links);
await compareLists({
  id: 'links',
  what: 'links',
  count: links,
  operation: linkList(),
  list: () => here.linkList(),
  goAim: 1.6,
  ip: ['-j', 'link'],
  pyroute2: 'ip.get_links()',
});
// What `ip -j link` asks for, too: the kernel adds up counters for the others.
await compareLists({
  id: 'bare-links',
  what: 'links without statistics',
  count: links,
  operation: linkList({ statistics: false }),
  list: () => here.linkList({ statistics: false }),
  goAim: 1.6,
  ip: ['-j', 'link'],
  pyroute2: 'ip.get_links()',
});

const routes = sized(100_000, 5000);
addRoutes(index, routes);
await compareLists({
  id: 'routes',
  what: 'IPv4 routes',
  count: routes,
  operation: routeList({ family: 'ipv4' }),
  list: () => here.routeList({ family: 'ipv4' }),
  goAim: 3,
  ip: ['-j', 'route'],
  pyroute2: 'ip.get_routes(family=2)',
});
