import type { InternetSocketFilter, InternetSocketInfo, SocketFilter, SocketInfo } from 'netlink-links';
import type { Action } from './action.js';

/**
 * Gives the sockets of the namespace, TCP and UDP unless the filter says otherwise:
 * `NASockets({ protocol: 'tcp', states: ['listen'] })`.
 */
export function NASockets(filter?: InternetSocketFilter): Action<InternetSocketInfo[]>;
export function NASockets(filter?: SocketFilter): Action<SocketInfo[]>;
export function NASockets(filter?: SocketFilter): Action<SocketInfo[]> {
  return { name: 'NASockets', do: ({ netlink }) => netlink.socketList(filter) };
}
