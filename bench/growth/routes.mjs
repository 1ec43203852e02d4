// Lists and streams of 1,000 to 1,000,000 routes: time for each, memory, and the longest turn of the event loop.
import { Netlink } from 'netlink-links';
import { heapMemory } from '../harness/memory.mjs';
import { curve } from '../harness/report.mjs';
import { median } from '../harness/statistics.mjs';
import { sized, tell, typicalTime } from '../harness/turns.mjs';
import { watchTurns } from '../harness/watch-turns.mjs';
import { addRoutes, base } from '../netlink/support/populate.mjs';

const COUNTS = sized([1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000], [1000, 3000]);

const ROUNDS = sized(3, 1);

const netlink = Netlink.open();
const index = base();
const time = { list: [], stream: [] };
const turns = { list: [], stream: [] };
const memory = [];
let from = 0;
for (const count of COUNTS) {
  tell(`${count} routes`);
  addRoutes(index, count, from);
  from = count;
  const work = {
    list: async () => {
      await netlink.routeList({ family: 'ipv4' });
    },
    stream: async () => {
      for await (const _route of netlink.routes({ family: 'ipv4' }));
    },
  };
  for (const [how, run] of Object.entries(work)) {
    time[how].push([count, ((await typicalTime(run)) * 1000) / count]);
    const longest = [];
    for (let round = 0; round < ROUNDS; round += 1) longest.push((await watchTurns(run)).own);
    turns[how].push([count, Math.max(0.01, median(longest))]);
  }
  const before = heapMemory();
  let routes = await netlink.routeList({ family: 'ipv4' });
  if (routes.length < count) throw new Error(`we saw ${routes.length} of ${count} routes`);
  // The list is used afterwards, or V8 would collect it, too.
  memory.push([count, (heapMemory() - before) / routes.length]);
  routes = [];
}
netlink.close();
const x = 'IPv4 routes';
curve({
  id: 'time',
  title: 'Time to read a route, of many',
  x,
  y: 'µs a route',
  series: { routeList: time.list, 'routes(), streamed': time.stream },
});
curve({
  id: 'turns',
  title: 'Longest turn of the event loop but for garbage collection, processor time',
  x,
  y: 'ms',
  series: { routeList: turns.list, 'routes(), streamed': turns.stream },
});
curve({ id: 'memory', title: 'Memory of a list', x, y: 'bytes a route', series: { routeList: memory } });
