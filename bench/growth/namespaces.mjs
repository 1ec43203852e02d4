// 1 to 4,096 named namespaces: what one more costs, and a hop into one of so many.
import { readFileSync } from 'node:fs';
import { addNamedAsync, deleteNamed, listNamed, runInNamespace } from 'netns-core';
import { curve } from '../harness/report.mjs';
import { sized, tell, timed } from '../harness/turns.mjs';

const COUNTS = sized([1, 4, 16, 64, 256, 1024, 4096], [1, 4, 16]);
const HOPS = sized(2000, 20);

/** Memory that the kernel holds, kB: most of what a namespace takes is not of the process. */
function kernelMemory() {
  const text = readFileSync('/proc/meminfo', 'utf8');
  return ['Slab', 'Percpu', 'KernelStack', 'PageTables'].reduce(
    (sum, name) => sum + Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0),
    0,
  );
}

const memory = [];
const added = [];
const hops = [];
const lists = [];
let have = 0;
for (const count of COUNTS) {
  tell(`${count} namespaces`);
  const before = kernelMemory();
  const first = have;
  const ms = await timed(async () => {
    for (let index = have; index < count; index += 1) (await addNamedAsync(`g${index}`)).close();
  });
  have = count;
  added.push([count, ms / (count - first)]);
  // A few would drown in what else goes on.
  if (count - first >= 100) memory.push([count, (kernelMemory() - before) / (count - first)]);
  hops.push([
    count,
    ((await timed(() => {
      for (let index = 0; index < HOPS; index += 1) runInNamespace(`g${(index * 7919) % count}`, () => {});
    })) *
      1000) /
      HOPS,
  ]);
  lists.push([count, ((await timed(() => listNamed())) * 1000) / count]);
}
const x = 'named namespaces';
curve({ id: 'add', title: 'Making one more namespace', x, y: 'ms each', series: { addNamedAsync: added } });
curve({ id: 'hop', title: 'A hop into one of many, by name', x, y: 'µs', series: { runInNamespace: hops } });
curve({ id: 'list', title: 'Listing the names', x, y: 'µs a name', series: { listNamed: lists } });
if (memory.length > 0)
  curve({
    id: 'memory',
    title: 'Memory of a namespace in the kernel',
    x,
    y: 'kB each',
    series: { addNamedAsync: memory },
  });
for (let index = 0; index < have; index += 1) deleteNamed(`g${index}`);
