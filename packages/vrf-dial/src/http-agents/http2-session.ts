import type { Agent } from 'node:http';
import type { ClientSessionOptions } from 'node:http2';
import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { readAddress } from '../address/address.js';
import { TLS_OPTIONS } from '../options/node-options.js';
import type { RequestOptions } from './agent-sockets.js';

/** The `createConnection` that `http2.connect` takes. */
export type CreateHttp2Connection = NonNullable<ClientSessionOptions['createConnection']>;

/** What an agent has and Node's types leave out. */
interface NodeAgent {
  readonly protocol: string;
  readonly defaultPort: number;
  readonly options: object;
}

/** Options of TLS that are the agent's, or name another connection. */
const NOT_TAKEN: readonly string[] = ['ALPNProtocols', 'path', 'socket', 'timeout'];
const TAKEN = TLS_OPTIONS.filter((option) => !NOT_TAKEN.includes(option));

/**
 * The options of a connection that `http2.connect` wants.
 *
 * @param options those of `http2.connect`: what they say of TLS counts where the agent says nothing
 * @throws InvalidOptionError for an authority that is for the other kind of agent
 */
export function http2ConnectionOptions(
  authority: { readonly protocol?: string; readonly hostname?: string; readonly port?: string | number },
  options: object,
  given: Agent,
): RequestOptions {
  const agent = given as Agent & NodeAgent;
  const { protocol = agent.protocol, hostname = 'localhost', port = '' } = authority;
  if (protocol !== agent.protocol)
    throw new InvalidOptionError(
      'authority',
      `this agent makes connections for ${agent.protocol}, not ${shown(protocol)}: take the other one`,
    );
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  const taken = Object.entries(options).filter(([option, value]) => TAKEN.includes(option) && value !== undefined);
  return {
    ...(readAddress(host) === undefined ? { servername: host } : undefined),
    ...Object.fromEntries(taken),
    ...agent.options,
    host,
    port: port === '' ? agent.defaultPort : port,
    ALPNProtocols: ['h2'],
  };
}
