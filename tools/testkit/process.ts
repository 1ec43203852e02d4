import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** How much longer than usual things may take: on an emulated machine. */
export const TIME_FACTOR = Number(process.env.NETNS_TEST_TIME_FACTOR) || 1;

/** The open file descriptors of this process and what they are, as `/proc/self/fd` shows them. */
export function openFds(): Map<number, string> {
  const fds = new Map<number, string>();
  for (const name of readdirSync('/proc/self/fd')) {
    try {
      fds.set(Number(name), readlinkSync(`/proc/self/fd/${name}`));
    } catch {
      // The descriptor with which the directory was read.
    }
  }
  return fds;
}

/** What is open now and was not (or was something else) before. */
export function leakedFds(before: ReadonlyMap<number, string>): string[] {
  const leaked: string[] = [];
  for (const [fd, target] of openFds()) if (before.get(fd) !== target) leaked.push(`${fd} -> ${target}`);
  return leaked;
}

/** The network namespace of every thread of this process, by thread id: `'net:[4026531840]'`. */
export function namespaceOfThreads(): Map<number, string> {
  const threads = new Map<number, string>();
  for (const tid of readdirSync('/proc/self/task')) {
    try {
      threads.set(Number(tid), readlinkSync(`/proc/self/task/${tid}/ns/net`));
    } catch {
      // It ended in the meantime.
    }
  }
  return threads;
}

/**
 * Calls `probe` until it gives something other than `undefined` or `false`; throws after `timeout` ms, on an emulated
 * machine a few times that. Not for `expect` in the probe: it throws at once, and nothing is tried again (`void` is no
 * result, as the types say).
 */
export async function retryUntil<T extends object | string | number | bigint | true>(
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  timeout = 5000,
  interval = 5,
): Promise<T> {
  const end = performance.now() + timeout * TIME_FACTOR;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end)
      throw new Error(`not so after ${timeout * TIME_FACTOR} ms: ${probe.toString().slice(0, 200)}`);
    await delay(interval);
  }
}

/**
 * Waits until all file descriptors that were not open before are closed again. For what may make namespaces on their
 * thread, which ends a second after its last work and has a few descriptors of its own until then.
 */
export async function untilNothingLeaks(before: ReadonlyMap<number, string>): Promise<void> {
  const end = performance.now() + 5000 * TIME_FACTOR;
  for (let leaked = leakedFds(before); leaked.length > 0; leaked = leakedFds(before)) {
    if (performance.now() > end) throw new Error(`file descriptors leaked: ${leaked.join(', ')}`);
    await delay(5);
  }
}
