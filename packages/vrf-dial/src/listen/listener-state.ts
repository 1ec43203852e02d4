import type { LongTimeout } from 'netns-core/sys';
import type { EnteredNamespace } from './entered-namespace.js';
import type { Serving } from './serving.js';

/** The namespace is not there. */
interface Absent {
  readonly kind: 'absent';
  /** Ends the wait; `undefined` where there is no limit, or once the namespace has been there. */
  readonly patience: LongTimeout | undefined;
}

/** The namespace is there, and the user's function is making the server for it. */
interface MakingServer {
  readonly kind: 'making server';
}

/** The namespace is there. Its address or its interface is not, or the bind failed. */
interface Unbound {
  readonly kind: 'unbound';
  readonly entered: EnteredNamespace;
}

/** Bound. */
interface Listening {
  readonly kind: 'listening';
  readonly entered: EnteredNamespace;
  readonly serving: Serving;
}

/** No longer bound; connections are being drained. */
interface Closing {
  readonly kind: 'closing';
  /** The namespace that these connections are in, as far as known. */
  readonly identity: string | undefined;
  /** Settles once they have ended. */
  readonly done: Promise<void>;
}

interface Closed {
  readonly kind: 'closed';
}

/** What a listener is doing, and what it holds for that. */
export type ListenerState = Absent | MakingServer | Unbound | Listening | Closing | Closed;

export const ABSENT: ListenerState = { kind: 'absent', patience: undefined };

/** The namespace that a listener is bound in, or waits in for an address. */
export function enteredNamespace(state: ListenerState): EnteredNamespace | undefined {
  return state.kind === 'unbound' || state.kind === 'listening' ? state.entered : undefined;
}

/** Whether a listener has been told to stop. */
export function hasEnded({ kind }: ListenerState): boolean {
  return kind === 'closing' || kind === 'closed';
}

/** What users see of a state. */
export type PublicState = 'waiting' | 'listening' | 'closed';

export function publicState(state: ListenerState): PublicState {
  if (hasEnded(state)) return 'closed';
  if (state.kind !== 'listening') return 'waiting';
  // The user may have closed the server itself; its connections are being drained then.
  return state.serving.seat.isServing ? 'listening' : 'closed';
}

/** Whether a server listens in this namespace, on the interface that was asked for. */
export function isBoundIn(state: ListenerState, entered: EnteredNamespace): boolean {
  return state.kind === 'listening' && state.entered === entered && state.entered.hasInterface(state.serving.fd);
}

/** Ends what the state before held and the next one does not. */
export function releaseState(before: ListenerState, next: ListenerState): void {
  if (before.kind === 'absent') before.patience?.clear();
  const entered = enteredNamespace(before);
  if (entered !== enteredNamespace(next)) entered?.close();
}
