// Runs one operation again and again, each time with one system call failing, and looks at what is left.
//
//   node child.mjs PACKAGE EXPORT VARIANT '["keys that were tried"]'
//
// What it finds it writes to standard output, one JSON document a line, at once: the process may be stopped, by design.
import { writeSync } from 'node:fs';
import { CniError } from 'cni-types';
import { isThreadPoisoned, NetnsError } from 'netns-core';
import { errnoNumber, replaceSyscalls } from 'netns-core/sys';
import { makeNamespaces, startServers } from './fixture.mjs';
import { differences, here, nameRun, resourcesAlive, takeStock } from './leftovers.mjs';
import { PACKAGES } from './packages.mjs';
import { CANNOT_FAIL, plausibleErrors } from './plausible-errors.mjs';

const [packageName, exportName, variant, triedText = '[]'] = process.argv.slice(2);
/** An operation that takes longer hangs. */
const MAX_RUN_MS = 9000;
/** What ends by itself must have ended by then: reserves and threads that are kept for a second. */
const MAX_SETTLE_MS = 6000;
/** Of a call that is made very often only the first ones fail: the rest are the same line of code. */
const MAX_OCCURRENCES = 8;

const tell = (message) => writeSync(1, `${JSON.stringify(message)}\n`);
const table = PACKAGES[packageName];
const operation = [table.operations[exportName]].flat()[Number(variant)];
const tried = new Set(JSON.parse(triedText));

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
// What every hop is about, too.
const objects = () =>
  [
    "the caller's namespace",
    typeof operation.objects === 'function' ? operation.objects() : (operation.objects ?? []),
  ].flat();

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

async function run() {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end within ${MAX_RUN_MS} ms`)), MAX_RUN_MS);
  });
  try {
    return await Promise.race([operation.run(), late]);
  } finally {
    clearTimeout(timer);
  }
}

const pids = await makeNamespaces();
table.prepare?.();
if (packageName === 'vrf-dial') await startServers();
const home = here();
const stock = () => {
  const taken = takeStock(pids);
  // What was sent to the kernel is done, also where its answer is lost.
  if (packageName === 'netlink-links') taken.links = [];
  return taken;
};

/** One run without a fault; what it makes once in a process is made then. */
async function plainRun(answer) {
  await operation.before?.();
  const undo = answer === undefined ? () => {} : intercept(answer);
  let result;
  try {
    result = await run();
  } finally {
    undo();
  }
  if (operation.right !== undefined && !operation.right(result))
    throw new Error(`the result is wrong without a fault: ${String(result)}`);
  await operation.undo?.(result);
  await operation.always?.();
}

const calls = [];
try {
  await plainRun();
  await plainRun((call, nth, real) => {
    calls.push([call, nth]);
    return real();
  });
} catch (error) {
  if (operation.mayRefuse?.includes(error?.code)) tell({ type: 'end', leaks: [], count: 0, leftOut: error.message });
  else tell({ type: 'unusable', code: error?.code, reason: error?.stack ?? String(error) });
  process.exit(0);
}
tell({ type: 'plan', calls: calls.length });

const resourcesBefore = new Set(resourcesAlive().keys());
/** File descriptors that were still open shortly after a run; they must go in the end. */
const suspects = new Map();

function judge(call, error) {
  if (!(error instanceof NetnsError) && !(error instanceof CniError))
    return `throws ${error?.name}: ${error?.stack ?? error}`;
  const named = call.replace(/(mmsg)?Async$/, '').replace('pidfdOpen', 'pidfd_open');
  if (error.syscall === named || error.message.includes(named)) return undefined;
  if (objects().some((object) => error.message.includes(object))) return undefined;
  return `the message names neither the call nor the object: ${error.message}`;
}

async function attempt(call, nth, code) {
  const key = `${call}#${nth} ${code}`;
  await operation.before?.();
  const before = stock();
  nameRun(key);
  let stopped = false;
  const undoAbort = replaceSyscalls((real) => ({
    abort: () => {
      stopped = true;
      tell({ type: 'stopped', key, call, nth, code });
      return real.abort();
    },
  }));
  let reached = false;
  const undo = intercept((name, number, real) => {
    if (name !== call || number !== nth) return real();
    reached = true;
    // A descriptor is gone after close(2), whatever it answers.
    if (name === 'close') real();
    const answer = -(errnoNumber(code) || 5);
    return name.endsWith('Async') ? Promise.resolve(answer) : answer;
  });
  let outcome;
  let problem;
  let result;
  try {
    result = await run();
    outcome = reached ? 'went on' : 'not reached';
  } catch (error) {
    outcome = error?.code ?? error?.message ?? String(error);
    problem = judge(call, error);
  } finally {
    undo();
    undoAbort();
  }
  if (stopped) return;
  if (isThreadPoisoned()) {
    tell({ type: 'poisoned', key, call, nth, code, problem: operation.mayPoison ? problem : 'the thread is poisoned' });
    process.exit(0);
  }
  const went = outcome === 'went on' || outcome === 'not reached';
  if (went) {
    try {
      if (operation.right !== undefined && !operation.right(result))
        problem ??= `a wrong result: ${String(result).slice(0, 200)}`;
      await operation.undo?.(result);
    } catch (error) {
      problem ??= `cannot be taken back: ${error?.stack ?? error}`;
    }
  }
  if (here() !== home) {
    tell({ type: 'result', key, call, nth, code, outcome, problem: `the thread is in ${here()}, its home is ${home}` });
    process.exit(0);
  }
  // What is left a moment later. What is still there in the end is a leak.
  let left = differences(before, stock());
  for (let times = 0; left.length > 0 && times < 12; times += 1) {
    await sleep(5 * (times + 1));
    left = differences(before, stock());
  }
  for (const what of left) if (what.startsWith('file descriptor')) suspects.set(`${what} (${key})`, what);
  left = left.filter((what) => !what.startsWith('file descriptor'));
  if (left.length > 0) problem ??= `left: ${left.join('; ')}`;
  await operation.always?.();
  tell({ type: 'result', key, call, nth, code, outcome, problem });
}

const stopping = new Set(tried);
for (const [call, nth] of calls) {
  if (nth > MAX_OCCURRENCES) continue;
  for (const code of plausibleErrors(call)) {
    const key = `${call}#${nth} ${code}`;
    // To be stopped takes a new process: once for each place is enough.
    if (stopping.has(key) || stopping.has(`${call}#${nth}`)) continue;
    await attempt(call, nth, code);
  }
}

// All is over: nothing that a run has made may be alive.
const end = performance.now() + MAX_SETTLE_MS;
const lasting = () => {
  const open = differences({ ...stock(), fds: new Map() }, stock());
  const found = [...suspects].filter(([, what]) => open.includes(what)).map(([text]) => text);
  for (const [id, { type, label }] of resourcesAlive())
    if (!resourcesBefore.has(id) && label !== 'end') found.push(`${type} made in the run with ${label}`);
  return found;
};
nameRun('end');
let leaks = lasting();
while (leaks.length > 0 && performance.now() < end) {
  await sleep(50);
  leaks = lasting();
}
tell({ type: 'end', leaks: leaks.slice(0, 8), count: leaks.length });
process.exit(0);
