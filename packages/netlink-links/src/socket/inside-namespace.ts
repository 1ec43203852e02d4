import { get, type NetnsHandle, runInNamespace } from 'netns-core';
import type { Inside } from './inside.js';

/** Runs functions while the thread is in a namespace. */
export function insideOf(namespace: NetnsHandle): Inside {
  return (run) => {
    // Entering takes rights that a process does not need, and may not have, to work on the namespace it is in.
    using here = get();
    return here.equals(namespace) ? run() : runInNamespace(namespace, run);
  };
}
