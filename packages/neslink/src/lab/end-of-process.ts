import { isMainThread } from 'node:worker_threads';

const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

// The process ends once, for all labs: what is to be done then is a matter of the module.
const cleanups = new Set<() => void>();

/**
 * Calls a synchronous function when the process exits, or is ended by Ctrl-C, SIGTERM or SIGHUP.
 *
 * Where the program listens for a signal itself, also from later on, the signal is the program's alone.
 *
 * @returns a function that withdraws it
 */
export function atEndOfProcess(cleanup: () => void): () => void {
  if (cleanups.size === 0) listen();
  cleanups.add(cleanup);
  return () => {
    if (cleanups.delete(cleanup) && cleanups.size === 0) stopListening();
  };
}

function listen(): void {
  process.on('exit', cleanUp);
  if (!isMainThread) return;
  for (const signal of SIGNALS) if (process.listenerCount(signal) === 0) process.on(signal, endBySignal);
  process.on('newListener', stepBack);
}

function stopListening(): void {
  process.off('exit', cleanUp);
  process.off('newListener', stepBack);
  for (const signal of SIGNALS) process.off(signal, endBySignal);
}

function stepBack(event: string | symbol, listener: unknown): void {
  const signal = SIGNALS.find((each) => each === event);
  if (signal === undefined || listener === endBySignal) return;
  // Once the other one is there: without a listener, Node would let go of the signal.
  process.nextTick(() => process.off(signal, endBySignal));
}

/** Ends as without a listener, which the exit status tells. */
function endBySignal(signal: NodeJS.Signals): void {
  cleanUp();
  stopListening();
  process.kill(process.pid, signal);
}

function cleanUp(): void {
  for (const cleanup of cleanups) {
    try {
      cleanup();
    } catch {
      // The others have their turn. The next lab removes what is left.
    }
  }
  cleanups.clear();
}
