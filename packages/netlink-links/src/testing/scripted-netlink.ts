import { errnoNumber } from 'netns-core/sys';
import { Netlink } from '../netlink/netlink.js';
import type * as operations from '../netlink/operations.js';
import { NetlinkError } from '../operation/errors.js';
import type { Operation } from '../operation/operation.js';
import { closed } from '../socket/blocking.js';

/** The name of an operation: `'linkByName'`, `'addrAdd'`, … */
export type OperationName = keyof typeof operations;

/** The result of an operation. */
export type AnswerOf<K extends OperationName> = (typeof operations)[K] extends (...args: never[]) => Operation<infer T>
  ? T
  : never;

type StepOf<K extends OperationName> = {
  /** The operation that is expected. */
  operation: K;
  /** Its object, as errors name it: `'eth0'`, `'192.0.2.1/24'`. Where it is left out, any will do. */
  target?: string;
} & (
  | { /** Its result; nothing for operations without a value. */ answer?: AnswerOf<K> }
  | {
      /** The kernel's error: its name, `'EPERM'`, or with the words of an extended acknowledgement. */
      error: string | { code: string; message: string } | Error;
    }
);

/** One step of a script: the operation that is expected, and how it ends. */
export type ScriptStep = { [K in OperationName]: StepOf<K> }[OperationName];

/** An operation that was executed. */
export interface ExecutedOperation {
  readonly operation: string;
  readonly target: string;
  /** What it does, in words: `'add address 192.0.2.1/24 on link eth0'`. */
  readonly description: string;
  /** The message that the kernel would have been sent, where it consists of one. */
  readonly message: Uint8Array | undefined;
}

/** A Netlink without a kernel, and what was done with it. */
export interface ScriptedNetlink {
  readonly netlink: Netlink;
  /** The operations that were executed, in order. */
  readonly executed: readonly ExecutedOperation[];
  /** Throws if steps of the script are left. */
  done(): void;
}

/** The code under test did something else than the script says. */
export class ScriptError extends Error {
  override name = 'ScriptError';
}

/**
 * Makes a Netlink that answers from a script, to test one's own code without a kernel and without rights. It checks
 * arguments as the real one does, and refuses operations that the script does not expect at that point.
 *
 * ```ts
 * const { netlink, done } = scriptedNetlink([
 *   { operation: 'linkByName', target: 'eth0', answer: linkFixture({ name: 'eth0', index: 2 }) },
 *   { operation: 'linkSetUp', error: 'EPERM' },
 * ]);
 * ```
 *
 * @throws ScriptError (from the Netlink's methods) when an operation is not the one that the script expects
 */
export function scriptedNetlink(steps: readonly ScriptStep[]): ScriptedNetlink {
  const executed: ExecutedOperation[] = [];
  let open = true;
  const execute = (operation: Operation<unknown>): unknown => {
    if (!open) throw closed();
    const position = executed.length;
    const step = steps[position];
    const { name, target, description } = operation;
    if (step === undefined)
      throw new ScriptError(`the script ends after ${steps.length} steps, but there is more: ${description}`);
    if (step.operation !== name || (step.target !== undefined && step.target !== target))
      throw new ScriptError(
        `step ${position + 1} of the script expects ${step.operation}${step.target === undefined ? '' : ` of ${step.target}`}, but it was ${name} of ${target}: ${description}`,
      );
    executed.push({ operation: name, target, description, message: operation.single?.message });
    if (!('error' in step)) return step.answer;
    const { error } = step;
    if (error instanceof Error) throw error;
    const { code, message } = typeof error === 'string' ? { code: error, message: undefined } : error;
    const errno = errnoNumber(code);
    if (errno === 0)
      throw new ScriptError(
        `step ${position + 1} of the script has the error '${code}', which is not an error of the kernel`,
      );
    throw NetlinkError.refused(operation, {
      errno,
      extack: message === undefined ? undefined : { message },
    });
  };
  const transport = {
    execute,
    close() {
      open = false;
    },
  };
  const unused = (): never => {
    throw new ScriptError('a scripted Netlink sends nothing');
  };
  const netlink = new Netlink({
    openBlocking: () => ({ ...transport, exchange: unused }),
    openNonblocking: () => ({ ...transport, exchange: unused, stream: unused }),
    close() {},
  });
  return {
    netlink,
    executed,
    done() {
      const left = steps.slice(executed.length);
      if (left.length > 0)
        throw new ScriptError(
          `${left.length} steps of the script were not reached: ${left.map((step) => step.operation).join(', ')}`,
        );
    },
  };
}
