// Has one operation tried with all its faults, in as many processes as it takes: some faults stop the process, by design.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { faultsOf, Strace, wasReached } from './strace.mjs';

const INSIDE = fileURLToPath(new URL('child.mjs', import.meta.url));
const OUTSIDE = fileURLToPath(new URL('traced-child.mjs', import.meta.url));
/** One operation with all its faults. */
const MAX_OPERATION_MS = 180_000;
/** What a process says that cannot return. */
const STOPPED = /^netns-core: .*(return|stopp|abort)/m;
const SANDBOX = [
  '--net',
  '--mount',
  '--propagation',
  'private',
  'sh',
  '-c',
  'ulimit -c 0; mount -t tmpfs faults /run/netns && exec "$@"',
  'sh',
];

/** What came of the faults of one operation. */
class Findings {
  /** By call: which ones of its kind failed, how, and what followed. */
  rows = new Map();
  tried = [];
  problems = [];

  note({ call, nth, code, outcome, problem, key }) {
    this.tried.push(key);
    if (!this.rows.has(call)) this.rows.set(call, { nth: new Set(), codes: new Set(), outcomes: new Map() });
    const row = this.rows.get(call);
    row.nth.add(nth);
    row.codes.add(code);
    row.outcomes.set(outcome, (row.outcomes.get(outcome) ?? 0) + 1);
    if (problem) this.problems.push(`${key}: ${outcome}: ${problem}`);
  }
}

/** Starts strace for a process and stops it, as the process asks for. */
class Tracing {
  #strace;
  #answer;
  /** What fails at present. */
  fault;

  constructor(child, threads) {
    this.#strace = new Strace(child.pid, threads);
    this.#answer = (value) => child.stdin.write(`${JSON.stringify(value)}\n`);
    child.stdin.on('error', () => {});
  }

  async attach(fault) {
    this.fault = fault;
    await this.#strace.attach(fault);
    this.#answer({});
  }

  async detach() {
    const seen = await this.#strace.detach();
    this.#answer(this.fault === undefined ? faultsOf(seen) : { reached: wasReached(seen) });
  }

  close() {
    return this.#strace.close();
  }
}

/** One process. Returns whether there is more to be tried, in another one. */
async function runProcess(job, findings, until) {
  const { packageName, exportName, variant, title, fromOutside } = job;
  const { tried, problems } = findings;
  const program = fromOutside ? OUTSIDE : INSIDE;
  const args = [program, packageName, exportName, String(variant), JSON.stringify(tried)];
  const child = spawn('unshare', [...SANDBOX, process.execPath, '--expose-gc', ...args], {
    stdio: [fromOutside ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    timeout: Math.ceil(Math.max(1000, until - performance.now())),
    killSignal: 'SIGKILL',
  });
  const tracing = fromOutside ? new Tracing(child, job.threads) : undefined;
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors = (errors + text).slice(-6000);
  });
  const closed = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
  let over = false;
  let restart = false;
  let stopped;
  const hear = {
    attach: ({ fault }) => tracing.attach(fault),
    detach: () => tracing.detach(),
    plan: () => {},
    result: (message) => {
      findings.note(message);
      restart = message.problem?.startsWith('the thread is in') ?? false;
    },
    stopped: (message) => {
      stopped = message;
      findings.note({ ...message, outcome: 'stopped' });
      tried.push(`${message.call}#${message.nth}`);
    },
    poisoned: (message) => {
      findings.note({ ...message, outcome: 'poisoned' });
      tried.push(`${message.call}#${message.nth}`);
      restart = true;
    },
    unusable: ({ reason }) => {
      over = true;
      problems.push(`does not work without a fault: ${reason}`);
    },
    end: ({ leftOut, count, leaks }) => {
      over = true;
      if (leftOut) console.log(`left out: ${title}: this kernel refuses it: ${leftOut}`);
      if (count > 0) problems.push(`${count} left in the end: ${leaks.join('; ')}`);
    },
  };
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const message = parse(line);
      await hear[message?.type]?.(message);
    }
  } catch (error) {
    problems.push(String(error));
    child.kill('SIGKILL');
    over = true;
  } finally {
    await tracing?.close();
  }
  const { code, signal } = await closed;
  if (signal === 'SIGABRT' && tracing?.fault !== undefined) {
    // On another thread than the one that tells.
    const { call, nth, code: error } = tracing.fault;
    if (stopped === undefined) hear.stopped({ ...tracing.fault, key: `${call}#${nth} ${error}` });
  }
  if (stopped !== undefined) {
    if (signal !== 'SIGABRT' && code !== 134)
      problems.push(`${stopped.key}: the process was to stop, and ended with ${signal ?? code}`);
    if (!STOPPED.test(errors))
      problems.push(`${stopped.key}: the process stopped without a word on stderr: ${errors.slice(0, 300)}`);
    return true;
  }
  if (over) return false;
  if (restart) return true;
  problems.push(
    `ended with ${signal ?? code} after ${tried.length} faults${performance.now() > until ? ' (no time left)' : ''}: ${errors.slice(-1500)}`,
  );
  return false;
}

function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Runs the operation, again where it was stopped by design, until all faults have been tried. */
export async function runOperation(job) {
  const findings = new Findings();
  const until = performance.now() + MAX_OPERATION_MS;
  while (await runProcess(job, findings, until));
  const { rows, problems, tried } = findings;
  return { title: job.title, rows, problems, tried: tried.length };
}
