import { mkdirSync } from 'node:fs';
import { addNamedAsync, deleteNamed, type NetnsHandle } from 'netns-core';
import type { Action } from './action.js';
import type { ActionContext } from './action-context.js';
import { DefaultMountPath, Namespace } from './namespace.js';

/** Makes a named namespace; the actions that follow work in it. Fails if the name is taken. Gives its {@link Namespace}. */
export function NANewNs(name: string): Action<Namespace> {
  return { ...NANewNsAt(DefaultMountPath, name), name: 'NANewNs' };
}

/**
 * The same in a directory of one's own, which is made if need be. `ip netns` does not see what is there. Nothing is
 * left behind when it fails.
 */
export function NANewNsAt(dir: string, name: string): Action<Namespace> {
  return {
    name: 'NANewNsAt',
    do: async (context) => {
      const namespace = Namespace.named(name, dir);
      if (dir !== DefaultMountPath) mkdirSync(dir, { recursive: true, mode: 0o755 });
      context.enter(await addNamedAsync(name, { dir }));
      return namespace;
    },
  };
}

/** Removes the name of a namespace. Actions that follow still work in it, for the `Do` holds it open. */
export function NADeleteNamed(name: string): Action<void> {
  return { name: 'NADeleteNamed', do: () => deleteNamed(name) };
}

/** The same in a directory of one's own. */
export function NADeleteNamedAt(dir: string, name: string): Action<void> {
  return { name: 'NADeleteNamedAt', do: () => deleteNamed(name, { dir }) };
}

/** Gives a handle on the namespace that the actions are in. It is the caller's to close. */
export function NAGetNsFd(): Action<NetnsHandle> {
  return { name: 'NAGetNsFd', do: (context) => context.namespace.dup() };
}

/**
 * An action of one's own. Its function acts through the context (`context.netlink`, `context.run`, `context.spawn`):
 * the thread itself is not in the namespace, for the function may await what it likes.
 *
 * @param name what errors call it
 */
export function NAGeneric<T>(name: string, fn: (context: ActionContext) => T | Promise<T>): Action<T> {
  return { name: name === '' ? 'unnamed-action' : name, do: fn };
}
