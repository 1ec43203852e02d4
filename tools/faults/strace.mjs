// strace, attached to a running process to see its system calls, or to have one of them fail.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { plausibleErrors } from './plausible-errors.mjs';

/**
 * Calls that operations are made of. `?`: not every architecture has it. Not getsockopt, by which Node finds out what a
 * descriptor is: of a socket it cannot fail, and faults of our own calls of it are tried from inside.
 */
const CALLS = [
  'openat',
  'ioctl',
  'setns',
  'unshare',
  'mount',
  'umount2',
  '?mkdir',
  '?mkdirat',
  '?unlink',
  'unlinkat',
  'flock',
  'fcntl',
  'fstatfs',
  'socket',
  'setsockopt',
  'bind',
  'connect',
  'listen',
  'pidfd_open',
  'pipe2',
];
/** Of those, what only the operation does on a thread that Node starts meanwhile. */
const CALLS_OF_NEW_THREADS = ['unshare', 'setns', 'mount', 'flock'];
/** The second time Node has a socket listen that listens already, which cannot fail. */
const ONCE = new Set(['listen']);
/** How often a call fails in one operation, and in how many ways. */
const MAX_OCCURRENCES = 4;
const MAX_ERRORS = 3;

export class Strace {
  #pid;
  #threads;
  #process;
  #ended;
  #folder = mkdtempSync(path.join(tmpdir(), 'faults-strace-'));

  /** @param threads whether all threads of the process are looked at, or the main one */
  constructor(pid, threads) {
    this.#pid = pid;
    this.#threads = threads;
  }

  get #output() {
    return path.join(this.#folder, 'calls');
  }

  /** Attaches; with a fault, the call fails from now on. */
  async attach(fault) {
    const calls = this.#threads ? CALLS_OF_NEW_THREADS : CALLS;
    const args = ['-o', this.#output, '-e', 'signal=none', '-e', `trace=${calls.join()}`];
    if (this.#threads) args.push('-f');
    if (fault !== undefined) args.push('-e', `inject=${fault.call}:error=${fault.code}:when=${fault.nth}`);
    this.#process = spawn('strace', [...args, '-p', String(this.#pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    this.#ended = new Promise((resolve) => {
      this.#process.once('error', resolve);
      this.#process.once('close', resolve);
    });
    const attached = new Promise((resolve) => {
      this.#process.stderr.setEncoding('utf8').on('data', (text) => {
        said += text;
        if (said.includes('attached')) resolve(true);
      });
    });
    if ((await Promise.race([attached, this.#ended])) !== true) throw new Error(`strace cannot attach: ${said}`);
  }

  /** Detaches and returns what was seen. */
  async detach() {
    this.#process?.kill('SIGINT');
    await this.#ended;
    this.#process = undefined;
    return readFileSync(this.#output, 'latin1');
  }

  async close() {
    if (this.#process !== undefined) await this.detach().catch(() => {});
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The faults to try, by what was seen of a run without one. */
export function faultsOf(seen) {
  const counts = new Map();
  const faults = [];
  for (const [, , tid = '', call] of seen.matchAll(/^((\d+) +)?(\w+)\(/gm)) {
    // strace counts for each thread by itself.
    const nth = (counts.get(`${tid} ${call}`) ?? 0) + 1;
    counts.set(`${tid} ${call}`, nth);
    if (nth > (ONCE.has(call) ? 1 : MAX_OCCURRENCES)) continue;
    for (const code of plausibleErrors(call).slice(0, MAX_ERRORS))
      if (!faults.some((known) => known.call === call && known.nth === nth && known.code === code))
        faults.push({ call, nth, code });
  }
  return faults;
}

export const wasReached = (seen) => seen.includes('(INJECTED)');
