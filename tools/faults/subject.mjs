// One operation in a process of its own: it is called again and again, each time with one system call failing, and what
// is left behind is looked at. How a call is made to fail is not its business.
//
// What it finds it writes to standard output, one JSON document a line, at once: the process may be stopped, by design.
import { writeSync } from 'node:fs';
import { CniError } from 'cni-types';
import { isThreadPoisoned, NetnsError } from 'netns-core';
import { replaceSyscalls } from 'netns-core/sys';
import { makeNamespaces, startServers } from './fixture.mjs';
import { differences, here, nameRun, resourcesAlive, takeStock } from './leftovers.mjs';
import { PACKAGES } from './packages.mjs';
import { nameInErrors } from './plausible-errors.mjs';

/** An operation that takes longer hangs. */
const MAX_RUN_MS = 9000;
/** What ends by itself must have ended by then: threads that are kept for a second. */
const MAX_SETTLE_MS = 4000;

export const tell = (message) => writeSync(1, `${JSON.stringify(message)}\n`);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Subject {
  #packageName;
  #table;
  #home;
  #pids;
  #id;
  #operation;
  /** File descriptors that were still open shortly after a run; they must go in the end. */
  #suspects = [];

  static async prepare(packageName) {
    const subject = new Subject();
    subject.#packageName = packageName;
    subject.#table = PACKAGES[packageName];
    subject.#pids = await makeNamespaces();
    subject.#table.prepare?.();
    if (packageName === 'vrf-dial') await startServers();
    subject.#home = here();
    return subject;
  }

  /** Chooses the operation that the other methods are about. */
  use(id, exportName, variant) {
    const { operations, withoutCalls } = this.#table;
    this.#id = id;
    this.#operation = [operations[exportName] ?? { withoutCalls: withoutCalls[exportName] }].flat()[variant];
    nameRun(undefined);
    this.#tell({ type: 'began' });
  }

  #tell(message) {
    tell({ id: this.#id, ...message });
  }

  /** Whether it is an export that makes no system calls. */
  get makesNoCalls() {
    return this.#operation.withoutCalls !== undefined;
  }

  /** Calls what must make no system call; `watched` returns those that it makes all the same. */
  tellCalls(watched) {
    const calls = watched(this.#operation.withoutCalls);
    if (calls.length > 0)
      this.#tell({ type: 'problem', problem: `makes system calls: ${calls.slice(0, 5).join(', ')}` });
  }

  /**
   * Calls the operation twice without a fault, so that what it makes once in a process is made, and `watched` around the
   * second.
   *
   * @returns whether it works here
   */
  async rehearse(watched) {
    try {
      await this.#plainRun(async (run) => run());
      await this.#plainRun(watched);
      return true;
    } catch (error) {
      const refused = this.#operation.mayRefuse?.includes(error?.code);
      if (refused) this.#tell({ type: 'leftOut', reason: error.message });
      else this.#tell({ type: 'problem', problem: `does not work without a fault: ${error?.stack ?? String(error)}` });
      return false;
    }
  }

  async #plainRun(around) {
    const operation = this.#operation;
    await operation.before?.();
    const result = await around(() => this.#run());
    if (operation.right !== undefined && !operation.right(result))
      throw new Error(`the result is wrong without a fault: ${String(result)}`);
    await operation.undo?.(result);
    await operation.always?.();
  }

  async #run() {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no end within ${MAX_RUN_MS} ms`)), MAX_RUN_MS);
    });
    try {
      return await Promise.race([this.#operation.run(), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #stock() {
    const taken = takeStock(this.#pids);
    // What was sent to the kernel is done, also where its answer is lost.
    if (this.#packageName === 'netlink-links') taken.links = [];
    return taken;
  }

  #judge(call, code, error, ofNode) {
    // Node's own calls, which only faults from outside reach, have Node's own errors.
    if (ofNode && error?.code === code) return undefined;
    if (!(error instanceof NetnsError) && !(error instanceof CniError))
      return `throws ${error?.name}: ${error?.stack ?? error}`;
    const named = nameInErrors(call);
    if (error.syscall === named || error.message.includes(named)) return undefined;
    const { objects = [] } = this.#operation;
    // What every hop is about, too.
    const known = ["the caller's namespace", typeof objects === 'function' ? objects() : objects].flat();
    if (known.some((object) => error.message.includes(object))) return undefined;
    return `the message names neither the call nor the object: ${error.message}`;
  }

  /**
   * One run with a fault.
   *
   * @param arm has the call fail; returns what disarms it and says whether the call was reached
   */
  async attempt(call, nth, code, arm, { ofNode = false } = {}) {
    const operation = this.#operation;
    const key = `${call}#${nth} ${code}`;
    await operation.before?.();
    const before = this.#stock();
    nameRun({ id: this.#id, key });
    let stopped = false;
    const undoAbort = replaceSyscalls((real) => ({
      abort: () => {
        stopped = true;
        this.#tell({ type: 'stopped', key, call, nth, code });
        return real.abort();
      },
    }));
    const disarm = arm();
    let outcome;
    let problem;
    let result;
    try {
      result = await this.#run();
      outcome = disarm() ? 'went on' : 'not reached';
    } catch (error) {
      disarm();
      outcome = error?.code ?? error?.message ?? String(error);
      problem = this.#judge(call, code, error, ofNode);
    } finally {
      undoAbort();
    }
    if (stopped) return;
    if (isThreadPoisoned()) {
      problem = operation.mayPoison ? problem : 'the thread is poisoned';
      this.#tell({ type: 'poisoned', key, call, nth, code, problem });
      process.exit(0);
    }
    if (outcome === 'went on' || outcome === 'not reached') {
      try {
        if (operation.right !== undefined && !operation.right(result))
          problem ??= `a wrong result: ${String(result).slice(0, 200)}`;
        await operation.undo?.(result);
      } catch (error) {
        problem ??= `cannot be taken back: ${error?.stack ?? error}`;
      }
    }
    if (here() !== this.#home) {
      problem = `the thread is in ${here()}, its home is ${this.#home}`;
      this.#tell({ type: 'astray', key, call, nth, code, outcome, problem });
      process.exit(0);
    }
    // What is left a moment later. What is still there in the end is a leak.
    let left = differences(before, this.#stock());
    for (let times = 0; left.length > 0 && times < 6; times += 1) {
      await sleep(5 * (times + 1));
      left = differences(before, this.#stock());
    }
    for (const what of left) if (what.startsWith('file descriptor')) this.#suspects.push({ id: this.#id, key, what });
    left = left.filter((what) => !what.startsWith('file descriptor'));
    if (left.length > 0) problem ??= `left: ${left.join('; ')}`;
    await operation.always?.();
    this.#tell({ type: 'result', key, call, nth, code, outcome, problem });
  }

  /** Tells what is still there of the runs that are over, and what nothing may be left of. */
  async checkLeaks() {
    const end = performance.now() + MAX_SETTLE_MS;
    nameRun(undefined);
    let leaks = this.#lasting();
    while (leaks.length > 0 && performance.now() < end) {
      await sleep(50);
      leaks = this.#lasting();
    }
    for (const { id, text } of leaks) tell({ type: 'problem', id, problem: `left in the end: ${text}` });
    this.#suspects = [];
  }

  #lasting() {
    const open = differences({ ...this.#stock(), fds: new Map() }, this.#stock());
    const found = this.#suspects
      .filter(({ what }) => open.includes(what))
      .map(({ id, key, what }) => ({ id, text: `${what} (${key})` }));
    for (const { type, run } of resourcesAlive().values())
      if (run !== undefined) found.push({ id: run.id, text: `${type} made in the run with ${run.key}` });
    return found;
  }
}
