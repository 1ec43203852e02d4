import { bool } from '../message/fields.js';
import type { WithUnknown } from '../message/unknown-attribute.js';
import type { LinkReference } from '../operation/link-reference.js';
import type { Operation } from '../operation/operation.js';
import {
  ETHTOOL_A_PAUSE_AUTONEG,
  ETHTOOL_A_PAUSE_RX,
  ETHTOOL_A_PAUSE_STATS,
  ETHTOOL_A_PAUSE_TX,
  ETHTOOL_MSG_PAUSE_GET,
  ETHTOOL_MSG_PAUSE_SET,
} from '../uapi/ethtool-netlink.js';
import { parameters } from './parameters.js';

/** Whether a device sends and obeys pause frames; `ethtool -a`. */
export interface EthtoolPause extends WithUnknown {
  /** Whether it is negotiated with the other end. */
  readonly autoNegotiation?: boolean | undefined;
  /** Whether pause frames are obeyed. */
  readonly rx?: boolean | undefined;
  /** Whether they are sent. */
  readonly tx?: boolean | undefined;
}

/** `<linux/ethtool_netlink.h>` */
export const pause = parameters<Omit<EthtoolPause, 'unknown'>>(
  'the pause parameters of',
  { get: ETHTOOL_MSG_PAUSE_GET, set: ETHTOOL_MSG_PAUSE_SET },
  {
    autoNegotiation: bool(ETHTOOL_A_PAUSE_AUTONEG),
    rx: bool(ETHTOOL_A_PAUSE_RX),
    tx: bool(ETHTOOL_A_PAUSE_TX),
  },
  { synonyms: { autoneg: 'autoNegotiation' }, passedOver: [ETHTOOL_A_PAUSE_STATS] },
);

/**
 * Reads whether a device sends and obeys pause frames.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 * @throws NetlinkError when it runs: `EOPNOTSUPP` where the driver has none
 */
export function ethtoolPauseGet(link: LinkReference): Operation<EthtoolPause> {
  return pause.get('ethtoolPauseGet', link);
}

/**
 * Sets whether a device sends and obeys pause frames; what is left out stays as it is.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 * @throws NetlinkError when it runs: `EOPNOTSUPP` where the driver has none
 */
export function ethtoolPauseSet(link: LinkReference, settings: EthtoolPause): Operation<void> {
  return pause.set('ethtoolPauseSet', link, settings);
}
