import { InvalidOptionError } from 'netns-core';
import { checkInteger, checkPort } from 'netns-core/checks';
import { checkBigint, checkProperties, mustBe, propertiesOf } from '../message/checks.js';
import { parseIpAddress } from '../message/ip-address.js';
import type { MessageBytes } from '../message/message-bytes.js';
import { NLM_F_ACK } from '../uapi/netlink.js';
import { SOCK_DESTROY, SOCK_DIAG_BY_FAMILY } from '../uapi/sock-diag.js';
import { checkNotPing } from './check-filter.js';
import type { SocketDetail } from './families/details.js';
import { familyRequest } from './families/family.js';
import { LOCAL_FAMILIES, type LocalFamily, type LocalSocketInfo } from './families/index.js';
import {
  type InternetFamily,
  type InternetSocketInfo,
  SOCKET_PROTOCOLS,
  type SocketEndpoint,
  type SocketProtocol,
} from './families/internet.js';
import { type EncodedEndpoint, inetRequest, type SocketKey } from './families/internet-request.js';
import { readInternetSocket } from './families/read-internet.js';
import { ALL_STATES } from './families/states.js';
import type { SocketInfo } from './socket-info.js';

/** Which socket of IPv4 or IPv6; one that was read will do. */
export interface InternetSocketSpec {
  family: InternetFamily;
  protocol: SocketProtocol;
  local: SocketEndpoint;
  /** None by default: that of a socket that listens. */
  remote?: SocketEndpoint | undefined;
  /** The link that it is bound to. */
  ifindex?: number | undefined;
  /** If it is given, no other socket is meant that has taken the same addresses and ports since. */
  cookie?: bigint | undefined;
}

/** Which socket of another family; one that was read will do. */
export interface LocalSocketSpec {
  family: LocalFamily;
  inode: number;
  /** If it is given, no other socket is meant that has the inode by now. */
  cookie?: bigint | undefined;
}

/** Which socket; one that was read will do. */
export type SocketSpec = InternetSocketSpec | LocalSocketSpec;

const PROPERTIES = propertiesOf<InternetSocketSpec, InternetSocketInfo>(
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
    unknown: 'told',
  },
  { src: 'local', dst: 'remote', peer: 'remote', link: 'ifindex' },
);

const ENDPOINT = propertiesOf<SocketEndpoint>({ address: 'set', port: 'set' });

const LOCAL_PROPERTIES = propertiesOf<LocalSocketSpec, LocalSocketInfo>(
  {
    family: 'set',
    inode: 'set',
    cookie: 'set',
    type: 'told',
    state: 'told',
    path: 'told',
    peerInode: 'told',
    pendingInodes: 'told',
    file: 'told',
    receiveQueue: 'told',
    sendQueue: 'told',
    uid: 'told',
    memory: 'told',
    shutdown: 'told',
    protocol: 'told',
    portId: 'told',
    connected: 'told',
    remotePortId: 'told',
    remoteGroup: 'told',
    groups: 'told',
    flags: 'told',
    ifindex: 'told',
    version: 'told',
    reserve: 'told',
    copyThreshold: 'told',
    timestamping: 'told',
    memberships: 'told',
    rxRing: 'told',
    txRing: 'told',
    fanout: 'told',
    filter: 'told',
    local: 'told',
    remote: 'told',
    queueId: 'told',
    fillRing: 'told',
    completionRing: 'told',
    umem: 'told',
    statistics: 'told',
    unknown: 'told',
  },
  { ino: 'inode' },
);

const NO_DETAILS: ReadonlySet<SocketDetail> = new Set();

/** A socket whose description was checked. */
export interface CheckedSocket {
  /** How it reads in an error: `tcp socket 192.0.2.1:80`. */
  readonly shown: string;
  readonly target: string;
  /** What finds it. */
  lookUp(): Uint8Array;
  /** What destroys it. */
  destroy(): Uint8Array;
  read(bytes: MessageBytes, start: number, end: number): SocketInfo | undefined;
}

/** Checks which socket is meant. @throws InvalidOptionError */
export function checkSocket(callee: string, spec: SocketSpec): CheckedSocket {
  if (typeof spec !== 'object' || spec === null) checkProperties(spec, callee, PROPERTIES);
  const { family } = spec;
  if (isLocal(family)) return checkLocalSocket(callee, spec as LocalSocketSpec);
  if (family !== 'ipv4' && family !== 'ipv6')
    throw mustBe('family', `one of ipv4, ipv6, ${Object.keys(LOCAL_FAMILIES).join(', ')}`, family);
  return checkInternetSocket(callee, spec as InternetSocketSpec);
}

function isLocal(family: unknown): family is LocalFamily {
  return typeof family === 'string' && Object.hasOwn(LOCAL_FAMILIES, family);
}

function checkLocalSocket(callee: string, spec: LocalSocketSpec): CheckedSocket {
  checkProperties(spec, callee, LOCAL_PROPERTIES);
  const { family, inode, cookie } = spec;
  if (inode === undefined) throw mustBe('inode', 'the inode of a socket', inode);
  checkInteger('inode', inode, 0, 0xffffffff);
  checkBigint('cookie', cookie);
  const kind = LOCAL_FAMILIES[family];
  const question = { states: ALL_STATES, details: NO_DETAILS, inode, cookie };
  const target = `inode ${inode}`;
  return {
    shown: `${family} socket with ${target}`,
    target,
    lookUp: () => familyRequest({ type: SOCK_DIAG_BY_FAMILY, flags: 0 }, kind, question).finish(),
    destroy: () => familyRequest({ type: SOCK_DESTROY, flags: NLM_F_ACK }, kind, question).finish(),
    read: (bytes, start, end) => kind.read(bytes, start, end, NO_DETAILS),
  };
}

function checkInternetSocket(callee: string, spec: InternetSocketSpec): CheckedSocket {
  checkProperties(spec, callee, PROPERTIES);
  const { family, protocol, local, remote, ifindex, cookie } = spec;
  checkNotPing(protocol);
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
  const request = (type: number, flags: number, about: SocketKey): Uint8Array =>
    inetRequest({ type, flags }, family, protocol, { key: about }).finish();
  // The kernel looks a UDP socket up as if a packet came from its local end, for historical reasons (`udp_dump_one`).
  const isUdp = protocol === 'udp' || protocol === 'udplite';
  return {
    shown: `${protocol} socket ${target}`,
    target,
    lookUp: () => request(SOCK_DIAG_BY_FAMILY, 0, isUdp ? { ...key, local: key.remote, remote: key.local } : key),
    destroy: () => request(SOCK_DESTROY, NLM_F_ACK, key),
    read: (bytes, start, end) => readInternetSocket(bytes, start, end, protocol, NO_DETAILS),
  };
}

function checkEndpoint(
  callee: string,
  property: 'local' | 'remote',
  endpoint: SocketEndpoint,
  family: InternetFamily,
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
