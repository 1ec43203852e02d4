import { addNamedAsync, addUnnamedAsync, homeNamespace, resolveNamespace } from 'netns-core';
import { escaped } from 'netns-core/checks';
import type { ActionContext } from './action-context.js';
import { Namespace, threadNamespacePath } from './namespace.js';
import { type NsProvider, openHandle, type ProvidedNamespace, toNamespace } from './ns-provider.js';

/**
 * The namespace of the caller at the moment it is provided: of the thread where a `Do` begins with it, and among the
 * arguments of an action the one that the actions are in by then, not the one that the program is in. That is
 * {@link NPHome}: `NASetLinkNs(LPName('v0'), NPHome())` moves a link out of a namespace.
 */
export function NPNow(): NsProvider {
  return {
    name: 'NPNow',
    provides: 'namespace',
    describe: "the caller's namespace",
    provide: (context) => {
      if (context === undefined) return new Namespace(threadNamespacePath());
      const handle = context.namespace.dup();
      return new Namespace(`/proc/${process.pid}/fd/${handle.fd}`, handle);
    },
    open: (context) => (context === undefined ? resolveNamespace('') : context.namespace.dup()),
  };
}

/** The namespace that the process started in, wherever the caller is. */
export function NPHome(): NsProvider {
  return {
    name: 'NPHome',
    provides: 'namespace',
    describe: 'the namespace that the process started in',
    provide: () => {
      const handle = homeNamespace();
      return new Namespace(`/proc/${process.pid}/fd/${handle.fd}`, handle);
    },
    open: () => homeNamespace(),
  };
}

/** The namespace of a process. It is opened when it is looked up, so a pid that is reused later does no harm. */
export function NPProcess(pid: number): NsProvider {
  return {
    name: 'NPProcess',
    provides: 'namespace',
    describe: `the namespace of process ${pid}`,
    provide: () => new Namespace(`/proc/${pid}/ns/net`),
    open: () => resolveNamespace({ pid }),
  };
}

/** The namespace of a thread of a process. */
export function NPThread(pid: number, tid: number): NsProvider {
  return {
    name: 'NPThread',
    provides: 'namespace',
    describe: `the namespace of thread ${tid} of process ${pid}`,
    provide: () => new Namespace(`/proc/${pid}/task/${tid}/ns/net`),
    open: () => resolveNamespace({ pid, tid }),
  };
}

/** A namespace by its name, as `ip netns` knows it. */
export function NPName(name: string): NsProvider {
  return {
    name: 'NPName',
    provides: 'namespace',
    describe: `namespace "${escaped(name)}"`,
    provide: () => Namespace.named(name),
    open: () => resolveNamespace({ name }),
  };
}

/** A namespace by its name in a directory of one's own. */
export function NPNameAt(dir: string, name: string): NsProvider {
  return {
    name: 'NPNameAt',
    provides: 'namespace',
    describe: `namespace "${escaped(name)}" in ${escaped(dir)}`,
    provide: () => Namespace.named(name, dir),
    open: () => resolveNamespace({ name, dir }),
  };
}

/** A namespace by the path of its file. */
export function NPPath(path: string): NsProvider {
  return {
    name: 'NPPath',
    provides: 'namespace',
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
    name: 'NPNew',
    provides: 'namespace',
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
    name: 'NPNewNamed',
    provides: 'namespace',
    describe: `the new namespace "${escaped(name)}"`,
    provide: async () => {
      (await addNamedAsync(name)).close();
      return Namespace.named(name);
    },
    open: () => addNamedAsync(name),
  };
}

/**
 * A provider of one's own. The function returns a {@link Namespace} or any reference that netns-core knows; a
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
    provides: 'namespace',
    provide: async (context) => toNamespace(await fn(context)),
    open: async (context) => openHandle(await fn(context)),
  };
}
