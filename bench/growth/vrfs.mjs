// Requests over kept connections, spread over 1 to 1,000 VRFs of one process that is client and server.
import { VrfAgent } from 'vrf-dial';
import { curve } from '../harness/report.mjs';
import { median } from '../harness/statistics.mjs';
import { processorTime, sized, tell } from '../harness/turns.mjs';
import { addServedVrfs, load } from '../vrf-dial/support/served-vrfs.mjs';

const COUNTS = sized([1, 3, 10, 30, 100, 300, 1000], [1, 5]);
const REQUESTS = sized(20_000, 200);
const AT_ONCE = sized(1000, 10);
const ROUNDS = 3;

const rates = [];
const processor = [];
const all = { names: [], listeners: [] };
for (const count of COUNTS) {
  tell(`${count} VRFs`);
  const { names, listeners } = await addServedVrfs(all.names.length, count);
  all.names.push(...names);
  all.listeners.push(...listeners);
  // New ones each time: one that has had all requests to itself keeps a connection for each of them.
  const agents = all.names.map((vrf) => new VrfAgent({ vrf }));
  // As many requests at once whatever the number of VRFs, so that nothing else differs.
  const jobs = Array.from({ length: AT_ONCE }, (_, index) => ({
    name: all.names[index % count],
    agent: agents[index % count],
  }));
  await load(jobs, 1);
  const figures = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = processorTime();
    const { rate, wrong } = await load(jobs, REQUESTS / AT_ONCE);
    if (wrong > 0) throw new Error(`${wrong} answers came from another VRF`);
    figures.push({ rate, processor: ((processorTime() - before) * 1000) / REQUESTS });
  }
  rates.push([count, median(figures.map((one) => one.rate))]);
  processor.push([count, median(figures.map((one) => one.processor))]);
  await Promise.all(agents.map((agent) => agent.close()));
}
const title = `${AT_ONCE} requests at once, spread over VRFs`;
curve({ id: 'rate', title, x: 'VRFs', y: 'requests/s', series: { 'client and server in one process': rates } });
curve({
  id: 'processor',
  title: `Processor time of a request, spread over VRFs`,
  x: 'VRFs',
  y: 'µs a request',
  series: { 'client and server': processor },
});
await Promise.all(all.listeners.map((listener) => listener.close()));
