// Has operations tried with all their faults, in as many processes as it takes: some faults stop the process, by design.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { faultsOf, Strace, wasReached } from './strace.mjs';

const INSIDE = fileURLToPath(new URL('child.mjs', import.meta.url));
const OUTSIDE = fileURLToPath(new URL('traced-child.mjs', import.meta.url));
/** One operation with all its faults. */
const MAX_OPERATION_MS = 180_000;
/** How many ways back that stop the process are tried of one batch of operations when time is short. */
const MAX_STOPS_QUICK = 1;
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

/** One operation, and what came of its faults. */
class Operation {
  /** By call: which ones of its kind failed, how, and what followed. */
  rows = new Map();
  tried = [];
  problems = [];
  /** Which of its faults come next: see child.mjs. */
  pass = 1;
  leftOut;

  constructor(id, job) {
    this.id = id;
    this.job = job;
  }

  get isOver() {
    return this.pass > 2;
  }

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

/**
 * One process, which tries what is left of the operations.
 *
 * @returns whether it was stopped by design
 */
async function runProcess(operations, until, quick) {
  const left = operations.filter(({ isOver }) => !isOver);
  const { packageName, fromOutside, threads } = left[0].job;
  const program = fromOutside ? OUTSIDE : INSIDE;
  const jobs = left.map(({ id, job: { exportName, variant }, tried, pass }) => ({
    id,
    exportName,
    variant,
    tried,
    pass,
  }));
  const args = [program, packageName, JSON.stringify(jobs), ...(quick ? ['--quick'] : [])];
  const child = spawn('unshare', [...SANDBOX, process.execPath, ...args], {
    stdio: [fromOutside ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    timeout: Math.ceil(Math.max(1000, until - performance.now())),
    killSignal: 'SIGKILL',
  });
  const tracing = fromOutside ? new Tracing(child, threads) : undefined;
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors = (errors + text).slice(-6000);
  });
  const closed = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
  /** The operation that is being tried. */
  let current = left[0];
  let restart = false;
  let stopped;
  const of = ({ id }) => operations[id] ?? current;
  const stop = (message) => {
    stopped = message;
    const operation = of(message);
    operation.note({ ...message, outcome: 'stopped' });
    operation.tried.push(`${message.call}#${message.nth}`);
  };
  const hear = {
    attach: ({ fault }) => tracing.attach(fault),
    detach: () => tracing.detach(),
    began: (message) => {
      current = of(message);
    },
    result: (message) => of(message).note(message),
    astray: (message) => {
      of(message).note(message);
      restart = true;
    },
    stopped: stop,
    poisoned: (message) => {
      of(message).note({ ...message, outcome: 'poisoned' });
      of(message).tried.push(`${message.call}#${message.nth}`);
      restart = true;
    },
    problem: (message) => {
      of(message).problems.push(message.problem);
    },
    leftOut: (message) => {
      of(message).leftOut = message.reason;
    },
    passed: (message) => {
      of(message).pass = message.pass + 1;
    },
  };
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const message = parse(line);
      await hear[message?.type]?.(message);
    }
  } catch (error) {
    current.problems.push(String(error));
    child.kill('SIGKILL');
  } finally {
    await tracing?.close();
  }
  const { code, signal } = await closed;
  if (signal === 'SIGABRT' && tracing?.fault !== undefined && stopped === undefined) {
    // On another thread than the one that tells.
    const { call, nth, code: error } = tracing.fault;
    stop({ ...tracing.fault, id: current.id, key: `${call}#${nth} ${error}` });
  }
  if (stopped !== undefined) {
    const { problems } = of(stopped);
    if (signal !== 'SIGABRT' && code !== 134)
      problems.push(`${stopped.key}: the process was to stop, and ended with ${signal ?? code}`);
    if (!STOPPED.test(errors))
      problems.push(`${stopped.key}: the process stopped without a word on stderr: ${errors.slice(0, 300)}`);
    return true;
  }
  if (restart) return false;
  if (code !== 0 || !current.isOver) {
    current.problems.push(
      `ended with ${signal ?? code} after ${current.tried.length} faults${performance.now() > until ? ' (no time left)' : ''}: ${errors.slice(-1500)}`,
    );
    // The others go on in another process.
    current.pass = 3;
  }
  return false;
}

function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/**
 * Runs operations of one package, again where they were stopped by design, until all faults have been tried.
 *
 * @param quick whether one error is tried at each place instead of all, and few that stop the process
 */
export async function runOperations(jobs, quick) {
  const operations = jobs.map((job, id) => new Operation(id, job));
  const until = performance.now() + MAX_OPERATION_MS + 20_000 * jobs.length;
  let stops = 0;
  while (operations.some(({ isOver }) => !isOver)) {
    if (await runProcess(operations, until, quick)) stops += 1;
    if (quick && stops >= MAX_STOPS_QUICK)
      for (const operation of operations) if (operation.pass === 2) operation.pass = 3;
  }
  return operations;
}
