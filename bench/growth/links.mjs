// 1 to 20,000 links in one namespace: adding one more, listing all, finding one by name.
import { Netlink } from 'netlink-links';
import { linkAdd } from 'netlink-links/operations';
import { curve } from '../harness/report.mjs';
import { sized, tell, timed, typicalTime } from '../harness/turns.mjs';

const COUNTS = sized([10, 100, 1000, 3000, 10_000, 20_000], [10, 100]);
const BATCH = 1000;
const LOOKUPS = sized(500, 10);

const netlink = Netlink.open();
const [added, listed, found] = [[], [], []];
let have = 0;
for (const count of COUNTS) {
  tell(`${count} links`);
  const first = have;
  const ms = await timed(async () => {
    while (have < count) {
      const end = Math.min(count, have + BATCH);
      const operations = [];
      for (; have < end; have += 1) operations.push(linkAdd({ type: 'bridge', name: `d${have}` }));
      await netlink.batch(operations);
    }
  });
  added.push([count, (ms * 1000) / (count - first)]);
  listed.push([count, ((await typicalTime(() => netlink.linkList())) * 1000) / count]);
  const lookUp = async () => {
    for (let index = 0; index < LOOKUPS; index += 1) await netlink.linkByName(`d${(index * 7919) % count}`);
  };
  found.push([count, ((await typicalTime(lookUp)) * 1000) / LOOKUPS]);
}
netlink.close();
const x = 'links';
curve({
  id: 'time',
  title: 'Links among many',
  x,
  y: 'µs each',
  series: { 'linkAdd, in batches': added, linkList: listed, linkByName: found },
});
