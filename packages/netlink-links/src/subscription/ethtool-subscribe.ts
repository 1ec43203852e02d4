import { channels, type EthtoolChannels } from '../ethtool/channels.js';
import { coalesce, type EthtoolCoalesce } from '../ethtool/coalesce.js';
import { type EthtoolFeature, readFeatures } from '../ethtool/features.js';
import { type EthtoolLink, readInfo, readModes, type Told } from '../ethtool/link.js';
import { type EthtoolPause, pause } from '../ethtool/pause.js';
import { HEADER } from '../ethtool/request.js';
import { type EthtoolRings, rings } from '../ethtool/rings.js';
import { type EthtoolNames, ethtoolNames } from '../ethtool/strings.js';
import { type GenericMessage, genericDecoder } from '../generic/message.js';
import { AttributeReader } from '../message/attribute-reader.js';
import { checkProperties, propertiesOf } from '../message/checks.js';
import type { MessageBytes } from '../message/message-bytes.js';
import { Netlink } from '../netlink/netlink.js';
import {
  ETHTOOL_A_HEADER_DEV_INDEX,
  ETHTOOL_A_HEADER_DEV_NAME,
  ETHTOOL_GENL_NAME,
  ETHTOOL_MCGRP_MONITOR_NAME,
  ETHTOOL_MSG_CHANNELS_NTF,
  ETHTOOL_MSG_COALESCE_NTF,
  ETHTOOL_MSG_FEATURES_NTF,
  ETHTOOL_MSG_LINKINFO_NTF,
  ETHTOOL_MSG_LINKMODES_NTF,
  ETHTOOL_MSG_PAUSE_NTF,
  ETHTOOL_MSG_RINGS_NTF,
} from '../uapi/ethtool-netlink.js';
import { GENL_HDRLEN } from '../uapi/genetlink.js';
import { type GenericSubscribeOptions, groupsOf, openingGroups } from './generic-subscribe.js';
import { type MessageTopic, Subscription } from './subscription.js';

/** What a subscription to changes of devices can be told. */
export type EthtoolSubscribeOptions = Omit<GenericSubscribeOptions, 'family' | 'groups'>;

/** Something about a device has changed; it is told as it is now. */
export type EthtoolUpdate =
  | ({
      /** Index of the link. */
      readonly ifindex: number;
      readonly name: string;
    } & (
      | { readonly type: 'features'; readonly features: Readonly<Record<string, EthtoolFeature>> }
      | { readonly type: 'channels'; readonly channels: EthtoolChannels }
      | { readonly type: 'rings'; readonly rings: EthtoolRings }
      | { readonly type: 'coalesce'; readonly coalesce: EthtoolCoalesce }
      | { readonly type: 'pause'; readonly pause: EthtoolPause }
      /** Port or speed and link modes, and not the rest of {@link EthtoolLink}. */
      | { readonly type: 'link'; readonly link: EthtoolLink }
      /** Something else, `ETHTOOL_MSG_…_NTF` by its `command`: wake-on-LAN, EEE, FEC, a module, the test of a cable. */
      | { readonly type: 'other'; readonly message: GenericMessage }
    ))
  /** Some were lost, since they came faster than they were read. */
  | { readonly type: 'lost' };

type Device = { readonly ifindex: number; readonly name: string };
type Change = Exclude<EthtoolUpdate, { type: 'lost' }>;

const PROPERTIES = propertiesOf<EthtoolSubscribeOptions>(
  { namespace: 'set', source: 'set', signal: 'set', bufferSize: 'set' },
  { netns: 'namespace', ns: 'namespace', broker: 'source', abort: 'signal' },
);

const decodeMessage = genericDecoder(0);

