import { InvalidOptionError, type NamespaceRef } from 'netns-core';
import { checkBoolean, checkInteger, checkReference } from 'netns-core/checks';
import { checkArray, checkText, mustBe } from '../../message/checks.js';
import { isHardwareAddress, parseHardwareAddress } from '../../message/hardware-address.js';
import { parseIpAddress } from '../../message/ip-address.js';
import { checkUnknown, type UnknownAttribute } from '../../message/unknown-attribute.js';
import { checkLinkName, checkLookupName } from '../../operation/link-name.js';
import type { LinkReference } from '../../operation/link-reference.js';
import { IFALIASZ } from '../../uapi/if.js';
import type { LinkPortSettings } from '../ports/index.js';
import { LINK_MODES, type LinkMode } from './attributes.js';

/** A namespace, for the kernel: a file descriptor of it (`NetnsHandle.fd`) or a process in it. */
export interface NetnsSpec {
  /** Any reference to the namespace, its name say; resolved when the operation runs. */
  netns?: NamespaceRef | undefined;
  /** A file descriptor of the namespace. */
  netnsFd?: number | undefined;
  /** The id of a process in the namespace. */
  netnsPid?: number | undefined;
}

/** What can be said of a link of any kind when it is made or changed. What is left out stays as it is. */
export interface LinkSettings extends NetnsSpec {
  /** Bytes of payload. */
  mtu?: number | undefined;
  /** `'02:00:00:00:00:01'` */
  hardwareAddr?: string | undefined;
  broadcast?: string | undefined;
  /** Length of the queue for sending, in packets. */
  txQLen?: number | undefined;
  /** A text to recognise the link by, up to 255 bytes; '' removes it. */
  alias?: string | undefined;
  /** The bridge, bond or VRF that it is to belong to; `null` takes it out. */
  master?: LinkReference | null | undefined;
  /** What it is to be as a port of its master. It is set behind the rest, with a message of its own. */
  masterPort?: LinkPortSettings | undefined;
  /** The link below: of a VLAN, a macvlan, a tunnel. */
  parent?: LinkReference | undefined;
  /** Identifier of the namespace in which `parent` is. */
  linkNetnsId?: number | undefined;
  /** The group of links. */
  group?: number | undefined;
  /** Whether it is up. */
  up?: boolean | undefined;
  promisc?: boolean | undefined;
  /** Whether it receives all multicast packets. A link that was read has the number of those that have asked for it. */
  allMulticast?: boolean | number | undefined;
  multicast?: boolean | undefined;
  /** Whether ARP is used; `false` sets `IFF_NOARP`. */
  arp?: boolean | undefined;
  dynamic?: boolean | undefined;
  /** `false` sets `IFF_NOTRAILERS`. */
  trailers?: boolean | undefined;
  /** Holds the link down (`IFLA_PROTO_DOWN`). */
  protoDown?: boolean | undefined;
  /** For what reasons it is held down, a bit for each. */
  protoDownReason?: number | undefined;
  linkMode?: LinkMode | undefined;
  carrier?: boolean | undefined;
  gsoMaxSize?: number | undefined;
  gsoMaxSegs?: number | undefined;
  groMaxSize?: number | undefined;
  /** Linux 6.3 and later; older kernels ignore it. */
  gsoIpv4MaxSize?: number | undefined;
  /** Linux 6.3 and later; older kernels ignore it. */
  groIpv4MaxSize?: number | undefined;
  /** How IPv6 link-local addresses are made. */
  ipv6AddrGenMode?: 'eui64' | 'none' | 'stable_secret' | 'random' | undefined;
  /**
   * The end of the IPv6 addresses that are made from router advertisements, `'::7'`; `'::'` takes it away. The link
   * must listen to advertisements.
   */
  ipv6Token?: string | undefined;
  /** As read: settings of the link's kind, which `type` says, that this package does not know. */
  unknown?: readonly UnknownAttribute[] | undefined;
  /** As read: settings of all links that this package does not know. */
  unknownCommon?: readonly UnknownAttribute[] | undefined;
}

/** What can be said of a new link. */
export interface NewLinkSettings extends LinkSettings {
  /** Up to 15 bytes. The kernel chooses one where it is left out. */
  name?: string | undefined;
  /** The index that it is to have. */
  index?: number | undefined;
  numTxQueues?: number | undefined;
  numRxQueues?: number | undefined;
  /** Further names under which it can be looked up, up to 127 bytes each. */
  altNames?: readonly string[] | undefined;
  /**
   * The namespace in which `parent` is, by any reference; resolved when the operation runs, and given an identifier if
   * it has none. In place of `linkNetnsId`.
   */
  linkNetns?: NamespaceRef | undefined;
}

/** What the other end of a pair cannot be told. */
export const NOT_OF_PEERS = [
  'master',
  'masterPort',
  'parent',
  'linkNetnsId',
  'linkNetns',
  'protoDown',
  'protoDownReason',
  'altNames',
  'unknown',
  'unknownCommon',
] as const;

