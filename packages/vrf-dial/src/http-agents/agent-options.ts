import type { SocketOptions } from 'netns-core';
import { InvalidOptionError } from 'netns-core';
import { checkOptionsObject } from 'netns-core/checks';
import type { VrfLogger } from '../diagnostics.js';
import { CONNECTION_OPTIONS } from '../dial/connection-options.js';
import type { ConnectionOptions } from '../dial/index.js';
import { HTTP_AGENT_OPTIONS, NET_OPTIONS, TLS_OPTIONS, TLS_SYNONYMS } from '../options/node-options.js';
import { checkGroup, namesOf, optionNames, refuseMisspeltOptions } from '../options/option-group.js';
import { checkedElsewhere, logger, milliseconds } from '../options/value-checks.js';
import { SOCKET_OPTIONS } from '../target/socket-options.js';
import type { VrfTarget } from '../target/target.js';
import { TARGET_OPTIONS } from '../target/target-options.js';
import type { ProxyOptions } from './proxy-options.js';

/** What the agents of `node:http` and `node:https` are told beside Node's own options. */
export interface VrfAgentTarget
  extends VrfTarget,
    SocketOptions,
    ProxyOptions,
    Pick<
      ConnectionOptions,
      | 'family'
      | 'localAddress'
      | 'localPort'
      | 'lookup'
      | 'noDelay'
      | 'autoSelectFamily'
      | 'autoSelectFamilyAttemptTimeout'
    > {
  /** Milliseconds for name resolution and connection together; 0 for no limit. 30 s if nothing is said. */
  connectTimeout?: number | undefined;
  /** Takes notes of namespaces that are removed or replaced; `console` will do. */
  logger?: VrfLogger | undefined;
}

/** What the agents take beside a target and a connection. */
const AGENT_OPTIONS = {
  connectTimeout: { check: milliseconds, synonyms: ['connectiontimeout', 'dialtimeout'] },
  logger: { check: logger, synonyms: ['log', 'logging'] },
  proxy: {
    check: checkedElsewhere,
    synonyms: ['proxyurl', 'proxyuri', 'httpproxy', 'httpsproxy', 'http_proxy', 'https_proxy', 'proxyserver'],
  },
  noProxy: { check: checkedElsewhere, synonyms: ['no_proxy', 'proxybypass', 'bypass', 'proxyexceptions'] },
} as const;

/** What must not reach Node's agent, where it would mean something else or nothing. */
const OURS: readonly string[] = [...namesOf(TARGET_OPTIONS, SOCKET_OPTIONS, AGENT_OPTIONS), 'lookup'];
const NAMES = optionNames(
  [TARGET_OPTIONS, SOCKET_OPTIONS, AGENT_OPTIONS, CONNECTION_OPTIONS],
  [...HTTP_AGENT_OPTIONS, ...NET_OPTIONS, ...TLS_OPTIONS],
  TLS_SYNONYMS,
);

/** What would lead past the namespace. */
const REFUSED: Readonly<Record<string, string>> = {
  socketPath: 'a UNIX socket is in no VRF',
  proxyEnv: 'Node connects to the proxy from home; give it as proxy, and its exceptions as noProxy',
  createConnection: 'the agent makes its connections itself, in the VRF',
};

/**
 * Checks options that Node's agents do not know, and gives the rest, for Node's constructor.
 *
 * @throws InvalidOptionError with the option's name
 */
export function optionsForNode<T extends object>(options: T & VrfAgentTarget, callee: string): T {
  checkOptionsObject(options, callee);
  refuseMisspeltOptions(options, callee, NAMES);
  checkGroup(options, AGENT_OPTIONS);
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
