// How long listing the tasks of a namespace takes among many processes.
import { Do, NAExec, NANewNs, NPName, NPNow } from 'neslink';
import { NAGetProcesses } from 'neslink/process';
import { compare } from '../harness/report.mjs';
import { sized, timed } from '../harness/turns.mjs';

const count = sized(5000, 200);
const [, crowd] = await Do(
  NPNow(),
  NANewNs('bench-processes'),
  NAExec('sh', ['-c', `i=0; while [ $i -lt ${count} ]; do sleep 1000 & i=$((i+1)); done; echo up; wait`]),
);
await new Promise((resolve) => crowd.stdout.once('data', resolve));
await compare({
  id: 'list',
  title: `The tasks of a namespace, among ${count}`,
  unit: 'ms',
  rounds: 5,
  contestants: {
    own: { name: 'NAGetProcesses', run: () => timed(() => Do(NPName('bench-processes'), NAGetProcesses())) },
  },
});
await crowd[Symbol.asyncDispose]();
