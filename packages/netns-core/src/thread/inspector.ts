import { readFileSync } from 'node:fs';
import type Inspector from 'node:inspector';
import { constants } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import { requireFrom } from '../sys/index.js';

const SIGNAL = 'SIGUSR1';

/**
 * Node starts its inspector at SIGUSR1, in the midst of whatever the main thread does: within a hop its thread would be
 * born in the foreign namespace, and listen there for debuggers, for good. So the signal gets a listener, which Node
 * calls from the event loop, where no hop is under way, and which starts the inspector at home. A program that listens
 * for the signal itself is left alone, as is one that does not react to it (`--disable-sigusr1`).
 *
 * Seen on Node 20, 22, 24 and 26: without this, a signal that is sent within a hop leaves the inspector's thread, and the
 * socket that it listens on, in the foreign namespace.
 */
export function keepInspectorHome(): void {
  if (!isMainThread || process.listenerCount(SIGNAL) > 0 || !isHandled()) return;
  process.on(SIGNAL, openInspector);
}

/** Whether the process handles the signal; true where that cannot be found out. */
function isHandled(): boolean {
  try {
    const [, caught = ''] = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
    return caught === '' || ((BigInt(`0x${caught}`) >> BigInt(constants.signals[SIGNAL] - 1)) & 1n) === 1n;
  } catch {
    return !process.execArgv.includes('--disable-sigusr1');
  }
}

function openInspector(): void {
  // The program listens as well since then: the signal has another meaning.
  if (process.listenerCount(SIGNAL) > 1) return;
  try {
    // Some builds of Node have no inspector.
    const inspector = requireFrom(import.meta.url)('node:inspector') as typeof Inspector;
    if (inspector.url() === undefined) inspector.open();
  } catch (error) {
    process.emitWarning(`${SIGNAL} cannot start the inspector: ${(error as Error).message}`);
  }
}
