import { InvalidOptionError } from 'netns-core';
import { VrfAgent, type VrfAgentOptions } from './agent.js';
import { ownFetch } from './own-fetch.js';

/** Node's own `fetch`, bound to an agent. */
export interface VrfFetch extends AsyncDisposable {
  (input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** The agent, for what `fetch` has no option for. */
  readonly agent: VrfAgent;
  /** Waits for running requests, then closes all connections. */
  close(): Promise<void>;
}

/** A scheme, and a user before the host. */
const CREDENTIALS = /^\s*[a-z][a-z0-9+.-]*:[/\\]*[^/\\?#]*@/i;

/**
 * Makes a `fetch` that reaches everything through a VRF, a namespace or an interface: redirects, too. It is Node's own
 * `fetch`, so `Request`, `Response`, `FormData` and the rest are the global ones. A replaced `globalThis.fetch` (a
 * polyfill, a test environment) is never used, for it would connect from home; where Node's own cannot be found any
 * more, it is undici's.
 *
 * `init.dispatcher` is refused, since it would lead out of the VRF.
 *
 * @throws InvalidOptionError, InvalidNameError
 */
export function createVrfFetch(options: VrfAgentOptions): VrfFetch {
  const agent = new VrfAgent(options);
  const vrfFetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    if (init !== null && typeof init === 'object' && (init as { dispatcher?: unknown }).dispatcher !== undefined)
      throw new InvalidOptionError(
        'dispatcher',
        'init.dispatcher is not for a fetch that is bound to a VRF: its requests go through its own agent',
      );
    // The message of fetch itself would repeat the password.
    if (
      (typeof input === 'string' && CREDENTIALS.test(input)) ||
      (input instanceof URL && (input.username !== '' || input.password !== ''))
    )
      throw new InvalidOptionError('url', 'the URL contains credentials: give them in an Authorization header instead');
    return ownFetch()(input, { ...init, dispatcher: agent } as unknown as RequestInit);
  };
  const close = (): Promise<void> => agent.close();
  return Object.assign(vrfFetch, { agent, close, [Symbol.asyncDispose]: close });
}
