import { InvalidOptionError } from 'netns-core';
import { checkInteger, checkPort } from 'netns-core/checks';
import { checkBigint, checkProperties, mustBe, propertiesOf } from '../message/checks.js';
import { familyNumber, parseIpAddress } from '../message/ip-address.js';
import { SOCKET_PROTOCOLS } from './numbers.js';
import type { EncodedEndpoint, SocketKey } from './request.js';
import type { SocketEndpoint, SocketFamily, SocketInfo, SocketProtocol } from './socket-info.js';

/** Which socket; one that was read will do. */
export interface SocketSpec {
  family: SocketFamily;
  protocol: SocketProtocol;
  local: SocketEndpoint;
  /** None by default: that of a socket that listens. */
  remote?: SocketEndpoint | undefined;
  /** The link that it is bound to. */
  ifindex?: number | undefined;
  /** If it is given, no other socket is meant that has taken the same addresses and ports since. */
  cookie?: bigint | undefined;
}

const PROPERTIES = propertiesOf<SocketSpec, SocketInfo>(
  {
    family: 'set',
    protocol: 'set',
    local: 'set',
    remote: 'set',
    ifindex: 'set',
    cookie: 'set',
    state: 'told',
    inode: 'told',
    uid: 'told',
    receiveQueue: 'told',
    sendQueue: 'told',
    timer: 'told',
    ipv6Only: 'told',
    memory: 'told',
    tcp: 'told',
    congestion: 'told',
    tos: 'told',
    tclass: 'told',
    mark: 'told',
    shutdown: 'told',
    cgroupId: 'told',
    ulp: 'told',
  },
  { src: 'local', dst: 'remote', peer: 'remote', link: 'ifindex' },
);

const ENDPOINT = propertiesOf<SocketEndpoint>({ address: 'set', port: 'set' });

/** A socket whose description was checked. */
export interface CheckedSocket {
  readonly family: SocketFamily;
  readonly protocol: SocketProtocol;
  readonly key: SocketKey;
  /** How it reads in an error: `tcp socket 192.0.2.1:80`. */
  readonly shown: string;
  readonly target: string;
}

/** Checks which socket is meant. @throws InvalidOptionError */
export function checkSocket(callee: string, spec: SocketSpec): CheckedSocket {
  checkProperties(spec, callee, PROPERTIES);
  const { family, protocol, local, remote, ifindex, cookie } = spec;
  familyNumber(family);
  if (typeof protocol !== 'string' || !Object.hasOwn(SOCKET_PROTOCOLS, protocol))
    throw mustBe('protocol', `one of ${Object.keys(SOCKET_PROTOCOLS).join(', ')}`, protocol);
  if (local === undefined) throw mustBe('local', 'an object with address and port', local);
  checkInteger('ifindex', ifindex, 0, 0x7fffffff);
  checkBigint('cookie', cookie);
  const key: SocketKey = {
    local: checkEndpoint(callee, 'local', local, family),
    remote:
      remote === undefined
        ? { bytes: new Uint8Array(family === 'ipv4' ? 4 : 16), port: 0 }
        : checkEndpoint(callee, 'remote', remote, family),
    ifindex: ifindex ?? 0,
    cookie,
  };
  const target =
    remote === undefined || remote.port === 0
      ? showEndpoint(local)
      : `${showEndpoint(local)} → ${showEndpoint(remote)}`;
  return { family, protocol, key, shown: `${protocol} socket ${target}`, target };
}

function checkEndpoint(
  callee: string,
  property: 'local' | 'remote',
  endpoint: SocketEndpoint,
  family: SocketFamily,
): EncodedEndpoint {
  if (typeof endpoint !== 'object' || endpoint === null || Array.isArray(endpoint))
    throw mustBe(property, 'an object with address and port', endpoint);
  checkProperties(endpoint, `${property} of ${callee}`, ENDPOINT);
  const bytes = parseIpAddress(endpoint.address, `${property}.address`);
  if ((bytes.length === 4) !== (family === 'ipv4'))
    throw new InvalidOptionError(`${property}.address`, `${property}.address is not an address of ${family}`);
  return { bytes, port: checkPort(`${property}.port`, endpoint.port, { zero: true }) };
}

function showEndpoint({ address, port }: SocketEndpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
