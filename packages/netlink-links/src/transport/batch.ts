import { NetlinkError } from '../errors.js';
import type { Operation, Program } from '../operation.js';
import type { Request } from '../request.js';
import type { Outcome } from './answers.js';
import { errorOf } from './run.js';
import { endOfWave } from './waves.js';

/** What the operations of a batch answer with, in their order. */
export type BatchResults<T extends readonly Operation<unknown>[]> = {
  -readonly [K in keyof T]: T[K] extends Operation<infer R> ? R : never;
};

/** How one operation of a failed batch ended. */
export type BatchEntry =
  | { readonly status: 'done'; readonly value: unknown }
  | { readonly status: 'failed'; readonly error: NetlinkError }
  | { readonly status: 'not executed' };

/**
 * An operation of a batch failed. Those before it were carried out. Of those behind it some may have been as well,
 * since several requests go to the kernel in one write: `results` tells of each.
 */
export class NetlinkBatchError extends NetlinkError {
  override name = 'NetlinkBatchError';
  /** Which operation failed first, counted from 1. */
  readonly position: number;
  /** How each operation ended. Not among what is printed of the error: there may be thousands. */
  declare readonly results: readonly BatchEntry[];

  constructor(position: number, results: readonly BatchEntry[], first: NetlinkError) {
    super(`operation ${position} of ${results.length} in the batch: ${first.message}`, {
      code: first.code,
      errno: first.errno,
      extack: first.extack,
      operation: first.operation,
      target: first.target,
      cause: first,
    });
    this.position = position;
    Object.defineProperty(this, 'results', { value: results });
  }
}

/** The same, one after the other, for transports that answer whole operations. */
export function batchOneByOne(
  operations: readonly Operation<unknown>[],
  execute: (operation: Operation<unknown>) => unknown,
): unknown[] {
  const entries: BatchEntry[] = operations.map(() => ({ status: 'not executed' }));
  return operations.map((operation, position) => {
    try {
      const value = execute(operation);
      entries[position] = { status: 'done', value };
      return value;
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error;
      entries[position] = { status: 'failed', error };
      throw new NetlinkBatchError(position + 1, entries, error);
    }
  });
}

/** An operation that has begun: its program, and the request that it waits for. */
interface Running {
  readonly position: number;
  readonly operation: Operation<unknown>;
  readonly program: Program<unknown> | Program<Request<unknown>> | undefined;
  readonly preparing: boolean;
  readonly request: Request<unknown>;
}

/**
 * Executes operations in order, as many of them in one write as can be without changing the order of their effects.
 * It is a generator, so that the blocking and the non-blocking door share it: it yields the requests of a write, and
 * is resumed with their outcomes.
 */
export function* batchProgram(
  operations: readonly Operation<unknown>[],
): Generator<readonly Request<unknown>[], unknown[], readonly Outcome[]> {
  const entries: BatchEntry[] = operations.map(() => ({ status: 'not executed' }));
  let position = 0;
  // The operation that has more to ask: nothing behind it may be sent before its last request.
  let unfinished: Running | undefined;
  while (position < operations.length || unfinished !== undefined) {
    const wave: Running[] = [];
    if (unfinished !== undefined) wave.push(unfinished);
    let open = unfinished === undefined || isLast(unfinished);
    unfinished = undefined;
    while (open && position < operations.length) {
      const operation = operations[position];
      if (operation === undefined) break;
      const running = begin(operation, position, entries);
      position += 1;
      if (running === undefined) continue;
      wave.push(running);
      open = isLast(running) && wave.length < WIDEST;
    }
    for (let from = 0; from < wave.length; ) {
      const to = endOfWave(
        wave.map(({ request }) => request),
        from,
      );
      const part = wave.slice(from, to);
      const outcomes = yield part.map(({ request }) => request);
      part.forEach((running, index) => {
        const outcome = outcomes[index] ?? NO_OUTCOME;
        const next = proceed(running, outcome, entries);
        if (next !== undefined) unfinished = next;
      });
      throwFirst(entries);
      from = to;
    }
  }
  throwFirst(entries);
  return entries.map((entry) => (entry.status === 'done' ? entry.value : undefined));
}

const WIDEST = 128;
const NO_OUTCOME: Outcome = {
  status: 'failed',
  code: 'ERR_NETLINK_NO_ANSWER',
  reason: 'the transport gave no outcome',
};

/** Whether nothing will be asked behind the request that it waits for. */
function isLast({ program }: Running): boolean {
  return program === undefined;
}

function begin(operation: Operation<unknown>, position: number, entries: BatchEntry[]): Running | undefined {
  if (operation.single !== undefined)
    return { position, operation, program: undefined, preparing: false, request: operation.single };
  const preparing = operation.prepare !== undefined;
  const program = operation.prepare?.() ?? operation.start();
  return step({ position, operation, program, preparing }, () => program.next(), entries);
}

function proceed(running: Running, outcome: Outcome, entries: BatchEntry[]): Running | undefined {
  const { program, operation, position } = running;
  if (program === undefined) {
    entries[position] =
      outcome.status === 'answered'
        ? { status: 'done', value: outcome.value }
        : { status: 'failed', error: errorOf(operation, outcome) };
    return undefined;
  }
  return step(
    running,
    () => (outcome.status === 'answered' ? program.next(outcome.value) : program.throw(errorOf(operation, outcome))),
    entries,
  );
}

/** Lets a program go on to its next request, or to its end. */
function step(
  running: Omit<Running, 'request'>,
  advance: () => IteratorResult<Request<unknown>, unknown>,
  entries: BatchEntry[],
): Running | undefined {
  const { position, operation, preparing } = running;
  try {
    const { done, value } = advance();
    if (!done) return { ...running, request: value as Request<unknown> };
    if (preparing)
      return { position, operation, program: undefined, preparing: false, request: value as Request<unknown> };
    entries[position] = { status: 'done', value };
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    entries[position] = { status: 'failed', error };
  }
  return undefined;
}

function throwFirst(entries: readonly BatchEntry[]): void {
  for (const [index, entry] of entries.entries())
    if (entry.status === 'failed') throw new NetlinkBatchError(index + 1, entries, entry.error);
}
