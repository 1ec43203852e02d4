import type { ChildProcess, ChildProcessWithoutNullStreams, SpawnOptionsWithoutStdio } from 'node:child_process';
import { type Link, Netlink } from 'netlink-links';
import {
  type HopOptions,
  type NetnsHandle,
  runInNamespace,
  type SpawnInNamespaceOptions,
  spawnInNamespace,
} from 'netns-core';
import { checkBoolean, checkOptionsObject } from 'netns-core/checks';
import { guardChild, prepareGuard } from './script/process-guard.js';

/** What `context.spawn` has beside the options of `spawnInNamespace`. */
export interface CleanupOption {
  /**
   * Whether the process ends when this one does, whatever ends it: exit, exception, Ctrl-C, a crash or SIGKILL.
   *
   * @default true, but false for a `detached` process, which in Node is one that is to go on
   */
  readonly cleanup?: boolean;
}

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
    // Actions take what they need apart: `({ netlink, run, spawn }) => …`.
    this.run = this.run.bind(this);
    this.spawn = this.spawn.bind(this);
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

  /**
   * Starts a process that lives in the namespace; see `spawnInNamespace` of netns-core. It ends when this process ends, unless it
   * has `cleanup: false` or is `detached`.
   */
  spawn(
    command: string,
    args?: readonly string[],
    options?: SpawnOptionsWithoutStdio & CleanupOption,
  ): ChildProcessWithoutNullStreams;
  spawn(command: string, args?: readonly string[], options?: SpawnInNamespaceOptions & CleanupOption): ChildProcess;
  spawn(
    command: string,
    args: readonly string[] = [],
    options: SpawnInNamespaceOptions & CleanupOption = {},
  ): ChildProcess {
    checkOptionsObject(options, 'spawn');
    const { cleanup, ...spawnOptions } = options;
    checkBoolean('cleanup', cleanup);
    const group = spawnOptions.detached === true;
    const guarded = cleanup ?? !group;
    if (guarded) prepareGuard();
    const child = spawnInNamespace(this.#namespace, command, args, spawnOptions);
    if (guarded) guardChild(child, group);
    return child;
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
