import { readlinkSync } from 'node:fs';
import path from 'node:path';
import { type NetnsHandle, none, resolveNamespace } from 'netns-core';
import { checkName } from 'netns-core/checks';

/** Where named namespaces are mounted unless something else is said. */
export const DefaultMountPath = '/run/netns';

/** A handle on nothing, as NESlink's `NsFdNone`: closed from the start. */
export const NsFdNone: NetnsHandle = none();

/**
 * A network namespace as a provider gives it: the path of its file. Nothing is open yet, except where the namespace
 * has no file of its own (`NPNew`): `handle` then keeps it alive until `close()`.
 */
export class Namespace implements Disposable {
  readonly path: string;
  /** Keeps a namespace without a name alive. */
  readonly handle: NetnsHandle | undefined;

  constructor(path: string, handle?: NetnsHandle) {
    this.path = path;
    this.handle = handle;
  }

  /**
   * The namespace of a name in a directory.
   *
   * @throws InvalidNameError
   */
  static named(name: string, directory: string = DefaultMountPath): Namespace {
    checkName(name);
    return new Namespace(path.join(directory, name));
  }

  toString(): string {
    return this.path;
  }

  /** Whether there is a network namespace at this path (NESlink's answer is the opposite). */
  exists(): boolean {
    try {
      this.open().close();
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Opens it.
   *
   * @returns a handle that the caller owns
   * @throws NamespaceNotFoundError, NotANamespaceError, NetnsError
   */
  open(): NetnsHandle {
    return this.handle === undefined ? resolveNamespace({ path: this.path }) : this.handle.dup();
  }

  /** Lets go of a namespace without a name; nothing happens with others. */
  close(): void {
    this.handle?.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** The namespace's file of the calling thread; libuv's worker threads have ids of their own. */
export function threadNamespacePath(): string {
  // '<pid>/task/<tid>', as the process's own procfs sees it.
  return `/proc/${readlinkSync('/proc/thread-self')}/ns/net`;
}
