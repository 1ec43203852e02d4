// 1 to 100 subscribers of links in one process: how long until all have heard of 200 changes. The kernel tells of a new
// alias if the link is up.
import { linkSubscribe, Netlink } from 'netlink-links';
import { linkSetAlias } from 'netlink-links/operations';
import { curve } from '../harness/report.mjs';
import { median } from '../harness/statistics.mjs';
import { processorTime, sized, tell } from '../harness/turns.mjs';

const COUNTS = sized([1, 3, 10, 30, 100], [1, 3]);
const CHANGES = 200;
const ROUNDS = sized(5, 2);

const netlink = Netlink.open();
await netlink.linkAdd({ type: 'bridge', name: 'd0', up: true });

async function measure(count) {
  const subscriptions = Array.from({ length: count }, () => linkSubscribe());
  const heard = subscriptions.map(async (subscription) => {
    let updates = 0;
    for await (const { type } of subscription) {
      if (type === 'resync') throw new Error('updates were lost');
      updates += 1;
      if (updates === CHANGES) return;
    }
  });
  const [started, before] = [performance.now(), processorTime()];
  await netlink.batch(Array.from({ length: CHANGES }, (_, index) => linkSetAlias('d0', `alias ${count} ${index}`)));
  await Promise.all(heard);
  const updates = count * CHANGES;
  return {
    wall: ((performance.now() - started) * 1000) / updates,
    processor: ((processorTime() - before) * 1000) / updates,
  };
}

const wall = [];
const processor = [];
for (const count of COUNTS) {
  const figures = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    tell(`${count} subscribers, round ${round + 1} of ${ROUNDS}`);
    figures.push(await measure(count));
  }
  wall.push([count, median(figures.map((one) => one.wall))]);
  processor.push([count, median(figures.map((one) => one.processor))]);
}
netlink.close();
curve({
  id: 'time',
  title: `${CHANGES} changes heard by many subscribers`,
  x: 'subscribers',
  y: 'µs an update and subscriber',
  series: { 'wall time': wall, 'processor time': processor },
});
