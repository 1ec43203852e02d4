import { InvalidOptionError } from 'netns-core';
import { checkInteger, checkPort } from 'netns-core/checks';
import { checkArray, checkBigint, checkProperties, mustBe, propertiesOf } from '../message/checks.js';
import { hostBitsAreZero, type IpNetwork, parseIpNetwork } from '../message/ip-address.js';
import { checkOptionalLink } from '../operation/link-reference.js';
import type { SocketEndpointFilter, SocketFilter } from './filter.js';
import { ALL_STATES, SOCKET_PROTOCOLS, socketStates } from './numbers.js';
import type { SocketDetail, SocketFamily, SocketProtocol } from './socket-info.js';

const FILTER = propertiesOf<SocketFilter>(
  {
    family: 'set',
    protocol: 'set',
    states: 'set',
    local: 'set',
    remote: 'set',
    link: 'set',
    mark: 'set',
    inode: 'set',
    cookie: 'set',
    uid: 'set',
    details: 'set',
  },
  {
    src: 'local',
    source: 'local',
    dst: 'remote',
    destination: 'remote',
    peer: 'remote',
    dev: 'link',
    interface: 'link',
    ifindex: 'link',
    fwmark: 'mark',
    ino: 'inode',
    state: 'states',
    families: 'family',
    protocols: 'protocol',
  },
);

const ENDPOINT = propertiesOf<SocketEndpointFilter>(
  { address: 'set', port: 'set' },
  { ip: 'address', host: 'address', network: 'address', ports: 'port' },
);

const MARK = propertiesOf<{ value: number; mask: number }>({ value: 'set', mask: 'set' });

const FAMILIES: readonly SocketFamily[] = ['ipv4', 'ipv6'];
const PROTOCOLS = Object.keys(SOCKET_PROTOCOLS) as SocketProtocol[];
const DETAILS: readonly SocketDetail[] = ['memory', 'tcp', 'congestion', 'tos', 'mark', 'shutdown', 'cgroup', 'ulp'];

/** One end of the sockets that are wanted, checked. */
export interface CheckedEndpoint {
  readonly network: IpNetwork | undefined;
  readonly ports: readonly [number, number] | undefined;
}

/** A filter whose values were checked. */
export interface CheckedFilter {
  readonly families: readonly SocketFamily[];
  readonly protocols: readonly SocketProtocol[];
  /** A bit for each state. */
  readonly states: number;
  readonly local: CheckedEndpoint | undefined;
  readonly remote: CheckedEndpoint | undefined;
  readonly link: string | number | undefined;
  readonly mark: { readonly value: number; readonly mask: number } | undefined;
  readonly inode: number | undefined;
  readonly cookie: bigint | undefined;
  readonly uid: number | undefined;
  readonly details: ReadonlySet<SocketDetail>;
}

