// Faults from inside: calls fail in the table of `netns-core/sys`.
//
//   node child.mjs PACKAGE EXPORT VARIANT '["keys that were tried"]'
import { errnoNumber, replaceSyscalls } from 'netns-core/sys';
import { CANNOT_FAIL, plausibleErrors } from './plausible-errors.mjs';
import { Subject, tell } from './subject.mjs';

const [packageName, exportName, variant, triedText = '[]'] = process.argv.slice(2);
/** Of a call that is made very often only the first ones fail: the rest are the same line of code. */
const MAX_OCCURRENCES = 5;

/** Numbers the calls of a run by name: `answer` may answer one in the kernel's place. */
function intercept(answer) {
  const counts = new Map();
  return replaceSyscalls((real) =>
    Object.fromEntries(
      Object.entries(real)
        .filter(([call]) => !CANNOT_FAIL.has(call))
        .map(([call, implementation]) => [
          call,
          (...args) => {
            const nth = (counts.get(call) ?? 0) + 1;
            counts.set(call, nth);
            return answer(call, nth, () => implementation(...args));
          },
        ]),
    ),
  );
}

/** Has the nth call of that name fail. */
function arm(call, nth, code) {
  let reached = false;
  const undo = intercept((name, number, real) => {
    if (name !== call || number !== nth) return real();
    reached = true;
    // A descriptor is gone after close(2), whatever it answers.
    if (name === 'close') real();
    const answer = -(errnoNumber(code) || 5);
    return name.endsWith('Async') ? Promise.resolve(answer) : answer;
  });
  return () => {
    undo();
    return reached;
  };
}

const subject = await Subject.prepare(packageName, exportName, variant);
const calls = [];
await subject.rehearse(async (run) => {
  const undo = intercept((call, nth, real) => {
    calls.push([call, nth]);
    return real();
  });
  try {
    return await run();
  } finally {
    undo();
  }
});
tell({ type: 'plan', calls: calls.length });

const stopping = new Set(JSON.parse(triedText));
for (const [call, nth] of calls) {
  if (nth > MAX_OCCURRENCES) continue;
  // To be stopped takes a new process: once for each place is enough.
  for (const code of plausibleErrors(call))
    if (!stopping.has(`${call}#${nth} ${code}`) && !stopping.has(`${call}#${nth}`))
      await subject.attempt(call, nth, code, () => arm(call, nth, code));
}
await subject.finish();
