// 10 to 10,000 names in the cache of a resolver: a look-up, and memory.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createVrfLookup } from 'vrf-dial';
import { addNamespace } from '../harness/ip.mjs';
import { heapMemory } from '../harness/memory.mjs';
import { curve } from '../harness/report.mjs';
import { sized, tell, typicalTime } from '../harness/turns.mjs';

const NAME = 'growth-names';
const COUNTS = sized([10, 30, 100, 300, 1000, 3000, 10_000], [10, 30]);
const LOOKUPS = sized(20_000, 200);
const AT_ONCE = 50;
const SERVER = '127.0.0.1';

addNamespace(NAME);
const program = fileURLToPath(new URL('../harness/name-server.mjs', import.meta.url));
const server = spawn('ip', ['netns', 'exec', NAME, process.execPath, program, SERVER, '0'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
await once(server.stdout, 'data');

const [times, memory] = [[], []];
for (const count of COUNTS) {
  tell(`${count} names`);
  const lookup = createVrfLookup({
    namespace: NAME,
    dns: { servers: [SERVER], cache: { maxEntries: 4 * count } },
  });
  const lookUp = (index) =>
    new Promise((resolve, reject) => {
      lookup(`host${index}.example`, { family: 4 }, (error, address) => (error ? reject(error) : resolve(address)));
    });
  await lookUp(0);
  const before = heapMemory();
  for (let first = 0; first < count; first += AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, index) => lookUp(first + index)));
  memory.push([count, (heapMemory() - before) / count]);
  const run = async () => {
    for (let index = 0; index < LOOKUPS; index += 1) await lookUp((index * 7919) % count);
  };
  times.push([count, ((await typicalTime(run)) * 1000) / LOOKUPS]);
}
server.kill();
const x = 'names in the cache';
curve({ id: 'time', title: 'A name that the cache knows', x, y: 'µs', series: { createVrfLookup: times } });
curve({ id: 'memory', title: 'Memory of a cached name', x, y: 'bytes each', series: { createVrfLookup: memory } });
