// Memory of a process.
import { readFileSync } from 'node:fs';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
/** @type {() => void} */
const gc = runInNewContext('gc');

/** Collects what nothing uses any more. */
export function collectGarbage() {
  for (let times = 0; times < 3; times += 1) gc();
}

/** Bytes of JavaScript that are in use, buffers included; for what is too small to be seen in the memory of the process. */
export function heapMemory() {
  collectGarbage();
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

/** MB that the process holds by itself, code pages of the runtime left out. */
export function privateMemory() {
  const line = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(line?.[1] ?? Number.NaN) / 1024;
}
