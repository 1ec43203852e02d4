import fc from 'fast-check';
import {
  addNamed,
  addNamedAsync,
  attachNamed,
  currentNamespace,
  deleteNamed,
  deleteNamedAsync,
  get,
  getFromDocker,
  getFromName,
  getFromPath,
  getFromPid,
  getFromThread,
  identify,
  listNamed,
  listNamespaces,
  listNamespacesAsync,
  NamespaceWorker,
  NetnsError,
  type NetnsHandle,
  newNamed,
  parseAddress,
  resolveNamespace,
  setns,
  spawnInNamespace,
  subscribeNamed,
  vrfToNetns,
  watchNamed,
} from 'netns-core';
import { checkName, checkReference, describeNamespace, namespaceName } from 'netns-core/checks';
import { referenceIdentity } from 'netns-core/identity';
import { describe, expect, it } from 'vitest';
import { leakedFds, openFds } from '#testkit';

const anything = fc.anything({ withBigInt: true, withNullPrototype: true, withDate: true, withMap: true });
/** What is neither a name that could be made by accident nor left out. */
const odd = anything.filter((value) => typeof value !== 'string' && value !== undefined);
/** Objects that look like references. */
const reference = fc.oneof(
  odd,
  fc.dictionary(fc.constantFrom('name', 'dir', 'vrf', 'pid', 'tid', 'path', 'fd', 'netns', 'nmae'), anything, {
    noNullPrototype: false,
  }),
);
const take = <A, R>(fn: (argument: A) => R): ((argument: unknown) => R) => fn as (argument: unknown) => R;

/** Closes what came of it; anything but an error of ours is a defect. */
function settle(call: () => unknown): void {
  try {
    const result = call();
    if (typeof result === 'object' && result !== null && 'close' in result) (result as NetnsHandle).close();
  } catch (error) {
    expect(error, String((error as Error).stack)).toBeInstanceOf(NetnsError);
    expect((error as Error).message).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
  }
}

describe('any value where a reference is expected', () => {
  it('is taken, or refused with an error of ours on one line, and leaves no descriptor', () => {
    get().close();
    const before = openFds();
    fc.assert(
      fc.property(reference, (value) => {
        for (const call of [
          resolveNamespace,
          checkReference,
          describeNamespace,
          namespaceName,
          identify,
          referenceIdentity,
        ])
          settle(() => take(call)(value));
        settle(() => attachNamed('/', value as string));
      }),
      { numRuns: 300 },
    );
    expect(leakedFds(before)).toEqual([]);
  });

  it('is refused with ERR_INVALID_ARGUMENT if it means nothing or more than one thing', () => {
    for (const value of [
      undefined,
      null,
      Number.NaN,
      [],
      {},
      { vrf: undefined },
      { name: null },
      { fd: Number.NaN },
      { vrf: 'red', pid: 1 },
      { path: '/x', fd: 3 },
      { name: 'red', tid: 1 },
      { pid: 1, dir: '/x' },
      { netns: 'red' },
      { name: 'red', color: 1 },
    ])
      expect(() => take(resolveNamespace)(value), JSON.stringify(value)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }),
      );
    expect(() => take(resolveNamespace)({ namee: 'red' })).toThrow(/did you mean name\?/);
    expect(() => take(resolveNamespace)({ netns: 'red' })).toThrow(/did you mean name\?/);
  });
});

describe('any value where another argument is expected', () => {
  it('is refused with ERR_INVALID_ARGUMENT, never with a TypeError from inside', () => {
    for (const call of [
      getFromName,
      getFromPath,
      getFromPid,
      getFromDocker,
      (value: unknown) => getFromThread(1, value as number),
      (value: unknown) => getFromDocker('abc', value as object),
      (value: unknown) => setns(value as NetnsHandle, 0),
      (value: unknown) => get().equals(value as NetnsHandle),
      checkName,
      addNamed,
      newNamed,
      deleteNamed,
      parseAddress,
      vrfToNetns,
      (value: unknown) => deleteNamed('nothing-here', value as object),
      (value: unknown) => addNamed('..', value as object),
      (value: unknown) => attachNamed('nothing-here', '', { dir: '/no/such/dir', ...(value as object) }),
      (value: unknown) => listNamed(value as object),
      (value: unknown) => listNamespaces({ holders: value as boolean }),
      (value: unknown) => watchNamed(value as object).return?.(),
      (value: unknown) => watchNamed({ signal: value as AbortSignal }).return?.(),
      (value: unknown) => subscribeNamed(value as () => void, () => undefined),
      (value: unknown) => subscribeNamed(() => undefined, value as () => void, { dir: '/run' }),
      (value: unknown) => spawnInNamespace('no-such', value as string),
      (value: unknown) => spawnInNamespace('no-such', 'true', value as string[]),
      (value: unknown) => spawnInNamespace('no-such', 'true', [], value as object),
      (value: unknown) => new NamespaceWorker('no-such', '', { execArgv: value as string[] }),
    ])
      fc.assert(
        fc.property(odd, (value) => settle(() => take(call as (argument: unknown) => unknown)(value))),
        { numRuns: 40 },
      );
  });

  it('is a rejection for what returns a promise', async () => {
    for (const call of [addNamedAsync, deleteNamedAsync, listNamespacesAsync] as ((
      value: unknown,
    ) => Promise<unknown>)[])
      await expect(call(5)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
    for (const call of [addNamedAsync, deleteNamedAsync])
      await expect(call('nothing-here', { directory: '/x' } as object)).rejects.toThrow(/did you mean dir\?/);
  });

  it('of an option with an unknown name is refused with the name that was meant', () => {
    for (const call of [addNamed, deleteNamed])
      expect(() => call('nothing-here', { directory: '/x' } as object)).toThrow(/did you mean dir\?/);
    expect(() => listNamed({ dri: '/x' } as object)).toThrow(/listNamed has no option 'dri'/);
    expect(() => getFromDocker('abc', { procroot: '/x' } as object)).toThrow(/did you mean procRoot\?/);
    expect(() => watchNamed({ listExisitng: true } as object)).toThrow(/did you mean listExisting\?/);
    expect(() => watchNamed({ signal: {} as AbortSignal })).toThrow(
      'signal must be an AbortSignal, got an object with no keys',
    );
  });
});

describe('documented names', () => {
  it('of Go functions are the same functions', () => {
    expect(currentNamespace).toBe(get);
  });
});
