import { hopSource, type NetnsHandle, NotANamespaceError, resolveNamespace } from 'netns-core';
import { isNamespaceMissing } from '../target/namespace-arrival.js';
import { sourceOf } from '../target/source.js';
import type { ResolvedTarget } from '../target/target.js';
import { canBeReplaced, type WatchedReference, watchedReference } from '../target/watched-reference.js';
import { type FoundNamespace, findNamespace, foundByHandle } from './found-namespace.js';
import { isCallersNamespace } from './listen-options.js';

/** How long a name may be without its namespace, as while it is being made, until that is reported. */
const UNMOUNTED_MS = 2000;

/** What hears of a followed namespace. */
export interface NamespaceFollower {
  /** The target may mean another namespace than before, or none. */
  changed(): void;
  /** The name's file has been there for some time without a namespace that this process sees. */
  unmounted(error: NotANamespaceError): void;
}

/** The namespace that a listener's target means: now, and as it changes. */
export class FollowedNamespace {
  /** Whether it is the caller's own, where an address is not waited for. */
  readonly isHome: boolean;
  readonly #target: ResolvedTarget;
  readonly #follower: NamespaceFollower;
  readonly #reference: WatchedReference | undefined;
  /** The one namespace of a target that is there for good. */
  readonly #fixed: NetnsHandle | undefined;
  #unwatch: (() => void) | undefined;
  #unmounted: NodeJS.Timeout | undefined;

  /** @throws NamespaceNotFoundError where a namespace without a name is not there: it is not waited for */
  constructor(target: ResolvedTarget, follower: NamespaceFollower) {
    this.#target = target;
    this.#follower = follower;
    const { namespace, watched } = target;
    this.isHome = watched === undefined && isCallersNamespace(namespace);
    const isDescriptor = typeof namespace === 'object' && 'fd' in namespace;
    if (canBeReplaced(namespace) && !isDescriptor) {
      this.#reference = watchedReference(target);
      this.#unwatch = this.#reference.use(() => follower.changed());
    } else this.#fixed = resolveNamespace(namespace);
  }

  /** Whether it is named by a process that is in it. */
  get isOfProcess(): boolean {
    const { namespace } = this.#target;
    return typeof namespace === 'object' && 'pid' in namespace;
  }

  /** What the target means now, `NS(dev:ino)` of a namespace; without opening anything. */
  look(): string | undefined {
    return this.#fixed === undefined ? this.#reference?.look() : this.#fixed.uniqueId();
  }

  /**
   * The namespace as it is now, to be closed by the caller; `undefined` if it is not there.
   *
   * @throws NetnsError where that cannot be found out
   */
  find(): FoundNamespace | undefined {
    const { namespace } = this.#target;
    const source = sourceOf(this.#target);
    if (this.#fixed !== undefined)
      return source === hopSource
        ? foundByHandle(this.#fixed.dup())
        : { reference: namespace, identity: this.#fixed.uniqueId(), cookie: undefined, close: () => undefined };
    try {
      return findNamespace(namespace, source);
    } catch (error) {
      if (!isNamespaceMissing(error)) throw error;
      if (error instanceof NotANamespaceError) this.#reportLater();
      this.#reference?.foundMissing(() => this.#follower.changed());
      return undefined;
    }
  }

  /** @throws NamespaceNotFoundError, which says where it was looked for, where it is not there */
  mustExist(): void {
    sourceOf(this.#target).mustExist(this.#target.namespace);
  }

  close(): void {
    clearTimeout(this.#unmounted);
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#fixed?.close();
  }

  /** Its maker is about to mount the name's file, or has mounted it where this process does not see it. */
  #reportLater(): void {
    this.#unmounted ??= setTimeout(() => {
      this.#unmounted = undefined;
      try {
        this.mustExist();
      } catch (error) {
        if (error instanceof NotANamespaceError) this.#follower.unmounted(error);
      }
    }, UNMOUNTED_MS).unref();
  }
}
