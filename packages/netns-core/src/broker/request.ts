import { checkInteger, checkKnownOptions, checkOptionsObject, shown } from '../checks/index.js';
import { InvalidOptionError, NetnsError } from '../errors.js';
import { checkName } from '../namespace/names.js';
import { checkBindAddress } from '../socket/bind-address.js';
import { BROKER_PROTOCOL, type BrokerRequest, MAX_SOCKETS } from '../socket/broker-protocol.js';
import { checkOpenSocketOptions } from '../socket/socket-maker.js';
import { SOCKET_OPTION_NAMES } from '../socket/socket-options.js';

const COMMON = ['version', 'request', 'namespace'];
const PROPERTIES: Readonly<Record<BrokerRequest['request'], readonly string[]>> = {
  open: [...COMMON, 'family', 'type', 'options', 'bindTo', 'count'],
  netlink: [...COMMON, 'protocol'],
  watch: COMMON,
  identify: COMMON,
  inspect: COMMON,
};

/**
 * Reads a request and checks all that it holds.
 *
 * @throws InvalidOptionError, InvalidNameError, NetnsError (`ERR_BROKER_VERSION`)
 */
export function readRequest(line: string): BrokerRequest {
  let request: unknown;
  try {
    request = JSON.parse(line);
  } catch {
    throw new InvalidOptionError('request', 'a request must be one line of JSON');
  }
  checkOptionsObject(request, 'a request');
  const { version, request: kind, namespace } = request as Record<string, unknown>;
  // First: another version may have other properties.
  if (version !== BROKER_PROTOCOL)
    throw new NetnsError(
      `the broker speaks version ${BROKER_PROTOCOL} of the protocol, not ${shown(version)}: install the same version of netns-core for both`,
      { code: 'ERR_BROKER_VERSION' },
    );
  if (typeof kind !== 'string' || !Object.hasOwn(PROPERTIES, kind))
    throw new InvalidOptionError(
      'request',
      `a request is open, netlink, identify, inspect or watch, not ${shown(kind)}`,
    );
  checkKnownOptions(request, {
    callee: 'a request',
    noun: 'property',
    names: PROPERTIES[kind as BrokerRequest['request']],
  });
  checkName(namespace as string);
  if (kind === 'open') {
    const { family, type, options, bindTo, count } = request as Record<string, unknown>;
    checkOptionsObject(options, 'a request');
    // What a socket may have, and no namespace beside that of the request.
    checkKnownOptions(options, { callee: 'options', names: SOCKET_OPTION_NAMES });
    checkOpenSocketOptions({ ...options, family, type } as Parameters<typeof checkOpenSocketOptions>[0]);
    checkInteger('count', count, 1, bindTo === undefined ? MAX_SOCKETS : 1);
    if (bindTo !== undefined) checkBindAddress(family as 'ipv4' | 'ipv6', bindTo);
  }
  if (kind === 'netlink') {
    const { protocol } = request as Record<string, unknown>;
    // `MAX_LINKS` of <linux/netlink.h>
    if (checkInteger('protocol', protocol, 0, 31) === undefined)
      throw new InvalidOptionError('protocol', 'protocol is missing');
  }
  return request as BrokerRequest;
}
