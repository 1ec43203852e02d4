/**
 * The context of an ongoing management of namespaces: it knows which switches have not been reverted yet. One context
 * is not used by two jobs at once.
 */
export class NamespaceMgmtCtx {
  /** @internal The reverting functions of the switches under way, innermost last. */
  readonly pending: (() => void)[] = [];

  /** Whether the thread is, for this context, in another namespace at the moment. */
  get switched(): boolean {
    return this.pending.length > 0;
  }
}

/** Makes a context for the management of namespaces. */
export function newNamespaceMgmtCtx(): NamespaceMgmtCtx {
  return new NamespaceMgmtCtx();
}
