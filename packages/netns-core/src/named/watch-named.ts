import { checkKnownOptions } from '../checks/known-options.js';
import { onAbort } from '../checks/on-abort.js';
import { checkBoolean, checkOptionsObject, checkSignal } from '../checks/option-checks.js';
import type { NetnsError, NotANamespaceError } from '../errors.js';
import { NETNS_RUN_DIR, resolveNamespace } from '../namespace/reference.js';
import { type NamedEvent, type NamedSubscription, subscribeNamed } from './directory-watch.js';
import { checkDirectory } from './name-file.js';

/** Options of {@link watchNamed}. */
export interface WatchNamedOptions {
  /** `/run/netns` if nothing is said. It need not exist yet. */
  dir?: string | undefined;
  /** Ends the iteration, without an error. */
  signal?: AbortSignal | undefined;
  /** Begins with 'added' for every namespace that is there already. */
  listExisting?: boolean | undefined;
  /** Gives a handle with each 'added'. */
  handles?: boolean | undefined;
}

/** Nobody who only waits for namespaces would learn otherwise why none appears. */
function warnOfUnmounted(error: NotANamespaceError): void {
  process.emitWarning(`watchNamed does not see a namespace: ${error.message}`, { code: 'NETNS_CORE_UNMOUNTED_NAME' });
}

/**
 * Tells of named namespaces that come and go. Watching begins with the call, not with the first step of the
 * iteration; it ends by `signal`, or when the loop is left.
 *
 * @throws InvalidOptionError, NetnsError (`ENOSPC`, `EMFILE`: the limits of inotify), also out of the iteration
 */
export function watchNamed(options: WatchNamedOptions = {}): AsyncIterableIterator<NamedEvent> & AsyncDisposable {
  checkOptionsObject(options, 'watchNamed');
  checkKnownOptions(options, {
    callee: 'watchNamed',
    names: ['dir', 'signal', 'listExisting', 'handles'],
    synonyms: { directory: 'dir', path: 'dir', folder: 'dir' },
  });
  const { dir = NETNS_RUN_DIR, signal, listExisting, handles = false } = options;
  checkDirectory(dir);
  checkSignal('signal', signal);
  checkBoolean('listExisting', listExisting);
  checkBoolean('handles', handles);
  const queue: NamedEvent[] = [];
  const waiting: { resolve(result: IteratorResult<NamedEvent>): void; reject(error: unknown): void }[] = [];
  let ended = false;
  let failure: NetnsError | undefined;

  const withHandle = (event: NamedEvent): NamedEvent | undefined => {
    if (!handles || event.type !== 'added') return event;
    try {
      return { ...event, handle: resolveNamespace({ name: event.name, dir }) };
    } catch {
      // Gone again: its removal follows, and a reader that never heard of it can do without both.
      return undefined;
    }
  };
  const push = (event: NamedEvent): void => {
    const reader = waiting[0];
    if (reader === undefined) {
      queue.push(event);
      return;
    }
    const value = withHandle(event);
    if (value === undefined) return;
    waiting.shift();
    reader.resolve({ value, done: false });
  };
  const end = (error?: NetnsError): void => {
    if (ended) return;
    ended = true;
    failure = error;
    withdraw?.();
    subscription?.close();
    for (const { resolve, reject } of waiting.splice(0)) {
      if (error) reject(error);
      else resolve({ value: undefined, done: true });
    }
  };
  const abort = (): void => {
    queue.length = 0;
    end();
  };

  let subscription: NamedSubscription | undefined;
  let withdraw: (() => void) | undefined;
  if (signal?.aborted) ended = true;
  else {
    subscription = subscribeNamed(push, end, { dir, listExisting, unmounted: warnOfUnmounted });
    if (signal !== undefined) withdraw = onAbort(signal, abort);
  }

  const iterator = {
    async next(): Promise<IteratorResult<NamedEvent>> {
      for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
        const value = withHandle(event);
        if (value !== undefined) return { value, done: false };
      }
      if (failure !== undefined) {
        const error = failure;
        failure = undefined;
        throw error;
      }
      if (ended) return { value: undefined, done: true };
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    async return(): Promise<IteratorResult<NamedEvent>> {
      abort();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return iterator;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      abort();
    },
  };
  return iterator as AsyncIterableIterator<NamedEvent> & AsyncDisposable;
}
