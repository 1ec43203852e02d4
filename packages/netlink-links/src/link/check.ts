import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { checkProperties, type KnownProperties, type PropertyTable, propertiesOf } from '../message/checks.js';
import type { UnknownAttribute } from '../message/unknown-attribute.js';
import { IFLA_PROP_LIST } from '../uapi/if-link.js';
import type { LinkAttributes } from './attributes/attributes.js';
import { checkSettings, type LinkPeerSpec, type NewLinkSettings, NOT_OF_PEERS } from './attributes/settings.js';
import { checkPort } from './check-port.js';
import { LINK_KINDS, type LinkKindAttributes } from './kinds/index.js';
import type { LinkKind } from './kinds/kind.js';

/** What `ip link` and others call the settings of all links. */
const SYNONYMS: Readonly<Record<string, string>> = {
  mac: 'hardwareAddr',
  macaddress: 'hardwareAddr',
  address: 'hardwareAddr',
  lladdr: 'hardwareAddr',
  brd: 'broadcast',
  txqueuelen: 'txQLen',
  txqlen: 'txQLen',
  qlen: 'txQLen',
  ifalias: 'alias',
  ifname: 'name',
  ifindex: 'index',
  link: 'parent',
  lower: 'parent',
  dev: 'parent',
  bridge: 'master',
  vrf: 'master',
  namespace: 'netns',
  ns: 'netns',
  pid: 'netnsPid',
  addrgenmode: 'ipv6AddrGenMode',
  token: 'ipv6Token',
  allmulti: 'allMulticast',
  kind: 'type',
  state: 'up',
};

const TABLE: PropertyTable<NewLinkSettings & { type: string }, LinkAttributes> = {
  type: 'set',
  name: 'set',
  index: 'set',
  numTxQueues: 'set',
  numRxQueues: 'set',
  mtu: 'set',
  hardwareAddr: 'set',
  broadcast: 'set',
  txQLen: 'set',
  alias: 'set',
  master: 'set',
  masterPort: 'set',
  parent: 'set',
  linkNetnsId: 'set',
  linkNetns: 'set',
  group: 'set',
  up: 'set',
  promisc: 'set',
  allMulticast: 'set',
  multicast: 'set',
  arp: 'set',
  dynamic: 'set',
  trailers: 'set',
  protoDown: 'set',
  protoDownReason: 'set',
  linkMode: 'set',
  carrier: 'set',
  gsoMaxSize: 'set',
  gsoMaxSegs: 'set',
  groMaxSize: 'set',
  gsoIpv4MaxSize: 'set',
  groIpv4MaxSize: 'set',
  ipv6AddrGenMode: 'set',
  ipv6Token: 'set',
  netns: 'set',
  netnsFd: 'set',
  netnsPid: 'set',
  altNames: 'set',
  unknown: 'set',
  unknownCommon: 'set',
  hardwareType: 'told',
  flags: 'told',
  rawFlags: 'told',
  permanentHardwareAddr: 'told',
  masterIndex: 'told',
  parentIndex: 'told',
  operState: 'told',
  carrierChanges: 'told',
  qdisc: 'told',
  promiscuity: 'told',
  tsoMaxSize: 'told',
  tsoMaxSegs: 'told',
  minMtu: 'told',
  maxMtu: 'told',
  physPortName: 'told',
  physPortId: 'told',
  physSwitchId: 'told',
  parentDeviceName: 'told',
  parentDeviceBus: 'told',
  xdp: 'told',
  slaveKind: 'told',
  statistics: 'told',
  vfs: 'told',
};
const COMMON = propertiesOf(TABLE, SYNONYMS);
/** What the kernel tells of every link, and no program sets. */
export const TOLD_OF_LINKS: readonly string[] = Object.entries(TABLE).flatMap(([property, use]) =>
  use === 'told' ? [property] : [],
);

/** Of a new link alone: the kernel ignores them in a change. */
const OF_NEW_LINKS = [
  'index',
  'numTxQueues',
  'numRxQueues',
  'altNames',
  'linkNetns',
] as const satisfies readonly (keyof NewLinkSettings)[];

const WITHHELD: readonly string[] = ['type', ...NOT_OF_PEERS];
const PEER: KnownProperties = {
  names: Object.entries(TABLE).flatMap(([property, use]) =>
    use === 'set' && !WITHHELD.includes(property) ? [property] : [],
  ),
  synonyms: SYNONYMS,
};

/** Which kinds have a property of that name. */
function kindsWith(property: string): string[] {
  return Object.entries(LINK_KINDS).flatMap(([type, { properties }]) => (properties.includes(property) ? [type] : []));
}

