import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { checkLocalAddress } from '../dial/destination.js';
import { boolean, callback, integer, milliseconds, oneOf, port } from './value-checks.js';

/** How a connection is made, whoever makes it. */
export const CONNECTION_OPTIONS = {
  timeout: { check: milliseconds, synonyms: ['connecttimeout', 'connectiontimeout', 'timeoutms', 'dialtimeout'] },
  family: { check: oneOf(0, 4, 6), synonyms: ['ipfamily', 'ipversion', 'addressfamily'] },
  localAddress: {
    check: checkLocalAddress,
    synonyms: ['localaddr', 'sourceaddress', 'source', 'sourceip', 'srcaddr', 'localip', 'bindaddress'],
  },
  localPort: { check: port, synonyms: ['sourceport', 'srcport', 'bindport'] },
  lookup: { check: callback, synonyms: ['dnslookup', 'lookupfunction'] },
  noDelay: { check: boolean, synonyms: ['tcpnodelay', 'tcp_nodelay', 'nagle'] },
  keepAlive: { check: checkKeepAlive, synonyms: ['so_keepalive', 'tcpkeepalive'] },
  keepAliveInitialDelay: { check: milliseconds, synonyms: ['keepalivedelay', 'keepaliveinterval'] },
  highWaterMark: { check: integer(0, 2 ** 31 - 1) },
} as const;

function checkKeepAlive(option: string, value: unknown): boolean | number {
  if (typeof value !== 'boolean' && !(typeof value === 'number' && value >= 0))
    throw new InvalidOptionError(
      option,
      `${option} must be true, false or a number of milliseconds, not ${shown(value)}`,
    );
  return value;
}
