import { NetnsError, namespaceCookie } from 'netns-core';
import { Errno, replaceSyscalls, type Syscalls } from 'netns-core/sys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leakedFds, makeNamespaces, openFds, retryUntil, uniqueName } from '#testkit';
import { HostResolver, NameResolutionError, targetContext } from '../../src/resolve/index.js';
import { resolveTarget } from '../../src/target/target.js';
import { type RunningServer, startMisbehavingServer, writeNetnsFiles } from './name-servers.js';

const RED = uniqueName('red');
let namespaces: { remove(): void };
let server: RunningServer;

beforeAll(async () => {
  namespaces = makeNamespaces(RED);
  writeNetnsFiles(RED, { 'resolv.conf': 'nameserver 127.0.0.1\noptions timeout:1 attempts:2\n' });
  server = await startMisbehavingServer(RED, { addresses: ['127.0.0.1'] });
  // The first hop of a process opens what it keeps.
  namespaceCookie(RED);
});

afterAll(async () => {
  await server?.stop();
  writeNetnsFiles(RED, { 'resolv.conf': undefined });
  namespaces?.remove();
});

/** Calls of one system call that fail, the first and those after it: the second query, another server, TCP. */
const FAILING = [1, 2, 3, 4];

describe('a resolution during which a system call fails', () => {
  it.each(['open', 'socket', 'connect', 'send', 'setsockopt'] as const)(
    'gives its answer or an error that says so, and leaves nothing open: %s',
    async (call) => {
      const before = openFds();
      for (const label of ['plain', 'truncate']) {
        for (const failing of FAILING) {
          let calls = 0;
          const restore = replaceSyscalls((real) => {
            const replaced = (...args: unknown[]): number => {
              calls += 1;
              if (calls === failing) return -Errno.EMFILE;
              return (real[call] as (...all: unknown[]) => number)(...args);
            };
            return { [call]: replaced } as Partial<Syscalls>;
          });
          const context = targetContext(
            resolveTarget({ namespace: RED, tos: 8, dns: { search: [], hosts: false, cache: false } }),
          );
          let outcome: unknown;
          try {
            outcome = await new HostResolver(context).resolve(`${label}.example`).catch((error: unknown) => error);
          } finally {
            restore();
          }
          if (outcome instanceof Error) {
            expect(outcome instanceof NameResolutionError || outcome instanceof NetnsError).toBe(true);
            expect(outcome.message).toContain('EMFILE');
          } else expect((outcome as unknown[]).length).toBeGreaterThan(0);
        }
      }
      await retryUntil(() => leakedFds(before).length === 0);
    },
  );
});
