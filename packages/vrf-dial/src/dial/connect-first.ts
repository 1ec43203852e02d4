import { AddressQueue, type CandidateAddress } from './address-queue.js';
import { AllAddressesFailedError, type Destination } from './all-addresses-failed-error.js';

/** RFC 8305 section 5: "Connection Attempt Delay". */
const ATTEMPT_DELAY = 250;
/** RFC 8305 section 3: "Resolution Delay". */
const RESOLUTION_DELAY = 50;

/** How {@link connectFirst} goes about it. */
export interface ConnectFirstOptions<Connection, Address extends CandidateAddress> {
  /** What is being done, as the first words of an error: `cannot connect to host:443 in VRF 'red'`. */
  readonly what: string;
  /** Where to, for the error. */
  readonly destination?: Destination | undefined;
  /** The addresses, or each family's as it becomes known. */
  readonly addresses:
    | readonly Address[]
    | { readonly ipv4: Promise<readonly Address[]>; readonly ipv6: Promise<readonly Address[]> };
  /** Connects to one address. When the signal fires it gives up, closes what it opened and rejects. */
  readonly attempt: (address: Address, signal: AbortSignal) => Promise<Connection>;
  /** Closes a connection that came too late to win. */
  readonly discard: (connection: Connection) => void;
  /** Milliseconds until the next address is tried beside those that have not answered yet (250). */
  readonly attemptDelay?: number | undefined;
  /** The family that is tried first (6). */
  readonly firstFamily?: 4 | 6 | undefined;
  /** Milliseconds that addresses of the other family wait for those of the first to become known (50). */
  readonly resolutionDelay?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Connects to a host with several addresses: Happy Eyeballs version 2 (RFC 8305). Families alternate; the
 * next address is tried when the last one has failed or after a delay, whichever is sooner; the first connection wins
 * and all others are ended.
 *
 * @throws the error of the address where there is one only; AllAddressesFailedError with all of them where there are
 *   several; what the resolution failed with where there is none; the signal's reason
 */
export function connectFirst<Connection, Address extends CandidateAddress>(
  options: ConnectFirstOptions<Connection, Address>,
): Promise<Connection> {
  const { addresses, attempt, destination, discard, firstFamily = 6, signal, what } = options;
  const attemptDelay = options.attemptDelay ?? ATTEMPT_DELAY;
  if (signal?.aborted) return Promise.reject(signal.reason);
  // The ordinary case needs no race.
  if (isList(addresses) && addresses.length === 1) {
    const [only] = addresses;
    if (only !== undefined)
      return new Promise((settle) => settle(attempt(only, signal ?? new AbortController().signal)));
  }

  return new Promise<Connection>((resolve, reject) => {
    const queue = new AddressQueue<Address>(firstFamily);
    const running = new Set<AbortController>();
    const failed: { address: string; error: Error }[] = [];
    let unresolved = 0;
    let resolutionError: unknown;
    let delay: NodeJS.Timeout | undefined;
    let hold: NodeJS.Timeout | undefined;
    let over = false;

    const end = (): void => {
      over = true;
      clearTimeout(delay);
      clearTimeout(hold);
      signal?.removeEventListener('abort', abort);
      for (const controller of running) controller.abort(new Error('another address was connected first'));
    };
    const abort = (): void => {
      over = true;
      clearTimeout(delay);
      clearTimeout(hold);
      for (const controller of running) controller.abort(signal?.reason);
      reject(signal?.reason);
    };
    const giveUpIfDone = (): void => {
      if (over || running.size > 0 || queue.length > 0 || unresolved > 0) return;
      end();
      const [first] = failed;
      if (first === undefined) reject(resolutionError ?? new AllAddressesFailedError(what, [], destination));
      else reject(failed.length === 1 ? first.error : new AllAddressesFailedError(what, failed, destination));
    };
    const next = (): void => {
      clearTimeout(delay);
      delay = undefined;
      if (over || hold !== undefined) return;
      const entry = queue.take();
      if (entry === undefined) {
        giveUpIfDone();
        return;
      }
      delay = setTimeout(next, attemptDelay);
      const controller = new AbortController();
      running.add(controller);
      // A function that throws instead of rejecting must not end the race.
      new Promise<Connection>((settle) => settle(attempt(entry, controller.signal))).then(
        (connection) => {
          running.delete(controller);
          if (over) return discard(connection);
          end();
          resolve(connection);
        },
        (error: unknown) => {
          running.delete(controller);
          if (over) return;
          failed.push({ address: entry.address, error: error instanceof Error ? error : new Error(String(error)) });
          next();
        },
      );
    };
    /** More addresses are known: they start at once unless an attempt is having its time. */
    const arrived = (list: readonly Address[]): void => {
      if (over) return;
      queue.add(list);
      if (delay === undefined) next();
    };

    signal?.addEventListener('abort', abort, { once: true });
    if (isList(addresses)) {
      arrived(addresses);
      return;
    }
    unresolved = 2;
    const [first, other] = firstFamily === 6 ? [addresses.ipv6, addresses.ipv4] : [addresses.ipv4, addresses.ipv6];
    let firstKnown = false;
    const settled = (list: readonly Address[]): void => {
      unresolved -= 1;
      arrived(list);
    };
    first.then(
      (list) => {
        firstKnown = true;
        clearTimeout(hold);
        hold = undefined;
        settled(list);
      },
      (error: unknown) => {
        firstKnown = true;
        clearTimeout(hold);
        hold = undefined;
        resolutionError ??= error;
        settled([]);
      },
    );
    other.then(
      (list) => {
        if (!over && !firstKnown && list.length > 0)
          hold = setTimeout(() => {
            hold = undefined;
            if (delay === undefined) next();
          }, options.resolutionDelay ?? RESOLUTION_DELAY);
        settled(list);
      },
      (error: unknown) => {
        resolutionError ??= error;
        settled([]);
      },
    );
  });
}

function isList<Address>(
  addresses: readonly Address[] | { readonly ipv4: unknown; readonly ipv6: unknown },
): addresses is readonly Address[] {
  return Array.isArray(addresses);
}
