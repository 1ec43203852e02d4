import { bool, named, readOnly, u8, u32 } from '../message/fields.js';
import type { WithUnknown } from '../message/unknown-attribute.js';
import type { LinkReference } from '../operation/link-reference.js';
import type { Operation } from '../operation/operation.js';
import {
  ETHTOOL_A_RINGS_CQE_SIZE,
  ETHTOOL_A_RINGS_RX,
  ETHTOOL_A_RINGS_RX_BUF_LEN,
  ETHTOOL_A_RINGS_RX_JUMBO,
  ETHTOOL_A_RINGS_RX_JUMBO_MAX,
  ETHTOOL_A_RINGS_RX_MAX,
  ETHTOOL_A_RINGS_RX_MINI,
  ETHTOOL_A_RINGS_RX_MINI_MAX,
  ETHTOOL_A_RINGS_TCP_DATA_SPLIT,
  ETHTOOL_A_RINGS_TX,
  ETHTOOL_A_RINGS_TX_MAX,
  ETHTOOL_A_RINGS_TX_PUSH,
  ETHTOOL_MSG_RINGS_GET,
  ETHTOOL_MSG_RINGS_SET,
} from '../uapi/ethtool-netlink.js';
import { parameters } from './parameters.js';

/** How many packets the rings of a device hold; `ethtool -g`. What a driver does not have is absent. */
export interface EthtoolRings extends WithUnknown {
  /** Told: the most that each can hold. */
  readonly rxMax?: number | undefined;
  readonly rxMiniMax?: number | undefined;
  readonly rxJumboMax?: number | undefined;
  readonly txMax?: number | undefined;
  /** Packets that wait to be received; at least 1. */
  readonly rx?: number | undefined;
  /** The same for small packets. */
  readonly rxMini?: number | undefined;
  /** The same for large packets. */
  readonly rxJumbo?: number | undefined;
  /** Packets that wait to be sent; at least 1. */
  readonly tx?: number | undefined;
  /** Bytes of a buffer for receiving. */
  readonly rxBufferLength?: number | undefined;
  /** Whether headers and data of TCP go into buffers of their own. */
  readonly tcpDataSplit?: 'unknown' | 'disabled' | 'enabled' | number | undefined;
  /** Bytes of an entry in the queue of completions. */
  readonly cqeSize?: number | undefined;
  /** Whether descriptors are written into the device. */
  readonly txPush?: boolean | undefined;
}

/** `<linux/ethtool_netlink.h>` */
export const rings = parameters<Omit<EthtoolRings, 'unknown'>>(
  'the ring sizes of',
  { get: ETHTOOL_MSG_RINGS_GET, set: ETHTOOL_MSG_RINGS_SET },
  {
    rxMax: readOnly(u32(ETHTOOL_A_RINGS_RX_MAX)),
    rxMiniMax: readOnly(u32(ETHTOOL_A_RINGS_RX_MINI_MAX)),
    rxJumboMax: readOnly(u32(ETHTOOL_A_RINGS_RX_JUMBO_MAX)),
    txMax: readOnly(u32(ETHTOOL_A_RINGS_TX_MAX)),
    rx: u32(ETHTOOL_A_RINGS_RX, 1),
    rxMini: u32(ETHTOOL_A_RINGS_RX_MINI),
    rxJumbo: u32(ETHTOOL_A_RINGS_RX_JUMBO),
    tx: u32(ETHTOOL_A_RINGS_TX, 1),
    rxBufferLength: u32(ETHTOOL_A_RINGS_RX_BUF_LEN),
    tcpDataSplit: named(u8(ETHTOOL_A_RINGS_TCP_DATA_SPLIT), { unknown: 0, disabled: 1, enabled: 2 }),
    cqeSize: u32(ETHTOOL_A_RINGS_CQE_SIZE),
    txPush: bool(ETHTOOL_A_RINGS_TX_PUSH),
  },
  { synonyms: { rx_mini: 'rxMini', rx_jumbo: 'rxJumbo', rx_buf_len: 'rxBufferLength' } },
);

/**
 * Reads how many packets the rings of a device hold, and can hold.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 * @throws NetlinkError when it runs: `EOPNOTSUPP` where the driver has none
 */
export function ethtoolRingsGet(link: LinkReference): Operation<EthtoolRings> {
  return rings.get('ethtoolRingsGet', link);
}

/**
 * Sets how many packets the rings of a device hold; what is left out stays as it is. What was read can be given: the maxima are ignored.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 * @throws NetlinkError when it runs: `EOPNOTSUPP` where the driver has none
 */
export function ethtoolRingsSet(link: LinkReference, settings: EthtoolRings): Operation<void> {
  return rings.set('ethtoolRingsSet', link, settings);
}
