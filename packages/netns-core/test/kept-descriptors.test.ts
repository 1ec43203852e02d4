import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { resolveNamespace, UnsupportedPlatformError } from 'netns-core';
import { checkRuntime } from 'netns-core/checks';
import { describe, expect, it } from 'vitest';

const here = readlinkSync('/proc/thread-self/ns/net');

/** The descriptors of this process that lead to the namespace that it is in. */
function ownNamespaceFds(): number[] {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === here;
      } catch {
        return false;
      }
    });
}

describe('the descriptor that is kept of the start namespace', () => {
  it('is not used when other code has closed it and its number is another file', () => {
    const [kept] = ownNamespaceFds();
    if (kept === undefined) throw new Error('nothing is kept');
    closeSync(kept);
    // The lowest number that is free is given away next.
    const other = openSync('/proc/self/ns/mnt', 'r');
    try {
      expect(other).toBe(kept);
      using start = resolveNamespace('default');
      expect(`net:[${start.ino}]`).toBe(here);
      // It was not closed: it is not ours.
      expect(readlinkSync(`/proc/self/fd/${other}`)).toMatch(/^mnt:/);
    } finally {
      closeSync(other);
    }
    using again = resolveNamespace('default');
    expect(`net:[${again.ino}]`).toBe(here);
  });
});

describe('a runtime that is not Node.js', () => {
  it('is refused by name', () => {
    expect(() => checkRuntime({ node: '24.0.0', bun: '1.3.0' })).toThrow(UnsupportedPlatformError);
    expect(() => checkRuntime({ node: '24.0.0', bun: '1.3.0' })).toThrow('Bun 1.3.0 cannot take over sockets');
    expect(() => checkRuntime({ deno: '2.1.0' })).toThrow('Deno 2.1.0');
    checkRuntime({ node: '20.0.0', v8: '11' });
  });
});