/** Checks the names of what is said of a link: what all have, and what its kind has. */
function checkNames(link: object, callee: string, type: string | undefined, kind: LinkKind<object> | undefined): void {
  const what = type === undefined ? callee : `${callee} of a ${type}`;
  if (type === undefined && typeof link === 'object' && link !== null)
    for (const property of Object.keys(link))
      if (!COMMON.names.includes(property) && kindsWith(property).length > 0)
        throw new InvalidOptionError(
          property,
          `${callee} needs the \`type\` of the link for '${property}', which ${kindsWith(property).join(', ')} links have`,
        );
  checkProperties(link, what, {
    names: kind === undefined ? COMMON.names : [...COMMON.names, ...kind.properties],
    synonyms: kind?.synonyms === undefined ? COMMON.synonyms : { ...COMMON.synonyms, ...kind.synonyms },
  });
}

/**
 * Checks all that is said of a link, a new one or one that is changed, before anything is built or sent.
 *
 * @param callee `'linkAdd'`
 * @throws InvalidOptionError
 */
export function checkLink(link: NewLinkSettings & { readonly type?: string | undefined }, callee: string): void {
  const type = typeof link === 'object' && link !== null ? link.type : undefined;
  const kind = linkKind(type);
  checkNames(link, callee, type, kind);
  const told = [...TOLD_OF_LINKS, ...(kind?.told ?? [])];
  // A link that was read has them all, and can be given back.
  if (!('rawFlags' in link))
    for (const [property, value] of Object.entries(link))
      if (value !== undefined && told.includes(property))
        throw new InvalidOptionError(property, `'${property}' can be read, but not set`);
  const isNew = callee === 'linkAdd';
  if (!isNew && !('rawFlags' in link))
    for (const property of OF_NEW_LINKS)
      if (link[property] !== undefined)
        throw new InvalidOptionError(property, `${property} can be given to a new link only: linkAdd takes it`);
  if (!isNew && !('rawFlags' in link) && Array.isArray(link.unknownCommon) && link.unknownCommon.some(isProperty))
    throw new InvalidOptionError(
      'unknownCommon',
      'unknownCommon has what stands among the alternative names (IFLA_PROP_LIST), which the kernel ignores in a change: linkAdd takes it',
    );
  const { parent, peer } = link as { readonly parent?: unknown; readonly peer?: LinkPeerSpec };
  if (parent !== undefined && kind !== undefined && kind.hasParent !== true && type !== 'device')
    throw new InvalidOptionError(
      'parent',
      `a ${type} has no \`parent\`${kind.properties.includes('underlayIndex') ? ': `underlayIndex` is the link that its packets are sent through' : ''}`,
    );
  if (link.masterPort !== undefined) checkPortOf(link, callee);
  checkSettings(link);
  if (peer !== undefined) {
    checkProperties(peer, 'peer', PEER);
    checkSettings(peer, 'peer.');
  }
  if (link.unknown !== undefined && (kind === undefined || kind.create !== undefined))
    throw new InvalidOptionError(
      'unknown',
      kind === undefined
        ? `${callee} needs the \`type\` of the link for 'unknown', which has settings of its kind`
        : `${type} links are not made through netlink: \`unknown\` cannot be set`,
    );
  kind?.check(link);
}

/** Whether an unknown attribute is what stands among the alternative names of a link, which have a message of their own. */
export function isProperty(unknown: Partial<UnknownAttribute> | null | undefined): boolean {
  return unknown?.attribute === IFLA_PROP_LIST;
}

/** Checks what is said of a link as a port. @throws InvalidOptionError */
function checkPortOf({ masterPort, ...link }: NewLinkSettings, callee: string): void {
  const isRead = 'rawFlags' in link;
  if (masterPort !== undefined) checkPort(masterPort, callee, 'masterPort.', isRead);
  if (isRead) return;
  if (link.master === null || (link.master === undefined && callee === 'linkAdd'))
    throw new InvalidOptionError('masterPort', 'masterPort needs the `master` that the link is to be a port of');
  for (const place of ['netns', 'netnsFd', 'netnsPid'] as const)
    if (link[place] !== undefined)
      throw new InvalidOptionError(
        'masterPort',
        `masterPort cannot be given together with ${place}: its master is in this namespace`,
      );
}

/**
 * The kind of a `type`; nothing where none is said.
 *
 * @throws InvalidOptionError for a type that there is not
 */
export function linkKind(type: string | undefined): LinkKind<object> | undefined {
  if (type === undefined) return undefined;
  if (typeof type === 'string' && Object.hasOwn(LINK_KINDS, type))
    return LINK_KINDS[type as keyof LinkKindAttributes] as LinkKind<object>;
  throw new InvalidOptionError(
    'type',
    `there is no kind of link called ${shown(type)} here: ${Object.keys(LINK_KINDS).join(', ')} are known; others can be made as 'generic' with their 'kind'`,
  );
}
