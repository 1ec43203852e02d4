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
 * answers, but touches no socket. A transport executes it, as often as wanted. `T` is the type of its result.
 *
 * Arguments were checked when it was made.
 */
export class Operation<T> implements OperationIdentity {
  readonly name: string;
  readonly description: string;
  readonly target: string;
  readonly link: string | number | undefined;
  readonly module: string | undefined;
  readonly taken: string | undefined;
  readonly ofKind: string | undefined;
  readonly actions: readonly string[] | undefined;
  /** Starts the program anew. */
  readonly start: () => Program<T>;
  /** The request, where the program consists of a single one whose answer is the result. */
  readonly single: Request<T> | undefined;
  /**
   * Where only the last request matters and the others prepare it: the program that ends with it. Batches send what
   * follows along with that request.
   */
  readonly prepare: (() => Program<Request<T>>) | undefined;

  constructor(
    identity: OperationIdentity,
    program: Request<T> | (() => Program<T>),
    prepare?: () => Program<Request<T>>,
  ) {
    this.name = identity.name;
    this.description = identity.description;
    this.target = identity.target;
    this.link = identity.link;
    this.module = identity.module;
    this.taken = identity.taken;
    this.ofKind = identity.ofKind;
    this.actions = identity.actions;
    this.prepare = prepare;
    if (typeof program === 'function') {
      this.start = program;
      this.single = undefined;
    } else {
      this.start = () => ask(program);
      this.single = program;
    }
  }
}

/**
 * Makes an operation that has something to ask first, the index of a link mostly, and then does what it is for with
 * the request that the program returns.
 */
export function prepared<T>(identity: OperationIdentity, prepare: () => Program<Request<T>>): Operation<T> {
  return new Operation(
    identity,
    function* () {
      return yield* ask<T>(yield* prepare());
    },
    prepare,
  );
}

/** An operation that lists objects; it can also be executed as an iterator, which never holds all of them at once. */
export class DumpOperation<E> extends Operation<E[]> {
  constructor(identity: OperationIdentity, program: DumpRequest<E> | (() => Program<DumpRequest<E>>)) {
    if (typeof program === 'function')
      super(
        identity,
        function* () {
          return yield* ask<E[]>(yield* program());
        },
        program,
      );
    else super(identity, program);
  }
}

/** The dump of a listing operation, once what it needs is known. */
export function* dumpOf<E>(operation: DumpOperation<E>): Program<DumpRequest<E>> {
  return (operation.single ?? (yield* operation.prepare?.() ?? nothing())) as DumpRequest<E>;
}

// biome-ignore lint/correctness/useYield: there is nothing to ask
function* nothing(): Program<never> {
  throw new TypeError('a listing operation has a dump');
}
