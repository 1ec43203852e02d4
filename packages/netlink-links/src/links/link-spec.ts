import { NetnsError } from 'netns-core';
import type { LinkReference } from './link-reference.js';

/** A namespace, for the kernel: a file descriptor of it (`NetnsHandle.fd`) or a process in it. */
export interface NetnsSpec {
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
  /** The link below: of a VLAN, a macvlan, a tunnel. */
  parent?: LinkReference | undefined;
  /** Identifier of the namespace in which `parent` is an index. */
  linkNetnsId?: number | undefined;
  /** The group of links. */
  group?: number | undefined;
  /** Whether it is up. */
  up?: boolean | undefined;
  promisc?: boolean | undefined;
  allMulticast?: boolean | undefined;
  multicast?: boolean | undefined;
  /** Whether ARP is used; `false` sets `IFF_NOARP`. */
  arp?: boolean | undefined;
  dynamic?: boolean | undefined;
  protoDown?: boolean | undefined;
  linkMode?: 'default' | 'dormant' | undefined;
  carrier?: boolean | undefined;
  gsoMaxSize?: number | undefined;
  gsoMaxSegs?: number | undefined;
  groMaxSize?: number | undefined;
  /** How IPv6 link-local addresses are made. */
  ipv6AddrGenMode?: 'eui64' | 'none' | 'stable_secret' | 'random' | undefined;
}

/** What can be said of a new link. */
export interface NewLinkSettings extends LinkSettings {
  /** Up to 15 bytes. The kernel chooses one where it is left out. */
  name?: string | undefined;
  /** The index that it is to have. */
  index?: number | undefined;
  numTxQueues?: number | undefined;
  numRxQueues?: number | undefined;
}

/** The other end of a pair. */
export interface LinkPeerSpec extends Omit<NewLinkSettings, 'master' | 'parent'> {}

/** Refuses numbers that cannot be before anything is sent. */
export function checkSettings(settings: NewLinkSettings): void {
  const inRange = (key: string, value: number | undefined, least: number, most: number): void => {
    if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return;
    throw new NetnsError(
      `'${key}' of a link can not be ${String(value)}: an integer from ${least} to ${most} is needed`,
      {
        code: 'ERR_INVALID_ARGUMENT',
      },
    );
  };
  inRange('mtu', settings.mtu, 0, 0x7fffffff);
  inRange('txQLen', settings.txQLen, 0, 0xffffffff);
  inRange('index', settings.index, 1, 0x7fffffff);
  inRange('group', settings.group, 0, 0xffffffff);
  inRange('netnsFd', settings.netnsFd, 0, 0x7fffffff);
  inRange('netnsPid', settings.netnsPid, 1, 0x7fffffff);
  inRange('numTxQueues', settings.numTxQueues, 1, 4096);
  inRange('numRxQueues', settings.numRxQueues, 1, 4096);
  if (settings.netnsFd !== undefined && settings.netnsPid !== undefined)
    throw new NetnsError(`a link has one namespace: give 'netnsFd' or 'netnsPid', not both`, {
      code: 'ERR_INVALID_ARGUMENT',
    });
  if (settings.alias !== undefined && Buffer.byteLength(settings.alias) > 255)
    throw new NetnsError(`the alias of a link can have 255 bytes, this one has ${Buffer.byteLength(settings.alias)}`, {
      code: 'ERR_INVALID_ARGUMENT',
    });
}
