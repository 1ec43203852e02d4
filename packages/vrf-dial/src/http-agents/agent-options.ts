import type { SocketOptions } from 'netns-core';
import { InvalidOptionError } from 'netns-core';
import { checkMilliseconds, shown } from 'netns-core/checks';
import type { VrfLogger } from '../diagnostics.js';
import type { ConnectionOptions } from '../dial/index.js';
import { checkNoMisspeltOptions } from '../option-checks.js';
import { TARGET_OPTIONS, type VrfTarget } from '../target.js';

/** What the agents of `node:http` and `node:https` are told beside Node's own options. */
export interface VrfAgentTarget
  extends VrfTarget,
    SocketOptions,
    Pick<ConnectionOptions, 'family' | 'localAddress' | 'localPort' | 'lookup' | 'noDelay'> {
  /** Milliseconds for name resolution and connection together; 0 for no limit. 30 s if nothing is said. */
  connectTimeout?: number | undefined;
  /** Takes notes of namespaces that are removed or replaced; `console` will do. */
  logger?: VrfLogger | undefined;
}

/** What must not reach Node's agent, where it would mean something else or nothing. */
const OURS: readonly string[] = [...TARGET_OPTIONS, 'connectTimeout', 'logger', 'lookup'];

/** What would lead past the namespace. */
const REFUSED: Readonly<Record<string, string>> = {
  socketPath: 'a UNIX socket is in no VRF',
  proxyEnv: 'Node connects to the proxy from home; name the proxy as host and the VRF stays in force',
  createConnection: 'the agent makes its connections itself, in the VRF',
};

/**
 * Checks options that Node's agents do not know, and gives the rest, for Node's constructor.
 *
 * @throws InvalidOptionError with the option's name
 */
export function optionsForNode<T extends object>(options: T & VrfAgentTarget, callee: string): T {
  if (typeof options !== 'object' || options === null)
    throw new InvalidOptionError('options', `${callee} takes an object of options, not ${shown(options)}`);
  checkNoMisspeltOptions(options, [...OURS, 'family', 'localAddress', 'localPort', 'noDelay'], callee);
  checkMilliseconds('connectTimeout', options.connectTimeout);
  refuse(options, callee);
  const rest: Record<string, unknown> = {};
  for (const [option, value] of Object.entries(options)) if (!OURS.includes(option)) rest[option] = value;
  return rest as T;
}

function refuse(options: object, callee: string): void {
  for (const [option, reason] of Object.entries(REFUSED))
    if ((options as Record<string, unknown>)[option] !== undefined)
      throw new InvalidOptionError(option, `${callee} takes no ${option}: ${reason}`);
}
