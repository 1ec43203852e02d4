// Turns of the event loop while something runs.
import { existsSync, openSync, readSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';

// What the scheduler counts of the main thread: nanoseconds on a processor come first. Some kernels do not have it.
const counted = '/proc/self/schedstat';
const schedule = existsSync(counted) ? openSync(counted, 'r') : undefined;
const text = Buffer.alloc(64);

/**
 * CPU time of the main thread, ms: on a busy machine a turn waits for a processor, too. Node tells it from 22.19 and
 * 23.9 on.
 */
function cpuTime() {
  if (process.threadCpuUsage !== undefined) {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  }
  if (schedule === undefined) return performance.now();
  return Number.parseInt(text.toString('latin1', 0, readSync(schedule, text, 0, text.length, 0)), 10) / 1e6;
}

/**
 * While something runs: milliseconds that it took, the longest turn of the event loop, and the longest one in CPU time
 * apart from what V8 collected garbage in it.
 *
 * @param {() => unknown} work
 */
export async function watchTurns(work) {
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
  setImmediate(tick);
  const start = performance.now();
  await work();
  const ms = performance.now() - start;
  running = false;
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
  return { ms, loop, own };
}
