// Dumps of 100,000 IPv4 routes, 5,000 links and 20,000 addresses, fully decoded, against receiving the same bytes
// without looking, Go's vishvananda/netlink, `ip -j` and pyroute2. Ratios within this run are what counts.
//
//   node tools/sandbox/sandbox.mjs -- node bench/netlink/dumps.mjs [routes links addresses]

import * as here from 'netlink-links';
import { addrList, linkList, routeList } from 'netlink-links/operations';
import { printTable, takeTurns } from '../table.mjs';
import { best, buildGo, goDump, program, pyroute2Dump, receiveOnly, timed } from './peers.mjs';
import { addAddresses, addLinks, addRoutes, base } from './populate.mjs';

const asked = process.argv.slice(2);
const chosen = (what) => asked.length === 0 || asked.includes(what);
const go = buildGo();
const index = base();
const rows = [];

async function compare(what, count, operation, ours, ip, pyroute2, title = what) {
  const found = ours().length;
  if (found < count) throw new Error(`we saw ${found} of ${count} ${what}`);
  const netlink = here.Netlink.open();
  const turns = await takeTurns(25, {
    own: () => timed(ours),
    bare: () => receiveOnly(operation.single.message).ms,
    promised: async () => {
      const start = performance.now();
      await netlink.execute(operation);
      return performance.now() - start;
    },
  });
  netlink.close();
  const [own, bare, promised] = [best(turns.own), best(turns.bare), best(turns.promised)];
  const figures = [
    ['received without looking', bare],
    ['netlink-links, synchronous', own],
    ['netlink-links, promise', promised],
    ["Go's vishvananda/netlink", goDump(go, what, 15, count)],
    ['ip -j', program(7, 'ip', ...ip)],
    ['pyroute2', pyroute2Dump(pyroute2, 2, count)],
  ];
  const target = { 'received without looking': '≥ 0.5', "Go's vishvananda/netlink": '≥ 3', 'ip -j': '> 1' };
  for (const [name, ms] of figures)
    rows.push({
      what: `${count.toLocaleString('en')} ${title}: ${name}`,
      figure: `${ms.toFixed(1)} ms`,
      ratio: `${(ms / own).toFixed(2)} × synchronous, ${(ms / promised).toFixed(2)} × promise`,
      target: target[name] ?? '',
    });
}

if (chosen('addresses')) {
  addAddresses(index, 20_000);
  await compare('addresses', 20_000, addrList(), () => here.addrList(), ['-j', 'addr'], 'ip.get_addr()');
}
if (chosen('links')) {
  addLinks(5_000);
  await compare('links', 5_000, linkList(), () => here.linkList(), ['-j', 'link'], 'ip.get_links()');
  // What `ip -j link` asks for, too. The kernel adds up counters for the others.
  await compare(
    'links',
    5_000,
    linkList({ statistics: false }),
    () => here.linkList({ statistics: false }),
    ['-j', 'link'],
    'ip.get_links()',
    'links without statistics',
  );
}
if (chosen('routes')) {
  addRoutes(index, 100_000);
  await compare(
    'routes',
    100_000,
    routeList({ family: 'ipv4' }),
    () => here.routeList({ family: 'ipv4' }),
    ['-j', 'route'],
    'ip.get_routes(family=2)',
  );
}
printTable(rows);
