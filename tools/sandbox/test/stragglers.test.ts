import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { retryUntil } from '#testkit';
import { endStragglers, HeldMountNamespace } from '../stragglers.mjs';

const HOME = readlinkSync('/proc/self/ns/mnt');

/** A process that sleeps in a mount namespace of its own. */
async function sleeper(): Promise<ChildProcess & { pid: number }> {
  const child = spawn('unshare', ['--mount', 'sleep', '300']);
  const { pid } = child;
  if (pid === undefined) throw new Error('unshare cannot be started');
  await retryUntil(() => readlinkSync(`/proc/${pid}/ns/mnt`) !== HOME);
  return Object.assign(child, { pid });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

describe('stragglers of a sandbox', () => {
  it('are not taken for those of another one, whose mount namespace came after', async () => {
    const first = await sleeper();
    const held = new HeldMountNamespace(first.pid);
    await end(first);
    // The kernel gives the lowest number that is free: without the descriptor, it would be that of the first.
    const others = await Promise.all(Array.from({ length: 5 }, sleeper));
    try {
      await endStragglers('no such sandbox', held);
      expect(others.map(({ pid }) => readlinkSync(`/proc/${pid}/ns/mnt`))).not.toContain(held.name);
      expect(others.map(({ exitCode, signalCode }) => exitCode ?? signalCode)).toEqual(others.map(() => null));
    } finally {
      held.close();
      await Promise.all(others.map(end));
    }
  });

  it('are ended, found by their mount namespace alone', async () => {
    const left = await sleeper();
    const exit = once(left, 'exit');
    const held = new HeldMountNamespace(left.pid);
    await endStragglers('no such sandbox', held);
    held.close();
    expect(await exit).toEqual([null, 'SIGTERM']);
  });
});
