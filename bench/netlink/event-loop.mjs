// What the non-blocking side does to the rest of the program: how long it holds the event loop, and how much later a
// file's `stat` and a `dns.lookup` come back, while 100,000 routes are dumped and while 500 veth pairs are deleted. And
// how much memory 1,000,000 routes take when they are streamed.
//
//   node tools/sandbox/sandbox.mjs -- node bench/netlink/event-loop.mjs
import { spawnSync } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { PerformanceObserver } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { Netlink } from 'netlink-links';
import { linkDel } from 'netlink-links/operations';
import { printTable } from '../table.mjs';
import { addLinks, addRoutes, base } from './populate.mjs';

const asked = process.argv.slice(2);
const chosen = (what) => asked.length === 0 || asked.includes(what);
const rows = [];
const netlink = Netlink.open();
const index = base();

/** CPU time of this thread, ms, where Node tells it (22.19, 23.9): on a busy machine a turn waits for a processor, too. */
const cpuTime = () => {
  if (process.threadCpuUsage === undefined) return performance.now();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

/**
 * While something runs: the longest turn of the event loop, the longest one in CPU time apart from what V8 collected
 * garbage in it, and the slowest `stat` and lookup, ms.
 */
async function watch(work) {
  const turns = [];
  const collections = [];
  const observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) collections.push({ startTime, duration });
  });
  observer.observe({ entryTypes: ['gc'] });
  let running = true;
  let last = performance.now();
  let lastCpu = cpuTime();
  const tick = () => {
    const now = performance.now();
    const cpu = cpuTime();
    if (now - last > 1) turns.push({ start: last, end: now, cpu: cpu - lastCpu });
    last = now;
    lastCpu = cpu;
    if (running) setImmediate(tick);
  };
  const slowest = async (call) => {
    const times = [];
    while (running) {
      const start = performance.now();
      await call();
      times.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    times.sort((a, b) => a - b);
    return { worst: times.at(-1) ?? 0, usual: times[times.length >> 1] ?? 0 };
  };
  setImmediate(tick);
  const probes = Promise.all([slowest(() => stat('/')), slowest(() => lookup('localhost'))]);
  const start = performance.now();
  await work();
  const ms = performance.now() - start;
  running = false;
  const [file, name] = await probes;
  // The observer is told a little later.
  await new Promise((resolve) => setTimeout(resolve, 20));
  observer.disconnect();
  const collected = ({ start: from, end }) =>
    collections.reduce(
      (sum, { startTime, duration }) => (startTime >= from && startTime < end ? sum + duration : sum),
      0,
    );
  const loop = Math.max(0, ...turns.map(({ start: from, end }) => end - from));
  const own = Math.max(0, ...turns.map((turn) => turn.cpu - collected(turn)));
  return { ms, loop, own, file, name };
}

function report(what, quiet, busy) {
  rows.push(
    { what: `${what}: takes`, figure: `${busy.ms.toFixed(0)} ms` },
    {
      what: '… longest turn of the event loop',
      figure: `${busy.loop.toFixed(1)} ms`,
      ratio: `idle: ${quiet.loop.toFixed(1)}`,
    },
    {
      what: '… longest turn but for garbage collection, CPU time',
      figure: `${busy.own.toFixed(1)} ms`,
      ratio: `idle: ${quiet.own.toFixed(1)}`,
      target: '≤ 5',
    },
    {
      what: '… slowest fs.stat',
      figure: `${busy.file.worst.toFixed(1)} ms`,
      ratio: `idle: ${quiet.file.worst.toFixed(1)}`,
      target: '≤ idle + 10',
    },
    {
      what: '… slowest dns.lookup',
      figure: `${busy.name.worst.toFixed(1)} ms`,
      ratio: `idle: ${quiet.name.worst.toFixed(1)}`,
      target: '≤ idle + 10',
    },
  );
}

const idle = (ms) => () => new Promise((resolve) => setTimeout(resolve, ms));

if (chosen('delete')) {
  addLinks(1000);
  const quiet = await watch(idle(1000));
  const busy = await watch(() => netlink.batch(Array.from({ length: 500 }, (_, i) => linkDel(`v${i}`))));
  report('500 veth pairs deleted', quiet, busy);
}
if (chosen('dump')) {
  addRoutes(index, 100_000);
  await netlink.routeList({ family: 'ipv4' });
  const quiet = await watch(idle(1000));
  const busy = await watch(async () => {
    for (let i = 0; i < 5; i += 1) await netlink.routeList({ family: 'ipv4' });
  });
  report('100,000 routes listed, five times', quiet, busy);
  // A list of 100,000 objects is 28 MB of young objects that all live, which V8 moves about while nothing else runs.
  // Who takes them one by one, and keeps none, has no such pauses.
  const streaming = await watch(async () => {
    for (let i = 0; i < 5; i += 1) for await (const _route of netlink.routes({ family: 'ipv4' }));
  });
  report('100,000 routes streamed, five times', quiet, streaming);
}
if (chosen('stream')) {
  addRoutes(index, 1_000_000, chosen('dump') ? 100_000 : 0);
  // In a process of its own, which has done nothing else before.
  const source = `
    import { Netlink } from 'netlink-links';
    const resident = () => process.memoryUsage.rss() / 1048576;
    const netlink = Netlink.open();
    await netlink.linkByName('lo');
    const idle = resident();
    let peak = 0;
    let count = 0;
    const start = performance.now();
    for await (const route of netlink.routes({ family: 'ipv4' })) {
      count += route.dst === '' ? 0 : 1;
      if (count % 10_000 === 0) peak = Math.max(peak, resident());
    }
    console.log(JSON.stringify({ count, ms: performance.now() - start, above: peak - idle }));
    netlink.close();`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: path.dirname(fileURLToPath(import.meta.url)),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { count, ms, above } = JSON.parse(stdout);
  rows.push(
    { what: `${count.toLocaleString('en')} routes streamed: time`, figure: `${ms.toFixed(0)} ms` },
    { what: '… peak memory above idle', figure: `${above.toFixed(1)} MB`, target: '≤ 30' },
  );
}
netlink.close();
printTable(rows);
