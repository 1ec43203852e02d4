// What the non-blocking side does to the rest of the program: how long it holds the event loop, and how much later a
// file's `stat` and a `dns.lookup` come back, while 100,000 routes are dumped and while 500 veth pairs are deleted. And
// how much memory 1,000,000 routes take when they are streamed.
import { spawnSync } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Netlink } from 'netlink-links';
import { linkDel } from 'netlink-links/operations';
import { report } from '../harness/report.mjs';
import { sized } from '../harness/turns.mjs';
import { watchTurns } from '../harness/watch-turns.mjs';
import { addLinks, addRoutes, base } from './support/populate.mjs';

const ROUTES = sized(100_000, 5000);
const MANY_ROUTES = sized(1_000_000, 10_000);
const PAIRS = 500;
const TIMES = 5;
const netlink = Netlink.open();
const index = base();

/** While something runs: the turns of the event loop, and the slowest `stat` and lookup, ms. */
async function watch(work) {
  let running = true;
  const slowest = async (call) => {
    let worst = 0;
    while (running) {
      const start = performance.now();
      await call();
      worst = Math.max(worst, performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return worst;
  };
  const probes = Promise.all([slowest(() => stat('/')), slowest(() => lookup('localhost'))]);
  const turns = await watchTurns(work);
  running = false;
  const [file, name] = await probes;
  return { ...turns, file, name };
}

const inWords = (count) => count.toLocaleString('en');
const single = (name, value, aim) => ({ name, figures: [{ value }], aim });

function reportWatched(id, title, quiet, busy) {
  report({
    id,
    title,
    unit: 'ms',
    contestants: {
      takes: single('takes', busy.ms),
      loop: single('longest turn of the event loop', busy.loop),
      idleLoop: single('the same, idle', quiet.loop),
      own: single('longest turn but for garbage collection, processor time', busy.own, { value: { atMost: 5 } }),
      stat: single('slowest fs.stat', busy.file, { value: { atMost: quiet.file + 10 } }),
      idleStat: single('the same, idle', quiet.file),
      lookup: single('slowest dns.lookup', busy.name, { value: { atMost: quiet.name + 10 } }),
      idleLookup: single('the same, idle', quiet.name),
    },
  });
}

const idle = (ms) => () => new Promise((resolve) => setTimeout(resolve, ms));

addLinks(2 * PAIRS);
const beforeDeletion = await watch(idle(1000));
const deletion = await watch(() => netlink.batch(Array.from({ length: PAIRS }, (_, i) => linkDel(`v${i}`))));
reportWatched('delete', `${PAIRS} veth pairs deleted`, beforeDeletion, deletion);

addRoutes(index, ROUTES);
await netlink.routeList({ family: 'ipv4' });
const quiet = await watch(idle(1000));
const listing = await watch(async () => {
  for (let i = 0; i < TIMES; i += 1) await netlink.routeList({ family: 'ipv4' });
});
reportWatched('list', `${inWords(ROUTES)} routes listed, ${TIMES} times`, quiet, listing);
// A list of 100,000 objects is 28 MB of young objects that all live, which V8 moves about while nothing else runs.
// Who takes them one by one, and keeps none, has no such pauses.
const streaming = await watch(async () => {
  for (let i = 0; i < TIMES; i += 1) for await (const _route of netlink.routes({ family: 'ipv4' }));
});
reportWatched('stream', `${inWords(ROUTES)} routes streamed, ${TIMES} times`, quiet, streaming);

addRoutes(index, MANY_ROUTES, ROUTES);
// In a process of its own, which has done nothing else before.
const source = `
    import { Netlink } from 'netlink-links';
    const resident = () => process.memoryUsage.rss() / 1048576;
    const netlink = Netlink.open();
    await netlink.linkByName('lo');
    const idle = resident();
    let peak = 0;
    let count = 0;
    for await (const route of netlink.routes({ family: 'ipv4' })) {
      count += route.dst === '' ? 0 : 1;
      if (count % 10_000 === 0) peak = Math.max(peak, resident());
    }
    console.log(JSON.stringify({ count, above: peak - idle }));
    netlink.close();`;
const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', source], {
  cwd: path.dirname(fileURLToPath(import.meta.url)),
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
const { count, above } = JSON.parse(stdout);
report({
  id: 'stream-memory',
  title: `${inWords(count)} routes streamed: peak memory above idle`,
  unit: 'MB',
  contestants: { own: single('netlink-links', above, { value: { atMost: 30 } }) },
});
netlink.close();
