const listeners = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls a function once when a signal is aborted. All calls for one signal share one event listener, so that a signal
 * used by many operations at once causes no MaxListenersExceededWarning. The signal must not be aborted already.
 *
 * An error of one function keeps no other from being called; it surfaces as an uncaught exception.
 *
 * @returns a function that withdraws this call
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  const shared = listeners.get(signal) ?? share(signal);
  // Each call is an entry of its own, also for a function that is passed twice.
  const entry = (): void => listener();
  shared.add(entry);
  return () => {
    if (!shared.delete(entry) || shared.size > 0 || listeners.get(signal) !== shared) return;
    listeners.delete(signal);
    signal.removeEventListener('abort', callAll);
  };
}

function share(signal: AbortSignal): Set<() => void> {
  const shared = new Set<() => void>();
  listeners.set(signal, shared);
  signal.addEventListener('abort', callAll, { once: true });
  return shared;
}

function callAll(this: AbortSignal): void {
  const shared = listeners.get(this);
  listeners.delete(this);
  for (const entry of [...(shared ?? [])]) {
    // One that an earlier one has withdrawn is not called.
    if (!shared?.delete(entry)) continue;
    try {
      entry();
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
    }
  }
}
