// How long listing the tasks of a namespace takes among many processes:
//
//   node tools/sandbox/sandbox.mjs -- node bench/neslink/processes.mjs [processes]     (after `pnpm run build`)
import { Do, NAExec, NANewNs, NPName, NPNow } from 'neslink';
import { NAGetProcesses } from 'neslink/process';

const count = Number(process.argv[2] ?? 5000);
const [, crowd] = await Do(
  NPNow(),
  NANewNs('bench-processes'),
  NAExec('sh', ['-c', `i=0; while [ $i -lt ${count} ]; do sleep 1000 & i=$((i+1)); done; echo up; wait`]),
);
await new Promise((resolve) => crowd.stdout.once('data', resolve));
const times = [];
let found = 0;
for (let round = 0; round < 5; round += 1) {
  const started = performance.now();
  const [tasks] = await Do(NPName('bench-processes'), NAGetProcesses());
  times.push(performance.now() - started);
  found = tasks.length;
}
await crowd[Symbol.asyncDispose]();
console.log(`${found} tasks listed in ${times.sort((a, b) => a - b)[2].toFixed(0)} ms (median of 5)`);
