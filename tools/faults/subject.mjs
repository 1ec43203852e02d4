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
import { tableName } from './plausible-errors.mjs';

/** An operation that takes longer hangs. */
const MAX_RUN_MS = 9000;
/** What ends by itself must have ended by then: threads that are kept for a second. */
const MAX_SETTLE_MS = 4000;

export const tell = (message) => writeSync(1, `${JSON.stringify(message)}\n`);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Subject {
  #packageName;
  #operation;
  #home;
  #pids;
  #resourcesBefore = new Set();
  /** File descriptors that were still open shortly after a run; they must go in the end. */
  #suspects = new Map();

  static async prepare(packageName, exportName, variant) {
    const table = PACKAGES[packageName];
    const subject = new Subject();
    subject.#packageName = packageName;
    subject.#operation = [table.operations[exportName]].flat()[Number(variant)];
    subject.#pids = await makeNamespaces();
    table.prepare?.();
    if (packageName === 'vrf-dial') await startServers();
    subject.#home = here();
    return subject;
  }

  /** Calls the operation twice without a fault, so that what it makes once in a process is made, and `watched` around the second. */
  async rehearse(watched) {
    try {
      await this.#plainRun(async (run) => run());
      await this.#plainRun(watched);
    } catch (error) {
      if (this.#operation.mayRefuse?.includes(error?.code))
        tell({ type: 'end', leaks: [], count: 0, leftOut: error.message });
      else tell({ type: 'unusable', code: error?.code, reason: error?.stack ?? String(error) });
      process.exit(0);
    }
    this.#resourcesBefore = new Set(resourcesAlive().keys());
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
    const named = tableName(call).replace('pidfdOpen', 'pidfd_open');
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
    nameRun(key);
    let stopped = false;
    const undoAbort = replaceSyscalls((real) => ({
      abort: () => {
        stopped = true;
        tell({ type: 'stopped', key, call, nth, code });
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
      tell({ type: 'poisoned', key, call, nth, code, problem });
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
      tell({ type: 'result', key, call, nth, code, outcome, problem });
      process.exit(0);
    }
    // What is left a moment later. What is still there in the end is a leak.
    let left = differences(before, this.#stock());
    for (let times = 0; left.length > 0 && times < 6; times += 1) {
      await sleep(5 * (times + 1));
      left = differences(before, this.#stock());
    }
    for (const what of left) if (what.startsWith('file descriptor')) this.#suspects.set(`${what} (${key})`, what);
    left = left.filter((what) => !what.startsWith('file descriptor'));
    if (left.length > 0) problem ??= `left: ${left.join('; ')}`;
    await operation.always?.();
    tell({ type: 'result', key, call, nth, code, outcome, problem });
  }

  /** All is over: nothing that a run has made may be alive. */
  async finish() {
    const end = performance.now() + MAX_SETTLE_MS;
    nameRun('end');
    let leaks = this.#lasting();
    while (leaks.length > 0 && performance.now() < end) {
      await sleep(50);
      leaks = this.#lasting();
    }
    tell({ type: 'end', leaks: leaks.slice(0, 8), count: leaks.length });
    process.exit(0);
  }

  #lasting() {
    const open = differences({ ...this.#stock(), fds: new Map() }, this.#stock());
    const found = [...this.#suspects].filter(([, what]) => open.includes(what)).map(([text]) => text);
    for (const [id, { type, label }] of resourcesAlive())
      if (!this.#resourcesBefore.has(id) && label !== 'end') found.push(`${type} made in the run with ${label}`);
    return found;
  }
}
