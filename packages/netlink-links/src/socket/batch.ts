import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { NetlinkError } from '../operation/errors.js';
import type { Operation, Program } from '../operation/operation.js';
import type { Request } from '../operation/request.js';
import type { Outcome } from './answers.js';
import { errorOf } from './run.js';
import type { BlockingTransport, Transport } from './transport.js';
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

/**
 * Refuses a batch with something in it that is not an operation.
 *
 * @throws InvalidOptionError
 */
export function checkBatch(operations: readonly Operation<unknown>[]): void {
  if (!Array.isArray(operations))
    throw new InvalidOptionError('operations', `batch needs an array of operations, got ${shown(operations)}`);
  // Not `forEach`, which passes over what an array lacks.
  for (let index = 0; index < operations.length; index += 1)
    checkOperation(operations[index], `element ${index} of the batch`);
}

/**
 * Refuses what is not an operation.
 *
 * @throws InvalidOptionError
 */
export function checkOperation(operation: unknown, what = 'the argument of execute'): void {
  const { start, name } = (operation ?? {}) as Partial<Operation<unknown>>;
  if (typeof operation === 'object' && typeof start === 'function' && typeof name === 'string') return;
  if (operation instanceof Promise) {
    // It was executed by what made it: its failure has been told here.
    operation.catch(() => undefined);
    throw new InvalidOptionError(
      'operation',
      `${what} must be an operation of 'netlink-links/operations', got a promise: methods of a Netlink execute what they are asked for at once`,
    );
  }
  throw new InvalidOptionError(
    'operation',
    `${what} must be an operation of 'netlink-links/operations', got ${shown(operation)}`,
  );
}

/** Executes a batch over a transport that waits with the thread. */
export function runBatchBlocking(operations: readonly Operation<unknown>[], transport: BlockingTransport): unknown[] {
  checkBatch(operations);
  if (transport.execute !== undefined) return batchOneByOne(operations, transport.execute);
  const program = batchProgram(operations);
  let step = program.next();
  while (!step.done) {
    let outcomes: readonly Outcome[];
    try {
      outcomes = transport.exchange(step.value);
    } catch (error) {
      step = program.throw(error);
      continue;
    }
    step = program.next(outcomes);
  }
  return step.value;
}

/** Executes a batch without holding the event loop. */
export async function runBatch(operations: readonly Operation<unknown>[], transport: Transport): Promise<unknown[]> {
  checkBatch(operations);
  if (transport.execute !== undefined) return batchOneByOne(operations, transport.execute);
  const program = batchProgram(operations);
  let step = program.next();
  while (!step.done) {
    let outcomes: readonly Outcome[];
    try {
      outcomes = await transport.exchange(step.value);
    } catch (error) {
      step = program.throw(error);
      continue;
    }
    step = program.next(outcomes);
  }
  return step.value;
}

/** The same, one after the other, for transports that answer whole operations. */
function batchOneByOne(
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
function* batchProgram(
  operations: readonly Operation<unknown>[],
): Generator<readonly Request<unknown>[], unknown[], readonly Outcome[]> {
  const entries: BatchEntry[] = operations.map(() => ({ status: 'not executed' }));
  // Programs that have begun and not ended.
  const active = new Set<Program<unknown>>();
  try {
    let position = 0;
    // The operation that has more to ask: nothing behind it may be sent before its last request.
    let unfinished: Running | undefined;
    while (position < operations.length || unfinished !== undefined) {
      const wave: Running[] = [];
      const first = unfinished?.position ?? position;
      if (unfinished !== undefined) wave.push(unfinished);
      let open = unfinished === undefined || isLast(unfinished);
      unfinished = undefined;
      while (open && position < operations.length) {
        const operation = operations[position];
        if (operation === undefined) break;
        // Its first request may make something that the next ones complete: it must not be sent before all that stands
        // before it has succeeded.
        if (wave.length > 0 && operation.single === undefined && operation.prepare === undefined) break;
        const running = begin(operation, position, entries);
        position += 1;
        if (running === undefined) continue;
        if (running.program !== undefined) active.add(running.program);
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
        for (const [index, running] of part.entries()) {
          const outcome = outcomes[index] ?? NO_OUTCOME;
          const next = proceed(running, outcome, entries);
          if (next !== undefined) unfinished = next;
          if (running.program !== undefined && next?.program !== running.program) active.delete(running.program);
        }
        throwFirst(entries, first, position);
        from = to;
      }
      // None of them may have had anything to ask.
      if (wave.length === 0) throwFirst(entries, first, position);
    }
    return entries.map((entry) => (entry.status === 'done' ? entry.value : undefined));
  } finally {
    // What they hold, a descriptor of a namespace say, is let go when the batch ends before them.
    for (const program of active) program.return(undefined);
  }
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

/** Throws if one of the operations from `from` on, up to the one before `to`, has failed. */
function throwFirst(entries: readonly BatchEntry[], from: number, to: number): void {
  for (let index = from; index < to; index += 1) {
    const entry = entries[index];
    if (entry?.status === 'failed') throw new NetlinkBatchError(index + 1, entries, entry.error);
  }
}
