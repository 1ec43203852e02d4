// Faults from outside: strace, attached by the process that has started this one, answers calls in the kernel's place.
// Before and after each run this process waits for it, in a read of standard input.
//
//   node traced-child.mjs PACKAGE '[{ "id": 0, "exportName": "dial", "variant": 0, "tried": [] }]'
import { readSync } from 'node:fs';
import { POLLIN, sys } from 'netns-core/sys';
import { Subject, tell } from './subject.mjs';

const [packageName, jobsText] = process.argv.slice(2);
const [{ id, exportName, variant, tried: triedBefore }] = JSON.parse(jobsText);

const kernel = sys();
const part = Buffer.alloc(65_536);
/** Says something to the process outside, and waits for its answer. */
function ask(message) {
  tell(message);
  let answer = '';
  while (!answer.endsWith('\n')) {
    // Standard input may be non-blocking.
    kernel.poll(0, POLLIN, -1);
    const size = readSync(0, part, 0, part.length, null);
    // The process outside is gone.
    if (size === 0) process.exit(1);
    answer += part.toString('latin1', 0, size);
  }
  return JSON.parse(answer);
}

const subject = await Subject.prepare(packageName);
subject.use(id, exportName, variant);
let faults = [];
await subject.rehearse(async (run) => {
  ask({ type: 'attach' });
  try {
    return await run();
  } finally {
    faults = ask({ type: 'detach' });
  }
});

const tried = new Set(triedBefore);
for (const { call, nth, code } of faults) {
  if (tried.has(`${call}#${nth} ${code}`) || tried.has(`${call}#${nth}`)) continue;
  const arm = () => {
    ask({ type: 'attach', fault: { call, nth, code } });
    return () => ask({ type: 'detach' }).reached;
  };
  await subject.attempt(call, nth, code, arm, { ofNode: true });
}
tell({ type: 'passed', id, pass: 2 });
await subject.checkLeaks();
process.exit(0);
