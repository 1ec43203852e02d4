import { writeSync } from 'node:fs';
import { Script } from 'node:vm';
import { NamespaceRestoreError } from '../errors.js';
import { CLONE_NEWNET, Errno, errnoName, type Syscalls, sys } from '../sys/index.js';
import { threadSlots } from '../sys/thread-descriptors.js';
import { poisonThread } from './thread-state.js';

// V8 can end a function without running `catch` or `finally`: a `vm` timeout, `breakOnSigint`, Ctrl-C in Node's REPL,
// `worker.terminate()`. A thread that is ended within a hop stays in the foreign namespace, and its descriptors stay
// open. Hence each move of the thread is recorded before it begins, and a record whose function is no longer on the
// stack is that of a move that was interrupted: it is undone when the next call of this package begins, or at the end
// of the turn of the event loop, whichever comes first.
//
// V8 ends functions only where one is entered and where a loop begins again. So what a system call returned is stored
// without a call or a loop in between, here and in the table of system calls: `move.fds[HOME] = calls.open(…)` happens
// altogether or not at all. A worker thread that is terminated does nothing any more: what is stored in slots of
// `threadSlots` is closed by another thread then.

/** Indexes of a move's descriptors in {@link Move.fds}: the namespace to enter, the one to return to, what was made. */
export const TARGET = 0;
export const HOME = 1;
export const MADE = 2;

/** One move of the calling thread to another namespace, and back if it is a hop. Records are reused. */
export interface Move<Ref = unknown> {
  /** Runs the move. A sloppy-mode function: its `arguments` tell whether it is on the stack. */
  readonly frame: Frame;
  /** What is open on behalf of this move alone; negative where nothing is. */
  readonly fds: Int32Array;
  /** What else is open on its behalf: see {@link keeping}. */
  readonly kept: Int32Array;
  /** Whether the thread is, or may be, elsewhere than in `fds[HOME]`. */
  away: boolean;
  /** Whether a failed return poisons the thread instead of stopping the process. */
  throws: boolean;
  /** Where to, and how that is called in messages. */
  ref: Ref;
  describe: (ref: Ref) => string;
}

type MoveBody<Ref, A, B, T> = (calls: Syscalls, move: Move<Ref>, a: A, b: B) => T;

interface Frame {
  <Ref, A, B, T>(body: MoveBody<Ref, A, B, T>, calls: Syscalls, move: Move<Ref>, a: A, b: B): T;
  readonly arguments: object | null;
}

interface Moves {
  /** How many of `list` are under way, or were when they were interrupted. */
  depth: number;
  readonly list: Move[];
  /** Whether interrupted moves will be looked for at the end of this turn. */
  tickQueued: boolean;
}

// Once per thread, whichever copy of this package a hop is made with: hops nest.
const KEY = Symbol.for('netns-core.moves');
const holder = process as typeof process & { [KEY]?: Moves };
holder[KEY] ??= { depth: 0, list: [], tickQueued: false };
const moves: Moves = holder[KEY];

function createMove(): Move {
  // Modules are strict code, where the `arguments` of a function cannot be asked for from outside. Not `new Function`,
  // which `--disallow-code-generation-from-strings` forbids.
  const program = new Script('(function move(body, calls, move, a, b) { return body(calls, move, a, b); })', {
    filename: 'netns-core/move',
  });
  const move: Move = {
    frame: program.runInThisContext() as Frame,
    fds: threadSlots(3),
    kept: threadSlots(MAX_KEPT),
    away: false,
    throws: false,
    ref: '',
    describe: () => 'another namespace',
  };
  moves.list.push(move);
  return move;
}

/**
 * Calls `body` as a move of the thread. What it leaves in the record's `fds` is closed afterwards, except that on
 * success `fds[MADE]` is only forgotten: it is the caller's.
 *
 * @param describe how the namespace is called in messages
 * @param a passed to `body`, as is `b`, so that no closure need be made for each hop
 */
export function asMove<Ref, A, B, T>(
  calls: Syscalls,
  ref: NoInfer<Ref>,
  describe: (ref: Ref) => string,
  body: MoveBody<Ref, A, B, T>,
  a: A,
  b: B,
): T {
  if (!moves.tickQueued) {
    // In this order: what is marked as queued and is not would never be looked at.
    process.nextTick(atEndOfTurn);
    moves.tickQueued = true;
  }
  const level = moves.depth;
  const move = (moves.list[level] ?? createMove()) as Move<Ref>;
  move.throws = false;
  move.ref = ref;
  move.describe = describe;
  moves.depth = level + 1;
  let result: T;
  try {
    result = move.frame(body, calls, move, a, b);
  } catch (error) {
    closeAll(calls, move);
    moves.depth = level;
    throw error;
  }
  move.fds[MADE] = -1;
  moves.depth = level;
  return result;
}

