import { ProviderError } from 'netlink-links';
import { type HopOptions, NamespaceRestoreError, type NetnsHandle, PoisonedThreadError } from 'netns-core';
import { type Action, checkActions, type Results } from './action.js';
import { ActionContext } from './action-context.js';
import { ActionError } from './do-error.js';
import { checkNsProvider, describeProvider, type NsProvider, openProvided } from './ns-provider.js';

/** How a `NsDo` or `LinkDo` went. */
export interface DoResult<R> {
  /** What went wrong: a {@link ProviderError}, or an {@link ActionError} that says which action; `undefined` if nothing did. */
  err: Error | undefined;
  /** Whether every thread is back where it was. `false` means that this thread can do no further work in namespaces. */
  ok: boolean;
  /** What each action answered with. Complete if there is no `err`; otherwise what the actions before the failing one gave. */
  results: R;
}

/**
 * Does a list of actions, one after the other, in a namespace. Never throws. The first failing action stops the rest.
 * Calls run side by side, each in its own namespace.
 */
export function NsDo<A extends readonly Action[]>(provider: NsProvider, ...actions: A): Promise<DoResult<Results<A>>> {
  return attempt(provider, actions, { onRestoreFailure: 'throw' });
}

/** {@link NsDo} that stops the process if a thread could not return to its namespace. */
export function MustNsDo<A extends readonly Action[]>(
  provider: NsProvider,
  ...actions: A
): Promise<DoResult<Results<A>>> {
  return attempt(provider, actions, { onRestoreFailure: 'abort' });
}

/**
 * Does a list of actions, one after the other, in a namespace, and gives what each answered with. Link actions with a
 * link provider of their own go in between.
 *
 * @throws ProviderError; ActionError for the first action that fails, the rest is not begun
 */
export async function Do<A extends readonly Action[]>(provider: NsProvider, ...actions: A): Promise<Results<A>> {
  return unwrap(await attempt(provider, actions, { onRestoreFailure: 'throw' }));
}

/** {@link Do} that stops the process if a thread could not return to its namespace. */
export async function MustDo<A extends readonly Action[]>(provider: NsProvider, ...actions: A): Promise<Results<A>> {
  return unwrap(await attempt(provider, actions, { onRestoreFailure: 'abort' }));
}

/** {@link Do} in a namespace that is open already. The handle stays the caller's. */
export async function DoFd<A extends readonly Action[]>(handle: NetnsHandle, ...actions: A): Promise<Results<A>> {
  const provider: NsProvider = {
    name: 'DoFd',
    provide: () => {
      throw new Error('a handle has no path');
    },
    open: () => handle.dup(),
  };
  return unwrap(await attempt(provider, actions, { onRestoreFailure: 'throw' }));
}

function unwrap<R>({ err, results }: DoResult<R>): R {
  if (err !== undefined) throw err;
  return results;
}

/** What comes before the first action. */
interface Preparation {
  /** Refuses arguments before the namespace is opened, or made. */
  readonly check?: () => void;
  /** Called in the namespace. */
  readonly prepare?: (context: ActionContext) => Promise<void>;
}

/** @internal Does the actions; never throws. */
export async function attempt<A extends readonly Action[]>(
  provider: NsProvider,
  actions: A,
  hop: HopOptions,
  { check, prepare }: Preparation = {},
): Promise<DoResult<Results<A>>> {
  const results: unknown[] = [];
  let err: Error | undefined;
  let context: ActionContext | undefined;
  try {
    checkNsProvider(provider, 'Do');
    check?.();
    checkActions(actions);
    context = new ActionContext(await open(provider), hop);
    await prepare?.(context);
    for (const [index, action] of actions.entries()) {
      const where = describeProvider(provider, context.namespace);
      try {
        results.push(await action.do(context));
      } catch (cause) {
        throw new ActionError(index + 1, action.name, where, cause);
      }
    }
  } catch (error) {
    err = error instanceof Error ? error : new Error(String(error), { cause: error });
  } finally {
    context?.close();
  }
  // The tuple's length is the actions'; what was not reached is undefined.
  while (results.length < actions.length) results.push(undefined);
  return { err, ok: !isRestoreFailure(err), results: results as Results<A> };
}

async function open(provider: NsProvider): Promise<NetnsHandle> {
  try {
    return await openProvided(provider);
  } catch (cause) {
    throw new ProviderError('namespace', provider.name, cause);
  }
}

function isRestoreFailure(error: unknown): boolean {
  for (let link = error; link instanceof Error; link = link.cause)
    if (link instanceof NamespaceRestoreError || link instanceof PoisonedThreadError) return true;
  return false;
}
