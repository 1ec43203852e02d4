import { addNamedAsync, addUnnamedAsync, resolveNamespace } from 'netns-core';
import { escaped } from 'netns-core/checks';
import type { ActionContext } from './action-context.js';
import { Namespace, threadNamespacePath } from './namespace.js';
import { type NsProvider, openHandle, type ProvidedNamespace, toNamespace } from './ns-provider.js';

/**
 * The namespace of the caller at the moment it is provided: of the thread, or inside a `Do` the one that its actions
 * are in by then.
 */
export function NPNow(): NsProvider {
  return {
    name: 'now',
    describe: "the caller's namespace",
    provide: (context) => {
      if (context === undefined) return new Namespace(threadNamespacePath());
      const handle = context.namespace.dup();
      return new Namespace(`/proc/${process.pid}/fd/${handle.fd}`, handle);
    },
    open: (context) => (context === undefined ? resolveNamespace('') : context.namespace.dup()),
  };
}

/** The namespace of a process. It is opened when it is looked up, so a pid that is reused later fools nobody. */
export function NPProcess(pid: number): NsProvider {
  return {
    name: 'process',
    describe: `the namespace of process ${pid}`,
    provide: () => new Namespace(`/proc/${pid}/ns/net`),
    open: () => resolveNamespace({ pid }),
  };
}

/** The namespace of a thread of a process. */
export function NPThread(pid: number, tid: number): NsProvider {
  return {
    name: 'thread',
    describe: `the namespace of thread ${tid} of process ${pid}`,
    provide: () => new Namespace(`/proc/${pid}/task/${tid}/ns/net`),
    open: () => resolveNamespace({ pid, tid }),
  };
}

/** A namespace by its name, as `ip netns` knows it. */
export function NPName(name: string): NsProvider {
  return {
    name: 'name',
    describe: `namespace "${escaped(name)}"`,
    provide: () => Namespace.named(name),
    open: () => resolveNamespace({ name }),
  };
}

/** A namespace by its name in a directory of one's own. */
export function NPNameAt(dir: string, name: string): NsProvider {
  return {
    name: 'name-at',
    describe: `namespace "${escaped(name)}" in ${escaped(dir)}`,
    provide: () => Namespace.named(name, dir),
    open: () => resolveNamespace({ name, dir }),
  };
}

/** A namespace by the path of its file. */
export function NPPath(path: string): NsProvider {
  return {
    name: 'path',
    describe: `the namespace at ${escaped(path)}`,
    provide: () => new Namespace(path),
    open: () => resolveNamespace({ path }),
  };
}

/**
 * A new namespace without a name. It lives as long as something holds it: the `Do`, a handle from `NAGetNsFd`, a
 * process inside. The caller stays where it is (NESlink moves it).
 */
export function NPNew(): NsProvider {
  return {
    name: 'new',
    describe: 'a new namespace',
    provide: async () => {
      const handle = await addUnnamedAsync();
      return new Namespace(`/proc/${process.pid}/fd/${handle.fd}`, handle);
    },
    open: () => addUnnamedAsync(),
  };
}

/** A new namespace with a name, as `ip netns add` makes it. The caller stays where it is (NESlink moves it). */
export function NPNewNamed(name: string): NsProvider {
  return {
    name: 'new-named',
    describe: `the new namespace "${escaped(name)}"`,
    provide: async () => {
      (await addNamedAsync(name)).close();
      return Namespace.named(name);
    },
    open: () => addNamedAsync(name),
  };
}

/**
 * A provider of one's own. The function answers with a {@link Namespace} or any reference that netns-core knows; a
 * handle stays the function's.
 *
 * @param name what errors call it
 */
export function NPGeneric(
  name: string,
  fn: (context?: ActionContext) => ProvidedNamespace | Promise<ProvidedNamespace>,
): NsProvider {
  return {
    name: name === '' ? 'unnamed-ns-provider' : name,
    provide: async (context) => toNamespace(await fn(context)),
    open: async (context) => openHandle(await fn(context)),
  };
}
