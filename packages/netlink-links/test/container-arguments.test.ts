import { CniError, type Result } from 'cni-types';
import fc from 'fast-check';
import { NetnsError } from 'netns-core';
import { describe, expect, it } from 'vitest';
import * as container from '../src/container/index.js';
import { linkFixture } from '../src/testing/index.js';

// The link is nowhere: where arguments are right, the kernel refuses.
const link = linkFixture({ name: 'nowhere', index: 99_999 });
const result: Result = {
  cniVersion: '1.0.0',
  interfaces: [{ name: 'nowhere', mac: link.hardwareAddr, sandbox: '/proc/self/ns/net' }],
  ips: [{ interface: 0, address: '192.0.2.1/24' }],
  routes: [{ dst: '198.51.100.0/24' }],
};
const saved = { result, nsPath: '', interfaces: [{ type: 'tap', name: 'nowhere', hardwareAddr: 'x', mtu: 1500 }] };

const VALID: Readonly<Record<string, readonly unknown[]>> = {
  setupBridge: ['br7', [link]],
  teardownBridge: [link, [link]],
  configureLink: [link, result],
  createTap: ['tap7', 1500],
  findVeth: [[link]],
  extractLinkInfo: [link, ''],
  recoverContainerSideNetwork: [saved, ''],
  setupContainerSideNetwork: [result, ''],
  stripLink: [link],
  validateAndFixResult: [result, '', [link]],
  createEscapeVethPair: [{ name: 'no-such-namespace' }, 'eth7', 1500],
  setupVeth: ['eth7', 1500, { name: 'no-such-namespace' }],
  openTap: ['not a name'],
};

const absurd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    -1,
    1.5,
    '',
    '\0',
    'a/b',
    true,
    Symbol('s'),
    [],
    [null],
    [{}],
    {},
    { index: {} },
    () => {},
  ),
  fc.anything({ maxDepth: 2, maxKeys: 3, withBigInt: true, withNullPrototype: true, withSparseArray: true }),
);

/** One argument, or a property of it, is another value. */
function withAbsurd(args: readonly unknown[], position: number, key: string | undefined, value: unknown): unknown[] {
  const copy = [...args];
  const argument = copy[position];
  copy[position] =
    key === undefined || typeof argument !== 'object' || argument === null || Array.isArray(argument)
      ? value
      : { ...argument, [key]: value };
  return copy;
}

describe('functions for container-side networks', () => {
  it.each(Object.entries(VALID))('%s refuses absurd arguments with an error of ours', (name, args) => {
    const call = (container as unknown as Readonly<Record<string, (...args: unknown[]) => unknown>>)[name];
    const place = fc.nat(args.length - 1).chain((position) => {
      const argument = args[position];
      const keys = typeof argument === 'object' && argument !== null ? Object.keys(argument) : [];
      return fc.record({ position: fc.constant(position), key: fc.constantFrom(undefined, ...keys, 'unknownKey') });
    });
    fc.assert(
      fc.property(place, absurd, ({ position, key }, value) => {
        try {
          call?.(...withAbsurd(args, position, key, value));
        } catch (error) {
          if (!(error instanceof NetnsError || error instanceof CniError)) throw error;
        }
      }),
      { numRuns: 60 },
    );
  });

  it('refuse keys of a saved network that they do not know', () => {
    expect(() => container.recoverContainerSideNetwork({ ...saved, interface: [] } as never)).toThrow(
      "recoverContainerSideNetwork has no property 'interface': did you mean interfaces?",
    );
  });
});
