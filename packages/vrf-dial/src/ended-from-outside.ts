import { onAbort } from 'netns-core/checks';
import { onWorkerDisconnect } from './cluster-worker.js';

/**
 * Calls a function when a listener must end for a reason outside it: its signal, or the disconnection of the worker of
 * a cluster that it is in. The signal must not be aborted already.
 *
 * @returns a function that withdraws the call
 */
export function whenEnded(signal: AbortSignal | undefined, end: () => void): () => void {
  const withdrawals = [onWorkerDisconnect(end)];
  if (signal !== undefined) withdrawals.push(onAbort(signal, end));
  return () => {
    for (const withdraw of withdrawals.splice(0)) withdraw();
  };
}
