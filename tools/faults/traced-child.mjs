// Faults from outside: strace, attached by the process that has started this one, answers calls in the kernel's place.
// Before and after each run this process waits for it, in a read of standard input.
//
//   node traced-child.mjs PACKAGE EXPORT VARIANT '["keys that were tried"]'
import { readSync } from 'node:fs';
import { POLLIN, sys } from 'netns-core/sys';
import { Subject, tell } from './subject.mjs';

const [packageName, exportName, variant, triedText = '[]'] = process.argv.slice(2);

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

const subject = await Subject.prepare(packageName, exportName, variant);
let faults;
await subject.rehearse(async (run) => {
  ask({ type: 'attach' });
  try {
    return await run();
  } finally {
    faults = ask({ type: 'detach' });
  }
});
tell({ type: 'plan', calls: faults.length });

const tried = new Set(JSON.parse(triedText));
for (const { call, nth, code } of faults) {
  if (tried.has(`${call}#${nth} ${code}`) || tried.has(`${call}#${nth}`)) continue;
  const arm = () => {
    ask({ type: 'attach', fault: { call, nth, code } });
    return () => ask({ type: 'detach' }).reached;
  };
  await subject.attempt(call, nth, code, arm, { ofNode: true });
}
await subject.finish();
