import type { OperationIdentity } from './errors.js';
import type { DumpRequest, Request } from './request.js';

/**
 * A program of requests: it yields one request after the other and is resumed with each one's answer. A request that
 * the kernel refuses is thrown into it as a NetlinkError, so a program can catch what it expects.
 */
export type Program<T> = Generator<Request<unknown>, T, unknown>;

/** Yields a request and gives its answer, typed: `const link = yield* ask(request)`. */
export function* ask<T>(request: Request<T>): Program<T> {
  return (yield request) as T;
}

/**
 * Something to do in a network namespace, as a value: it holds the bytes of its requests and knows how to read the
 * answers, but touches no socket. A transport executes it, as often as wanted. `T` is what it answers with.
 *
 * Arguments were checked when it was made.
 */
export class Operation<T> implements OperationIdentity {
  readonly name: string;
  readonly description: string;
  readonly target: string;
  /** Starts the program anew. */
  readonly start: () => Program<T>;
  /** The request, where the program consists of a single one whose answer is the result. */
  readonly single: Request<T> | undefined;

  constructor(identity: OperationIdentity, program: Request<T> | (() => Program<T>)) {
    this.name = identity.name;
    this.description = identity.description;
    this.target = identity.target;
    if (typeof program === 'function') {
      this.start = program;
      this.single = undefined;
    } else {
      this.start = () => ask(program);
      this.single = program;
    }
  }
}

/** An operation that lists objects; it can also be executed as an iterator, which never holds all of them at once. */
export class DumpOperation<E> extends Operation<E[]> {
  /** What comes before the dump (looking up a link's index, say), and the dump itself. */
  readonly prepare: () => Program<DumpRequest<E>>;

  constructor(identity: OperationIdentity, program: DumpRequest<E> | (() => Program<DumpRequest<E>>)) {
    if (typeof program === 'function') {
      super(identity, function* () {
        return yield* ask<E[]>(yield* program());
      });
      this.prepare = program;
    } else {
      super(identity, program);
      // A program that has nothing to ask: it only returns.
      // biome-ignore lint/correctness/useYield: a generator is what the type asks for
      this.prepare = function* () {
        return program;
      };
    }
  }
}
