import { type ChildProcess, type SpawnOptions, type SpawnOptionsWithoutStdio, spawn } from 'node:child_process';
import { type Link, Netlink } from 'netlink-links';
import { type HopOptions, type NetnsHandle, runInNamespace } from 'netns-core';

/**
 * What an action works with. It says explicitly which namespace is meant: the thread itself stays at home, so that
 * thousands of actions, each awaiting this and that, run side by side.
 */
export class ActionContext {
  #namespace: NetnsHandle;
  #netlink: Netlink | undefined;
  readonly #hop: HopOptions;
  /** The link of `LinkDo`, as it was when it was found or made; its index stays the same. */
  link: Link | undefined;

  /**
   * @internal
   * @param namespace belongs to the context from here on
   */
  constructor(namespace: NetnsHandle, hop: HopOptions) {
    this.#namespace = namespace;
    this.#hop = hop;
  }

  /** The namespace that the action is for. It belongs to the `Do`, which closes it; `dup()` what must outlive it. */
  get namespace(): NetnsHandle {
    return this.#namespace;
  }

  /** A netlink connection that lives in the namespace; opened when first used, closed by the `Do`. */
  get netlink(): Netlink {
    this.#netlink ??= this.run(() => Netlink.open(this.#namespace));
    return this.#netlink;
  }

  /**
   * Calls a synchronous function with the thread in the namespace; see `runInNamespace` of netns-core.
   */
  run<T>(fn: () => T): T {
    return runInNamespace(this.#namespace, fn, this.#hop);
  }

  /** Starts a process that lives in the namespace; see `child_process.spawn`. */
  spawn(command: string, args?: readonly string[], options?: SpawnOptionsWithoutStdio): ChildProcess;
  spawn(command: string, args?: readonly string[], options?: SpawnOptions): ChildProcess;
  spawn(command: string, args: readonly string[] = [], options: SpawnOptions = {}): ChildProcess {
    return this.run(() => spawn(command, [...args], options));
  }

  /**
   * Makes the actions that follow work in another namespace, as `NANewNs` does.
   *
   * @param namespace belongs to the context from here on
   */
  enter(namespace: NetnsHandle): void {
    this.close();
    this.#namespace = namespace;
  }

  /** @internal */
  close(): void {
    this.#netlink?.close();
    this.#netlink = undefined;
    this.#namespace.close();
  }
}
