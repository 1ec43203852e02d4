import { readOnly, u32 } from '../message/fields.js';
import type { WithUnknown } from '../message/unknown-attribute.js';
import type { LinkReference } from '../operation/link-reference.js';
import type { Operation } from '../operation/operation.js';
import {
  ETHTOOL_A_CHANNELS_COMBINED_COUNT,
  ETHTOOL_A_CHANNELS_COMBINED_MAX,
  ETHTOOL_A_CHANNELS_OTHER_COUNT,
  ETHTOOL_A_CHANNELS_OTHER_MAX,
  ETHTOOL_A_CHANNELS_RX_COUNT,
  ETHTOOL_A_CHANNELS_RX_MAX,
  ETHTOOL_A_CHANNELS_TX_COUNT,
  ETHTOOL_A_CHANNELS_TX_MAX,
  ETHTOOL_MSG_CHANNELS_GET,
  ETHTOOL_MSG_CHANNELS_SET,
} from '../uapi/ethtool-netlink.js';
import { parameters } from './parameters.js';

/** How many channels a device has, each with an interrupt and queues of its own; `ethtool -l`. What a driver does not have is absent. */
export interface EthtoolChannels extends WithUnknown {
  /** Told: the most that there can be of each kind. */
  readonly rxMax?: number | undefined;
  readonly txMax?: number | undefined;
  readonly otherMax?: number | undefined;
  readonly combinedMax?: number | undefined;
  /** Channels that receive only. */
  readonly rx?: number | undefined;
  /** Channels that send only. */
  readonly tx?: number | undefined;
  /** Channels for other things, interrupts of the link say. */
  readonly other?: number | undefined;
  /** Channels that receive and send. */
  readonly combined?: number | undefined;
}

/** `<linux/ethtool_netlink.h>` */
export const channels = parameters<Omit<EthtoolChannels, 'unknown'>>(
  'the channels of',
  { get: ETHTOOL_MSG_CHANNELS_GET, set: ETHTOOL_MSG_CHANNELS_SET },
  {
    rxMax: readOnly(u32(ETHTOOL_A_CHANNELS_RX_MAX)),
    txMax: readOnly(u32(ETHTOOL_A_CHANNELS_TX_MAX)),
    otherMax: readOnly(u32(ETHTOOL_A_CHANNELS_OTHER_MAX)),
    combinedMax: readOnly(u32(ETHTOOL_A_CHANNELS_COMBINED_MAX)),
    rx: u32(ETHTOOL_A_CHANNELS_RX_COUNT),
    tx: u32(ETHTOOL_A_CHANNELS_TX_COUNT),
    other: u32(ETHTOOL_A_CHANNELS_OTHER_COUNT),
    combined: u32(ETHTOOL_A_CHANNELS_COMBINED_COUNT),
  },
  { synonyms: {} },
);

/**
 * Reads how many channels a device has, and can have.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 * @throws NetlinkError when it runs: `EOPNOTSUPP` where the driver has none
 */
export function ethtoolChannelsGet(link: LinkReference): Operation<EthtoolChannels> {
  return channels.get('ethtoolChannelsGet', link);
}

/**
 * Sets how many channels a device has; what is left out stays as it is. What was read can be given: the maxima are ignored.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 * @throws NetlinkError when it runs: `EOPNOTSUPP` where the driver has none
 */
export function ethtoolChannelsSet(link: LinkReference, settings: EthtoolChannels): Operation<void> {
  return channels.set('ethtoolChannelsSet', link, settings);
}