/** One or several of the words of a list; `undefined` passes. */
function words<W extends string>(property: string, value: unknown, known: readonly W[]): readonly W[] | undefined {
  if (value === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw mustBe(property, `one or several of ${known.join(', ')}`, value);
  // Not `every`, which passes over what an array lacks.
  for (let index = 0; index < list.length; index += 1)
    if (!known.includes(list[index] as W)) throw mustBe(property, `one of ${known.join(', ')}`, list[index]);
  return [...new Set(list as readonly W[])];
}

function checkEndpoint(
  callee: string,
  property: 'local' | 'remote',
  endpoint: SocketEndpointFilter | undefined,
): CheckedEndpoint | undefined {
  if (endpoint === undefined) return undefined;
  if (typeof endpoint !== 'object' || endpoint === null || Array.isArray(endpoint))
    throw mustBe(property, 'an object with address and port', endpoint);
  checkProperties(endpoint, `${property} of ${callee}`, ENDPOINT);
  const { address, port } = endpoint;
  const network = address === undefined ? undefined : parseIpNetwork(address, `${property}.address`);
  if (network !== undefined && !hostBitsAreZero(network))
    throw new InvalidOptionError(
      `${property}.address`,
      `${property}.address '${address}' has bits set behind its prefix of ${network.prefixLength}`,
    );
  return { network, ports: port === undefined ? undefined : checkPorts(`${property}.port`, port) };
}

function checkPorts(property: string, port: unknown): readonly [number, number] {
  if (!Array.isArray(port)) {
    const only = checkPort(property, port, { zero: true });
    return [only, only];
  }
  if (port.length !== 2) throw mustBe(property, 'a port, or an array of the first and the last', port);
  const first = checkPort(`${property}[0]`, port[0], { zero: true });
  const last = checkPort(`${property}[1]`, port[1], { zero: true });
  if (first > last)
    throw new InvalidOptionError(property, `${property} must begin with the lower port, got [${first}, ${last}]`);
  return [first, last];
}

function checkMark(mark: SocketFilter['mark']): CheckedFilter['mark'] {
  if (mark === undefined) return undefined;
  if (typeof mark !== 'object' || mark === null) {
    if (typeof mark !== 'number') throw mustBe('mark', 'a number, or an object with value and mask', mark);
    checkInteger('mark', mark, 0, 0xffffffff);
    return { value: mark, mask: 0xffffffff };
  }
  checkProperties(mark, 'mark', MARK);
  const { value, mask } = mark;
  if (value === undefined || mask === undefined)
    throw mustBe('mark', 'a number, or an object with value and mask', mark);
  checkInteger('mark.value', value, 0, 0xffffffff);
  checkInteger('mark.mask', mask, 0, 0xffffffff);
  return { value, mask };
}

/**
 * Checks which sockets are wanted.
 *
 * @throws InvalidOptionError
 */
export function checkSocketFilter(callee: string, filter: SocketFilter): CheckedFilter {
  checkProperties(filter, callee, FILTER);
  const local = checkEndpoint(callee, 'local', filter.local);
  const remote = checkEndpoint(callee, 'remote', filter.remote);
  const asked = words('family', filter.family, FAMILIES);
  const families = familiesOf(asked, local?.network, remote?.network);
  const protocols = words('protocol', filter.protocol, PROTOCOLS) ?? ['tcp', 'udp'];
  const { states, inode, cookie, uid, details } = filter;
  checkArray('states', states, 'states');
  if (states?.length === 0) throw mustBe('states', 'an array of one or several states', states);
  checkInteger('inode', inode, 0, 0xffffffff);
  checkBigint('cookie', cookie);
  checkInteger('uid', uid, 0, 0xffffffff);
  checkArray('details', details, 'details');
  const wanted = details?.length === 0 ? undefined : words('details', details, DETAILS);
  return {
    families,
    protocols,
    states: states?.reduce<number>((bits, state) => bits | (1 << socketStates.number(state)), 0) ?? ALL_STATES,
    local,
    remote,
    link: checkOptionalLink(filter.link, 'link'),
    mark: checkMark(filter.mark),
    inode,
    cookie,
    uid,
    details: new Set(wanted),
  };
}

/** The families whose sockets can have the addresses. An IPv6 socket may have an IPv4 peer, but not the other way round. */
function familiesOf(
  asked: readonly SocketFamily[] | undefined,
  local: IpNetwork | undefined,
  remote: IpNetwork | undefined,
): readonly SocketFamily[] {
  for (const [property, network] of [
    ['local.address', local],
    ['remote.address', remote],
  ] as const)
    if (network !== undefined && asked !== undefined && !asked.includes(network.family))
      throw new InvalidOptionError(
        property,
        `${property} ${network.address}/${network.prefixLength} is of ${network.family}, and family is ${asked.join(', ')}`,
      );
  if (local !== undefined && remote !== undefined && local.family !== remote.family)
    throw new InvalidOptionError('remote.address', 'local.address and remote.address are of different families');
  return (local ?? remote)?.family === 'ipv6' ? ['ipv6'] : (asked ?? FAMILIES);
}
