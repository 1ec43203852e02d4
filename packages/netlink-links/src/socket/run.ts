import { Errno } from 'netns-core/sys';
import { LinkNotFoundError, NetlinkError, type OperationIdentity } from '../operation/errors.js';
import type { Operation, Program } from '../operation/operation.js';
import type { Request } from '../operation/request.js';
import type { Outcome } from './answers.js';
import type { BlockingTransport, Transport } from './transport.js';
import { MOST_RESTARTS } from './waves.js';

/** Executes an operation to its end, waiting with the thread. */
export function runBlocking<T>(operation: Operation<T>, transport: BlockingTransport): T {
  if (transport.execute !== undefined) return transport.execute(operation) as T;
  if (operation.single !== undefined) return outcomeValue(operation, only(transport.exchange([operation.single]))) as T;
  const program = operation.start();
  let step = program.next();
  while (!step.done) {
    let outcome: Outcome;
    try {
      outcome = only(transport.exchange([step.value]));
    } catch (error) {
      // A program may have to undo what it did before.
      step = program.throw(error);
      continue;
    }
    step = resume(operation, program, outcome);
  }
  return step.value;
}

/** Executes an operation to its end without holding the event loop. */
export async function run<T>(operation: Operation<T>, transport: Transport): Promise<T> {
  if (transport.execute !== undefined) return transport.execute(operation) as T;
  if (operation.single !== undefined)
    return outcomeValue(operation, only(await transport.exchange([operation.single]))) as T;
  const program = operation.start();
  let step = program.next();
  while (!step.done) {
    let outcome: Outcome;
    try {
      outcome = only(await transport.exchange([step.value]));
    } catch (error) {
      step = program.throw(error);
      continue;
    }
    step = resume(operation, program, outcome);
  }
  return step.value;
}

/** Gives a program the outcome of the request that it waits for. */
export function resume<T>(
  operation: OperationIdentity,
  program: Program<T>,
  outcome: Outcome,
): IteratorResult<Request<unknown>, T> {
  return outcome.status === 'answered' ? program.next(outcome.value) : program.throw(errorOf(operation, outcome));
}

/** The value of an outcome; throws what it is when it is none. */
export function outcomeValue(operation: OperationIdentity, outcome: Outcome): unknown {
  if (outcome.status === 'answered') return outcome.value;
  throw errorOf(operation, outcome);
}

/** The error that an outcome means for an operation. */
export function errorOf(operation: OperationIdentity, outcome: Exclude<Outcome, { status: 'answered' }>): NetlinkError {
  switch (outcome.status) {
    case 'refused':
      // The kernel also says ENODEV of a master or a link below that is gone, but then it says so.
      if (
        operation.link !== undefined &&
        outcome.refusal.errno === Errno.ENODEV &&
        !/master|lower|parent/i.test(outcome.refusal.extack?.message ?? '')
      )
        return LinkNotFoundError.of(operation, operation.link, outcome.refusal.extack);
      return NetlinkError.refused(operation, outcome.refusal);
    case 'failed':
      return NetlinkError.failed(operation, outcome.code, outcome.reason, outcome.cause);
    case 'interrupted':
      return NetlinkError.failed(
        operation,
        'ERR_DUMP_INTERRUPTED',
        `the objects kept changing while the kernel listed them (${MOST_RESTARTS + 1} attempts): try again when it is calmer, or use a subscription`,
      );
  }
}

function only(outcomes: readonly Outcome[]): Outcome {
  return outcomes[0] ?? { status: 'failed', code: 'ERR_NETLINK_NO_ANSWER', reason: 'the transport gave no outcome' };
}
