import { InvalidOptionError } from 'netns-core';
import { checkInteger, checkPort } from 'netns-core/checks';
import { checkArray, checkBigint, checkProperties, mustBe, propertiesOf } from '../message/checks.js';
import { checkHostBits, familyNumber, type IpNetwork, parseIpNetwork } from '../message/ip-address.js';
import { checkOptionalLink } from '../operation/link-reference.js';
import type { SocketDetail } from './families/details.js';
import type { SocketCriterion } from './families/family.js';
import { LOCAL_FAMILIES, type LocalFamily } from './families/index.js';
import { type InternetFamily, SOCKET_PROTOCOLS, type SocketProtocol } from './families/internet.js';
import { ALL_STATES, socketStates } from './families/states.js';
import type { SocketEndpointFilter, SocketFilter } from './filter.js';

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

const INTERNET: readonly InternetFamily[] = ['ipv4', 'ipv6'];
const LOCAL = Object.keys(LOCAL_FAMILIES) as LocalFamily[];
const FAMILIES = [...INTERNET, ...LOCAL];
const MAX_FAMILY = 0xff;
const PROTOCOLS = Object.keys(SOCKET_PROTOCOLS) as SocketProtocol[];
const DETAILS: readonly SocketDetail[] = ['memory', 'tcp', 'congestion', 'tos', 'mark', 'shutdown', 'cgroup', 'ulp'];

/** Families that have a name here, by their number. */
const NAMES: ReadonlyMap<number, InternetFamily | LocalFamily> = new Map([
  ...INTERNET.map((family) => [familyNumber(family), family] as const),
  ...LOCAL.map((family) => [LOCAL_FAMILIES[family].number, family] as const),
]);

/** One end of the sockets that are wanted, checked. */
export interface CheckedEndpoint {
  readonly network: IpNetwork | undefined;
  readonly ports: readonly [number, number] | undefined;
}

/** A filter whose values were checked. */
export interface CheckedFilter {
  readonly families: readonly InternetFamily[];
  /** The other families, by name or number. */
  readonly others: readonly (LocalFamily | number)[];
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

/** What sockets that only send echo requests are asked for as. */
const OF_PING: readonly unknown[] = ['icmp', 'icmpv6', 'icmp6', 'ping'];

/** Refuses sockets that no kernel lists, and says where they are. @throws InvalidOptionError */
export function checkNotPing(protocol: unknown): void {
  if (OF_PING.includes(protocol))
    throw new InvalidOptionError(
      'protocol',
      `protocol '${protocol}' cannot be asked for: no kernel lists sockets for ping (SOCK_DGRAM with IPPROTO_ICMP) by sock_diag, they are in /proc/net/icmp and /proc/net/icmp6; raw sockets, those of ICMP too, are 'raw'`,
    );
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

/** The families that were asked for; `undefined` if it was left to us. */
function checkFamilies(value: unknown): readonly (InternetFamily | LocalFamily | number)[] | undefined {
  if (value === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const wanted = `one or several of ${FAMILIES.join(', ')}, or numbers up to ${MAX_FAMILY}`;
  if (list.length === 0) throw mustBe('family', wanted, value);
  // Not `map`, which passes over what an array lacks.
  const families = new Set<InternetFamily | LocalFamily | number>();
  for (let index = 0; index < list.length; index += 1) {
    const family = list[index];
    if (typeof family === 'number' && Number.isInteger(family) && family >= 0 && family <= MAX_FAMILY)
      families.add(NAMES.get(family) ?? family);
    else if (FAMILIES.includes(family as InternetFamily)) families.add(family as InternetFamily);
    else throw mustBe('family', wanted, family);
  }
  return [...families];
}

/** What only sockets of the Internet are chosen by. */
const OF_INTERNET = ['local', 'remote', 'mark'] as const;
/** What sockets of some families are chosen by. */
const OF_SOME: readonly SocketCriterion[] = ['states', 'link', 'inode', 'cookie', 'uid'];

/** Refuses what sockets of a family cannot be chosen by, and what is not told of any that are asked for. */
function checkApplies(
  filter: SocketFilter,
  others: readonly (LocalFamily | number)[],
  internet: readonly InternetFamily[],
): void {
  for (const family of others) {
    const criteria = typeof family === 'number' ? [] : LOCAL_FAMILIES[family].criteria;
    for (const property of [...OF_INTERNET, ...OF_SOME])
      if (filter[property] !== undefined && !criteria.includes(property as SocketCriterion))
        throw new InvalidOptionError(
          property,
          `${property} does not choose among sockets of family ${family}: leave one of the two out`,
        );
  }
  if (internet.length > 0) return;
  if (filter.protocol !== undefined)
    throw new InvalidOptionError('protocol', `protocol is that of ipv4 and ipv6, and family is ${others.join(', ')}`);
  for (const detail of filter.details ?? [])
    if (!others.some((family) => typeof family === 'string' && LOCAL_FAMILIES[family].details.includes(detail)))
      throw new InvalidOptionError('details', `details '${detail}' is not told of sockets of ${others.join(', ')}`);
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
  if (network !== undefined) checkHostBits(network, `${property}.address`);
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
  const asked = checkFamilies(filter.family);
  const others = (asked ?? []).filter((family): family is LocalFamily | number => !isInternet(family));
  const internet = asked?.filter(isInternet);
  for (const protocol of [filter.protocol].flat()) checkNotPing(protocol);
  const protocols = words('protocol', filter.protocol, PROTOCOLS) ?? ['tcp', 'udp'];
  const { states, inode, cookie, uid, details } = filter;
  checkArray('states', states, 'states');
  if (states?.length === 0) throw mustBe('states', 'an array of one or several states', states);
  checkInteger('inode', inode, 0, 0xffffffff);
  checkBigint('cookie', cookie);
  checkInteger('uid', uid, 0, 0xffffffff);
  checkArray('details', details, 'details');
  const wanted = details?.length === 0 ? undefined : words('details', details, DETAILS);
  const bits = states?.reduce<number>((all, state) => all | (1 << socketStates.number(state)), 0) ?? ALL_STATES;
  checkApplies(filter, others, internet ?? INTERNET);
  return {
    families: familiesOf(internet, local?.network, remote?.network),
    others,
    protocols,
    states: bits,
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

function isInternet(family: InternetFamily | LocalFamily | number): family is InternetFamily {
  return family === 'ipv4' || family === 'ipv6';
}

/** The families whose sockets can have the addresses. An IPv6 socket may have an IPv4 peer, but not the other way round. */
function familiesOf(
  asked: readonly InternetFamily[] | undefined,
  local: IpNetwork | undefined,
  remote: IpNetwork | undefined,
): readonly InternetFamily[] {
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
  return (local ?? remote)?.family === 'ipv6' ? ['ipv6'] : (asked ?? INTERNET);
}