/** Closes one of a move's descriptors. */
export function closeMoveFd(
  calls: Syscalls,
  move: Pick<Move, 'fds'>,
  index: typeof TARGET | typeof HOME | typeof MADE,
): void {
  const fd = move.fds[index] ?? -1;
  if (fd >= 0) calls.close(fd);
  move.fds[index] = -1;
}

function closeAll(calls: Syscalls, move: Pick<Move, 'fds' | 'kept'>): void {
  closeMoveFd(calls, move, TARGET);
  closeMoveFd(calls, move, HOME);
  closeMoveFd(calls, move, MADE);
  for (let slot = 0; slot < MAX_KEPT; slot += 1) {
    const fd = move.kept[slot] ?? -1;
    if (fd >= 0) calls.close(fd);
    move.kept[slot] = -1;
  }
}

/**
 * The system calls, with what `open` and `openat` open recorded until `close` closes it, for parts of a move that use
 * files of their own.
 */
export function keeping(calls: Syscalls, { kept }: Pick<Move, 'kept'>): Syscalls {
  // Stored by an assignment: a call in between, even of a method of Set, is a place where V8 may end the function.
  return {
    ...calls,
    open: (path, flags, mode) => {
      const slot = kept.findIndex(isFree);
      if (slot < 0) return -Errno.EMFILE;
      kept[slot] = calls.open(path, flags, mode);
      return kept[slot] ?? -Errno.EMFILE;
    },
    openat: (directory, path, flags, mode) => {
      const slot = kept.findIndex(isFree);
      if (slot < 0) return -Errno.EMFILE;
      kept[slot] = calls.openat(directory, path, flags, mode);
      return kept[slot] ?? -Errno.EMFILE;
    },
    close: (fd) => {
      const slot = kept.indexOf(fd);
      const result = calls.close(fd);
      kept[slot] = -1;
      return result;
    },
  };
}

/** More files than any move has open at once. */
const MAX_KEPT = 16;

const isFree = (fd: number): boolean => fd < 0;

/**
 * Ends the outward half of a move: takes the thread to `fds[HOME]`, and closes that. If that fails the process is
 * stopped, or with `throws` the thread is poisoned.
 *
 * @throws NamespaceRestoreError
 */
export function returnHome<Ref>(
  calls: Syscalls,
  move: Move<Ref>,
  result: unknown,
  failure: { readonly error: unknown } | undefined,
): void {
  const back = calls.setns(move.fds[HOME] ?? -1, CLONE_NEWNET);
  if (back < 0) {
    const message = giveUp(calls, move, back);
    throw new NamespaceRestoreError(
      `${message}. The thread is in a foreign namespace for good: end the process (or the worker)`,
      {
        code: 'ERR_NAMESPACE_RESTORE',
        errno: -back,
        syscall: 'setns',
        cause: failure?.error,
      },
      failure ?? { result },
    );
  }
  move.away = false;
  closeMoveFd(calls, move, HOME);
}

/** The thread cannot return: stops the process, or poisons the thread and says why. */
function giveUp<Ref>(calls: Syscalls, move: Move<Ref>, result: number): string {
  const message = `cannot return from ${move.describe(move.ref)} to the namespace the thread came from (setns: ${errnoName(-result)})`;
  if (!move.throws) {
    const lead = -result === Errno.EPERM ? ': the function gave up CAP_SYS_ADMIN inside' : '';
    try {
      writeSync(
        2,
        `netns-core: ${message}${lead}. Stopping the process, so that nothing is sent from the wrong namespace.\n`,
      );
    } catch {
      // No stderr: the signal has to say it.
    }
    calls.abort();
  }
  poisonThread(message);
  return message;
}

/** Whether the thread is in a move, or was when it was interrupted. */
export function isMoving(): boolean {
  return moves.depth > 0;
}

/**
 * Undoes the moves that were interrupted: the thread returns to where the outermost of them began, and their
 * descriptors are closed. Moves that are on the stack go on. The process is stopped if the thread cannot return.
 */
export function undoInterruptedMoves(calls: Syscalls): void {
  let running = moves.depth;
  while (running > 0 && moves.list[running - 1]?.frame.arguments === null) running -= 1;
  // Each step may itself be interrupted, and is then done again.
  for (let level = moves.depth - 1; level >= running; level -= 1) {
    const move = moves.list[level];
    if (move === undefined) break;
    if (move.away) {
      const back = calls.setns(move.fds[HOME] ?? -1, CLONE_NEWNET);
      if (back < 0) giveUp(calls, move, back);
      move.away = false;
    }
    closeAll(calls, move);
    moves.depth = level;
  }
}

function atEndOfTurn(): void {
  moves.tickQueued = false;
  if (moves.depth > 0) undoInterruptedMoves(sys());
}
