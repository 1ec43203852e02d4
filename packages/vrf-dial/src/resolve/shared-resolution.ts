import { onAbort } from 'netns-core/checks';
import { Cancellation } from '../cancellation.js';
import { type Deadline, setDeadline } from '../deadline.js';
import type { ResolvedAddress } from './context.js';
import { type WantedFamily, wantedFamilies } from './families.js';

/** The addresses of a name as they arrive, family by family. */
export interface Resolution {
  /** Settles as soon as the IPv4 addresses are known; empty where there are none. Rejects where the name has no address at all. */
  readonly ipv4: Promise<readonly ResolvedAddress[]>;
  /** The same for IPv6. */
  readonly ipv6: Promise<readonly ResolvedAddress[]>;
}

/** One caller's part in a resolution. */
export interface SharedResolution extends Resolution {
  /** Waits no longer. Harmless when the resolution has ended. */
  leave(): void;
}

/** A resolution that is under way for all callers that have asked for it. */
interface UnderWay {
  readonly job: ResolutionJob;
  waiting: number;
}

// Callers who want the same at the same time wait for the same answer. Empties itself.
const underWay = new Map<string, UnderWay>();

/**
 * Waits for a resolution that is under way, or starts one. The last caller that no longer waits ends it.
 *
 * @param key what callers who may share the answer have in common; `undefined` if none may
 * @param run does the work, and settles what it finds out early
 */
export function shareResolution(
  key: string | undefined,
  family: WantedFamily,
  run: (job: ResolutionJob) => Promise<void>,
  signal: AbortSignal | undefined,
): SharedResolution {
  let shared = key === undefined ? undefined : underWay.get(key);
  if (shared === undefined) {
    const started: UnderWay = { job: new ResolutionJob(wantedFamilies(family)), waiting: 0 };
    if (key !== undefined) underWay.set(key, started);
    const { job } = started;
    job.onEnd = () => {
      if (key !== undefined && underWay.get(key) === started) underWay.delete(key);
    };
    run(job).then(
      () => job.finish(),
      (error: unknown) => job.fail(error),
    );
    shared = started;
  }
  return waitFor(shared, signal);
}

/** A resolution that failed before it began. */
export function failedResolution(error: unknown): SharedResolution {
  const failed = Promise.reject(error);
  failed.catch(() => undefined);
  return { ipv4: failed, ipv6: failed, leave: () => undefined };
}

/** The work of one resolution, and the two promises of its outcome. */
export class ResolutionJob {
  readonly #families: readonly (4 | 6)[];
  readonly cancellation = new Cancellation();
  readonly #outcomes: Record<4 | 6, PromiseWithResolversOf<readonly ResolvedAddress[]>>;
  /** Called once, when the work has ended or no caller waits for it any more. */
  onEnd: () => void = () => undefined;

  constructor(families: readonly (4 | 6)[]) {
    this.#families = families;
    this.#outcomes = { 4: withResolvers(), 6: withResolvers() };
    for (const family of [4, 6] as const) {
      this.#outcomes[family].promise.catch(() => undefined);
      if (!families.includes(family)) this.#outcomes[family].resolve([]);
    }
  }

  outcome(family: 4 | 6): Promise<readonly ResolvedAddress[]> {
    return this.#outcomes[family].promise;
  }

  settle(family: 4 | 6, addresses: readonly ResolvedAddress[]): void {
    this.#outcomes[family].resolve(addresses);
  }

  /** Settles what has not been settled yet. */
  settleAll(addresses: readonly ResolvedAddress[]): void {
    for (const family of this.#families)
      this.settle(
        family,
        addresses.filter((entry) => entry.family === family),
      );
  }

  /** All is known; what has not been settled is empty. */
  finish(): void {
    this.settleAll([]);
    this.onEnd();
  }

  fail(error: unknown): void {
    for (const family of this.#families) this.#outcomes[family].reject(error);
    this.onEnd();
  }

  abort(reason: unknown): void {
    this.onEnd();
    this.cancellation.cancel(reason);
  }
}

interface PromiseWithResolversOf<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers<T>(): PromiseWithResolversOf<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

const NO_LONGER_WANTED = new Error('no caller waits for this resolution any more');

/** Waits for a shared job until the signal; the last one to leave ends it. */
function waitFor(shared: UnderWay, signal: AbortSignal | undefined): SharedResolution {
  shared.waiting += 1;
  const { job } = shared;
  let here = true;
  const leaveWith = (reason: unknown): void => {
    if (!here) return;
    here = false;
    shared.waiting -= 1;
    if (shared.waiting === 0) job.abort(reason);
  };
  const leave = (): void => leaveWith(NO_LONGER_WANTED);
  if (signal === undefined) return { ipv4: job.outcome(4), ipv6: job.outcome(6), leave };
  const left = withResolvers<never>();
  left.promise.catch(() => undefined);
  const abort = (): void => {
    left.reject(signal.reason);
    leaveWith(signal.reason);
  };
  const withdraw = onAbort(signal, abort);
  Promise.allSettled([job.outcome(4), job.outcome(6)]).then(withdraw);
  const of = (family: 4 | 6): Promise<readonly ResolvedAddress[]> => {
    const either = Promise.race([job.outcome(family), left.promise]);
    either.catch(() => undefined);
    return either;
  };
  return {
    ipv4: of(4),
    ipv6: of(6),
    leave: () => {
      withdraw();
      leave();
    },
  };
}

/** How long the second family is waited for once the first has been answered with addresses, in milliseconds. */
const SECOND_FAMILY_MS = 1000;

/** The addresses of both families, IPv6 first. One family that gets no answer does not hold up the other for long. */
export async function bothFamilies({ ipv4, ipv6 }: Resolution): Promise<readonly ResolvedAddress[]> {
  const [six, four] = await Promise.all([withPatience(ipv6, ipv4), withPatience(ipv4, ipv6)]);
  return [...six, ...four];
}

async function withPatience(
  wanted: Promise<readonly ResolvedAddress[]>,
  other: Promise<readonly ResolvedAddress[]>,
): Promise<readonly ResolvedAddress[]> {
  let deadline: Deadline | undefined;
  let settled = false;
  const late = new Promise<readonly ResolvedAddress[]>((resolve) => {
    other.then(
      (addresses) => {
        if (addresses.length > 0 && !settled)
          deadline = setDeadline(SECOND_FAMILY_MS, () => resolve([]), { handshake: false });
      },
      () => undefined,
    );
  });
  try {
    return await Promise.race([wanted, late]);
  } finally {
    settled = true;
    deadline?.clear();
  }
}