/** The other end of a pair. */
export interface LinkPeerSpec extends Omit<NewLinkSettings, (typeof NOT_OF_PEERS)[number]> {}

/** Whole numbers, each with its range. */
const RANGES = {
  mtu: [0, 0x7fffffff],
  txQLen: [0, 0xffffffff],
  index: [1, 0x7fffffff],
  group: [0, 0xffffffff],
  netnsFd: [0, 0x7fffffff],
  netnsPid: [1, 0x7fffffff],
  linkNetnsId: [-1, 0x7fffffff],
  numTxQueues: [1, 4096],
  numRxQueues: [1, 4096],
  gsoMaxSize: [0, 0xffffffff],
  gsoMaxSegs: [0, 0xffffffff],
  groMaxSize: [0, 0xffffffff],
  gsoIpv4MaxSize: [0, 0xffffffff],
  groIpv4MaxSize: [0, 0xffffffff],
  protoDownReason: [0, 0xffffffff],
} as const satisfies { readonly [P in keyof NewLinkSettings]?: readonly [number, number] };

const SWITCHES = [
  'up',
  'promisc',
  'multicast',
  'arp',
  'dynamic',
  'trailers',
  'protoDown',
  'carrier',
] as const satisfies readonly (keyof NewLinkSettings)[];

const WORDS = {
  linkMode: LINK_MODES,
  ipv6AddrGenMode: ['eui64', 'none', 'stable_secret', 'random'],
} as const satisfies { readonly [P in keyof NewLinkSettings]?: readonly string[] };

/**
 * Refuses values that cannot be, before anything is sent.
 *
 * @param what whose they are, for errors: `'peer.'` before the property, or nothing
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 */
export function checkSettings(settings: NewLinkSettings, what = ''): void {
  for (const [property, [min, max]] of Object.entries(RANGES))
    checkInteger(`${what}${property}`, settings[property as keyof typeof RANGES], min, max);
  for (const property of SWITCHES) checkBoolean(`${what}${property}`, settings[property]);
  if (!('rawFlags' in settings)) checkBoolean(`${what}allMulticast`, settings.allMulticast);
  for (const [property, words] of Object.entries(WORDS)) {
    const value = settings[property as keyof typeof WORDS];
    if (value !== undefined && !(words as readonly string[]).includes(value))
      throw mustBe(`${what}${property}`, `one of ${words.join(', ')}`, value);
  }
  for (const property of ['hardwareAddr', 'broadcast'] as const) {
    const value = settings[property];
    if (value !== undefined && value !== '' && !isHardwareAddress(value))
      parseHardwareAddress(value, undefined, `${what}${property}`);
  }
  if (settings.name !== undefined) checkLinkName(settings.name, `${what}name`);
  checkArray(`${what}altNames`, settings.altNames, 'names');
  for (const [index, name] of (settings.altNames ?? []).entries()) checkLookupName(name, `${what}altNames[${index}]`);
  if (settings.ipv6Token !== undefined && parseIpAddress(settings.ipv6Token, `${what}ipv6Token`).length !== 16)
    throw mustBe(`${what}ipv6Token`, "an IPv6 address, such as '::7'", settings.ipv6Token);
  checkUnknown(settings.unknown, `${what}unknown`);
  checkUnknown(settings.unknownCommon, `${what}unknownCommon`);
  const { netns, netnsFd, netnsPid, linkNetns, linkNetnsId, alias } = settings;
  if ([netns, netnsFd, netnsPid].filter((value) => value !== undefined).length > 1)
    throw new InvalidOptionError(
      `${what}netns`,
      `a link has one namespace: give one of ${what}netns, ${what}netnsFd and ${what}netnsPid, not both`,
    );
  if (netns !== undefined) checkNamespace(`${what}netns`, netns);
  if (linkNetns !== undefined) {
    if (linkNetnsId !== undefined)
      throw new InvalidOptionError(
        `${what}linkNetns`,
        `${what}linkNetns and ${what}linkNetnsId both say where \`parent\` is: give one of them`,
      );
    checkNamespace(`${what}linkNetns`, linkNetns);
  }
  checkText(`${what}alias`, alias);
  if (alias !== undefined && Buffer.byteLength(alias) >= IFALIASZ)
    throw new InvalidOptionError(
      `${what}alias`,
      `${what}alias must have at most ${IFALIASZ - 1} bytes, this one has ${Buffer.byteLength(alias)}`,
    );
}

/** Checks a reference to a namespace; what is wrong with it is said of the property. @throws InvalidOptionError */
export function checkNamespace(property: string, netns: NamespaceRef): void {
  try {
    checkReference(netns);
  } catch (error) {
    if (!(error instanceof InvalidOptionError)) throw error;
    throw new InvalidOptionError(property, `invalid ${property}: ${error.message}`, { cause: error });
  }
}
