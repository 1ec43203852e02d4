import cluster from 'node:cluster';
import type { AddressInfo } from 'node:net';

/** Whether this process is the worker of a cluster. */
export function isClusterWorker(): boolean {
  return cluster.worker !== undefined;
}

/** Who hears of the disconnection. One event listener for all, however many servers a worker has. */
const listeners = new Set<() => void>();

function callAll(): void {
  for (const listener of [...listeners]) listener();
}

/**
 * Calls a function when this process is the worker of a cluster and is disconnected, by `worker.disconnect()` on either
 * side: Node closes the worker's servers then, of which it knows only those whose sockets the primary made.
 *
 * @returns a function that withdraws the call
 */
export function onWorkerDisconnect(listener: () => void): () => void {
  const { worker } = cluster;
  if (worker === undefined) return () => undefined;
  if (listeners.size === 0) worker.on('disconnect', callAll);
  const entry = (): void => listener();
  listeners.add(entry);
  return () => {
    if (listeners.delete(entry) && listeners.size === 0) worker.off('disconnect', callAll);
  };
}

/**
 * Tells the primary of a cluster that this worker listens, as Node does for its own servers: `cluster.on('listening')`.
 * Elsewhere it does nothing. The message is Node's own: undocumented, and the same in Node 20 to 26.
 *
 * @param host the address that was asked for; without it, the primary is told null
 */
export function announceListening(
  { family, port }: AddressInfo,
  protocol: 'tcp' | 'udp',
  host: string | undefined,
): void {
  if (!cluster.worker?.isConnected()) return;
  const version = family === 'IPv6' ? 6 : 4;
  const addressType = protocol === 'udp' ? `udp${version}` : version;
  const message = { cmd: 'NODE_CLUSTER', act: 'listening', address: host ?? null, port, addressType };
  // A primary that is gone by now need not be told.
  process.send?.(message, undefined, undefined, () => undefined);
}
