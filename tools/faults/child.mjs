// Faults from inside: calls fail in the table of `netns-core/sys`. Tries several operations of one package.
//
//   node child.mjs PACKAGE '[{ "id": 0, "exportName": "get", "variant": 0, "tried": [], "pass": 1 }]' [--quick]
//
// Some faults stop the process, by design: then it is started again with what is left. Most of these are the ways back
// into a namespace. They are tried in a second pass, so that they do not take with them what the others have left open.
import { fstatSync, statSync } from 'node:fs';
import { errnoNumber, replaceSyscalls } from 'netns-core/sys';
import { CANNOT_FAIL, plausibleErrors } from './plausible-errors.mjs';
import { Subject, tell } from './subject.mjs';

const [packageName, jobsText, mode] = process.argv.slice(2);
const jobs = JSON.parse(jobsText);
const quick = mode === '--quick';
/** Of a call that is made very often only the first ones fail: the rest are the same line of code. */
const MAX_OCCURRENCES = quick ? 3 : 5;

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
            return answer(call, nth, () => implementation(...args), args);
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

/** Runs an operation without a fault and returns the calls that it makes; `undefined` if it does not work here. */
async function callsOf(subject) {
  const calls = [];
  const visited = new Set([statSync('/proc/thread-self/ns/net').ino]);
  const works = await subject.rehearse(async (run) => {
    const undo = intercept((call, nth, real, args) => {
      let wayBack = false;
      if (call === 'setns') {
        const { ino } = fstatSync(args[0]);
        wayBack = visited.has(ino);
        visited.add(ino);
      }
      calls.push({ call, nth, wayBack });
      return real();
    });
    try {
      return await run();
    } finally {
      undo();
    }
  });
  return works ? calls : undefined;
}

/** The errors to try at one place. */
function errorsAt(call, place) {
  const errors = plausibleErrors(call);
  return quick ? [errors[place % errors.length]] : errors;
}

async function tryFaults(subject, job, pass) {
  const { id, exportName, variant, tried } = job;
  subject.use(id, exportName, variant);
  if (subject.makesNoCalls) {
    await subject.tellCalls((run) => {
      const calls = [];
      const undo = intercept((call, _nth, real) => {
        calls.push(call);
        return real();
      });
      try {
        run();
      } finally {
        undo();
      }
      return calls;
    });
    return;
  }
  const calls = await callsOf(subject);
  const before = new Set(tried);
  for (const [place, { call, nth, wayBack }] of (calls ?? []).entries()) {
    if (nth > MAX_OCCURRENCES || wayBack !== (pass === 2)) continue;
    // To be stopped takes a new process: once for each place is enough.
    for (const code of errorsAt(call, id + place))
      if (!before.has(`${call}#${nth} ${code}`) && !before.has(`${call}#${nth}`))
        await subject.attempt(call, nth, code, () => arm(call, nth, code));
  }
}

const subject = await Subject.prepare(packageName);
for (const pass of [1, 2]) {
  for (const job of jobs.filter((candidate) => candidate.pass <= pass)) {
    await tryFaults(subject, job, pass);
    tell({ type: 'passed', id: job.id, pass });
  }
  await subject.checkLeaks();
}
process.exit(0);
