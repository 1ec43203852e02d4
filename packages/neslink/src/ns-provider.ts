import { describeMisplaced } from 'netlink-links';
import { InvalidOptionError, type NamespaceRef, NetnsHandle, resolveNamespace } from 'netns-core';
import { escaped, shown } from 'netns-core/checks';
import type { ActionContext } from './action-context.js';
import { Namespace } from './namespace.js';

/**
 * A way to a namespace. It is lazy (making one does nothing) and reusable (each use looks anew).
 */
export interface NsProvider {
  /** What errors call it. */
  readonly name: string;
  /** Tells it from a provider of links. */
  readonly provides?: 'namespace';
  /** What errors of actions call its namespace: `'namespace "red"'`. Without it, the provider's name stands there. */
  readonly describe?: string;
  /**
   * Finds the namespace.
   *
   * @param context that of the `Do` in whose actions it is used, if it is
   */
  provide(context?: ActionContext): Namespace | Promise<Namespace>;
  /**
   * Finds and opens the namespace in one step, so that nothing can take its place in between. Without it, what
   * `provide` gives is opened.
   *
   * @returns a handle that the caller owns
   */
  open?(context?: ActionContext): NetnsHandle | Promise<NetnsHandle>;
}

/**
 * Refuses what is not a provider of namespaces.
 *
 * @param callee the function that takes it: `'Do'`, `'NASetLinkNs'`
 * @throws InvalidOptionError
 */
export function checkNsProvider(value: unknown, callee: string): asserts value is NsProvider {
  if (isNsProvider(value)) return;
  const hint =
    typeof value === 'string'
      ? `: write NPName(${shown(value)})`
      : value instanceof NetnsHandle
        ? ': a handle is what DoFd takes, or NPGeneric(name, () => handle)'
        : '';
  throw new InvalidOptionError(
    'provider',
    `a namespace provider is expected ${callee === 'Do' ? 'first' : `by ${callee}`}, such as NPName('red'), got ${describeMisplaced(value)}${hint}`,
  );
}

function isNsProvider(value: unknown): value is NsProvider {
  if (typeof value !== 'object' || value === null) return false;
  const { provide, provides }: { provide?: unknown; provides?: unknown } = value;
  return typeof provide === 'function' && provides !== 'link';
}

/** How a provider's namespace is called in errors of actions. */
export function describeProvider(provider: NsProvider, handle: NetnsHandle): string {
  return provider.describe ?? `the namespace of provider "${escaped(provider.name)}" ${handle.uniqueId()}`;
}

/** Opens a provider's namespace. The handle belongs to the caller. */
export async function openProvided(provider: NsProvider, context?: ActionContext): Promise<NetnsHandle> {
  if (provider.open !== undefined) return provider.open(context);
  const namespace = await provider.provide(context);
  try {
    return namespace.open();
  } finally {
    namespace.close();
  }
}

/** What a generic provider's function may answer with. Handles among it stay the caller's. */
export type ProvidedNamespace = Namespace | NamespaceRef;

/** @internal */
export function toNamespace(provided: ProvidedNamespace): Namespace {
  if (provided instanceof Namespace) return provided;
  const handle = resolveNamespace(provided);
  return new Namespace(`/proc/${process.pid}/fd/${handle.fd}`, handle);
}

/** @internal */
export function openHandle(provided: ProvidedNamespace): NetnsHandle {
  return provided instanceof Namespace ? provided.open() : resolveNamespace(provided);
}