/** Reads what a notification says of a device. */
function readChange(
  device: Device,
  command: number,
  attributes: AttributeReader,
  { features, linkModes }: EthtoolNames,
): Change | undefined {
  switch (command) {
    case ETHTOOL_MSG_FEATURES_NTF:
      return { type: 'features', ...device, features: readFeatures(attributes, features) };
    case ETHTOOL_MSG_CHANNELS_NTF:
      return { type: 'channels', ...device, channels: channels.read(attributes) };
    case ETHTOOL_MSG_RINGS_NTF:
      return { type: 'rings', ...device, rings: rings.read(attributes) };
    case ETHTOOL_MSG_COALESCE_NTF:
      return { type: 'coalesce', ...device, coalesce: coalesce.read(attributes) };
    case ETHTOOL_MSG_PAUSE_NTF:
      return { type: 'pause', ...device, pause: pause.read(attributes) };
    case ETHTOOL_MSG_LINKINFO_NTF:
    case ETHTOOL_MSG_LINKMODES_NTF: {
      const link: Told = {};
      if (command === ETHTOOL_MSG_LINKINFO_NTF) readInfo(attributes, link);
      else readModes(attributes, link, linkModes);
      return { type: 'link', ...device, link };
    }
  }
  return undefined;
}

/** Reads the device that a notification is about. */
function readDevice(attributes: AttributeReader): Device {
  let ifindex = 0;
  let name = '';
  while (attributes.next()) {
    if (attributes.type !== HEADER) continue;
    const header = attributes.nested();
    while (header.next())
      if (header.type === ETHTOOL_A_HEADER_DEV_INDEX) ifindex = header.u32();
      else if (header.type === ETHTOOL_A_HEADER_DEV_NAME) name = header.string();
  }
  return { ifindex, name };
}

/** Reads a notification. @param names of the bits in it */
export function readNotification(
  bytes: MessageBytes,
  start: number,
  end: number,
  type: number,
  names: EthtoolNames,
): Change | undefined {
  const message = decodeMessage(bytes, start, end, type);
  if (message === undefined) return undefined;
  const attributes = (): AttributeReader => new AttributeReader(bytes, start + GENL_HDRLEN, end);
  const device = readDevice(attributes());
  return readChange(device, message.command, attributes(), names) ?? { type: 'other', ...device, message };
}

/**
 * Subscribes to changes of devices that `ethtool` shows: features, channels, rings, coalescing, pause frames, speed and link
 * modes, whatever program made them. No list can be made of what changed while notifications were lost, so that is told:
 * `{ type: 'lost' }`.
 *
 * ```ts
 * for await (const update of ethtoolSubscribe({ namespace: 'blue' }))
 *   if (update.type === 'features') console.log(update.name, update.features['tx-tcp-segmentation']);
 * ```
 *
 * @throws InvalidOptionError
 * @throws NetlinkError `ENOENT` where the kernel lacks the family `ethtool` (Linux 5.6)
 * @throws NamespaceNotFoundError and the other errors of `resolveNamespace` and `runInNamespace`; the errors of the
 *   socket source
 */
export function ethtoolSubscribe(options: EthtoolSubscribeOptions = {}): Subscription<EthtoolUpdate> {
  checkProperties(options, 'ethtoolSubscribe', PROPERTIES);
  const { groups, names } = lookUp(options);
  const topic: MessageTopic<EthtoolUpdate> = {
    name: 'ethtoolSubscribe',
    open: openingGroups(groups),
    read: (bytes, start, end, type) => readNotification(bytes, start, end, type, names),
    lost: () => ({ type: 'lost' }),
  };
  return new Subscription<EthtoolUpdate>(() => topic, options);
}

/** What has to be known to read notifications, in which bits have no names. */
function lookUp({ namespace, source }: EthtoolSubscribeOptions): {
  readonly groups: readonly number[];
  readonly names: EthtoolNames;
} {
  using netlink = Netlink.open(namespace, { source });
  const family = netlink.sync.genericFamilyGet(ETHTOOL_GENL_NAME);
  return {
    groups: [...groupsOf(family, [ETHTOOL_MCGRP_MONITOR_NAME]).keys()],
    names: netlink.sync.execute(ethtoolNames()),
  };
}
