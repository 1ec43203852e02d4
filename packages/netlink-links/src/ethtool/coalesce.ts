import { bool, u32 } from '../message/fields.js';
import type { WithUnknown } from '../message/unknown-attribute.js';
import type { LinkReference } from '../operation/link-reference.js';
import type { Operation } from '../operation/operation.js';
import {
  ETHTOOL_A_COALESCE_PKT_RATE_HIGH,
  ETHTOOL_A_COALESCE_PKT_RATE_LOW,
  ETHTOOL_A_COALESCE_RATE_SAMPLE_INTERVAL,
  ETHTOOL_A_COALESCE_RX_MAX_FRAMES,
  ETHTOOL_A_COALESCE_RX_MAX_FRAMES_HIGH,
  ETHTOOL_A_COALESCE_RX_MAX_FRAMES_IRQ,
  ETHTOOL_A_COALESCE_RX_MAX_FRAMES_LOW,
  ETHTOOL_A_COALESCE_RX_USECS,
  ETHTOOL_A_COALESCE_RX_USECS_HIGH,
  ETHTOOL_A_COALESCE_RX_USECS_IRQ,
  ETHTOOL_A_COALESCE_RX_USECS_LOW,
  ETHTOOL_A_COALESCE_STATS_BLOCK_USECS,
  ETHTOOL_A_COALESCE_TX_MAX_FRAMES,
  ETHTOOL_A_COALESCE_TX_MAX_FRAMES_HIGH,
  ETHTOOL_A_COALESCE_TX_MAX_FRAMES_IRQ,
  ETHTOOL_A_COALESCE_TX_MAX_FRAMES_LOW,
  ETHTOOL_A_COALESCE_TX_USECS,
  ETHTOOL_A_COALESCE_TX_USECS_HIGH,
  ETHTOOL_A_COALESCE_TX_USECS_IRQ,
  ETHTOOL_A_COALESCE_TX_USECS_LOW,
  ETHTOOL_A_COALESCE_USE_ADAPTIVE_RX,
  ETHTOOL_A_COALESCE_USE_ADAPTIVE_TX,
  ETHTOOL_A_COALESCE_USE_CQE_MODE_RX,
  ETHTOOL_A_COALESCE_USE_CQE_MODE_TX,
  ETHTOOL_MSG_COALESCE_GET,
  ETHTOOL_MSG_COALESCE_SET,
} from '../uapi/ethtool-netlink.js';
import { parameters } from './parameters.js';

/** For how long, and for how many packets, a device waits before it interrupts; `ethtool -c`. What a driver does not have is absent. */
export interface EthtoolCoalesce extends WithUnknown {
  /** Microseconds from the first packet until an interrupt. */
  readonly rxUsecs?: number | undefined;
  /** Packets until an interrupt. */
  readonly rxMaxFrames?: number | undefined;
  /** The same while an interrupt is being served. */
  readonly rxUsecsIrq?: number | undefined;
  readonly rxMaxFramesIrq?: number | undefined;
  /** The same for packets that were sent. */
  readonly txUsecs?: number | undefined;
  readonly txMaxFrames?: number | undefined;
  readonly txUsecsIrq?: number | undefined;
  readonly txMaxFramesIrq?: number | undefined;
  /** Microseconds between updates of the counters in memory. */
  readonly statsBlockUsecs?: number | undefined;
  /** Whether the driver adapts the numbers to the rate of packets. */
  readonly adaptiveRx?: boolean | undefined;
  readonly adaptiveTx?: boolean | undefined;
  /** Packets per second below which the numbers for low rates hold. */
  readonly packetRateLow?: number | undefined;
  readonly rxUsecsLow?: number | undefined;
  readonly rxMaxFramesLow?: number | undefined;
  readonly txUsecsLow?: number | undefined;
  readonly txMaxFramesLow?: number | undefined;
  /** Packets per second above which the numbers for high rates hold. */
  readonly packetRateHigh?: number | undefined;
  readonly rxUsecsHigh?: number | undefined;
  readonly rxMaxFramesHigh?: number | undefined;
  readonly txUsecsHigh?: number | undefined;
  readonly txMaxFramesHigh?: number | undefined;
  /** Seconds between two looks at the rate. */
  readonly rateSampleInterval?: number | undefined;
  /** Whether the time counts from the last packet, not the first. */
  readonly cqeModeTx?: boolean | undefined;
  readonly cqeModeRx?: boolean | undefined;
}

/** `<linux/ethtool_netlink.h>` */
export const coalesce = parameters<Omit<EthtoolCoalesce, 'unknown'>>(
  'the interrupt coalescing of',
  { get: ETHTOOL_MSG_COALESCE_GET, set: ETHTOOL_MSG_COALESCE_SET },
  {
    rxUsecs: u32(ETHTOOL_A_COALESCE_RX_USECS),
    rxMaxFrames: u32(ETHTOOL_A_COALESCE_RX_MAX_FRAMES),
    rxUsecsIrq: u32(ETHTOOL_A_COALESCE_RX_USECS_IRQ),
    rxMaxFramesIrq: u32(ETHTOOL_A_COALESCE_RX_MAX_FRAMES_IRQ),
    txUsecs: u32(ETHTOOL_A_COALESCE_TX_USECS),
    txMaxFrames: u32(ETHTOOL_A_COALESCE_TX_MAX_FRAMES),
    txUsecsIrq: u32(ETHTOOL_A_COALESCE_TX_USECS_IRQ),
    txMaxFramesIrq: u32(ETHTOOL_A_COALESCE_TX_MAX_FRAMES_IRQ),
    statsBlockUsecs: u32(ETHTOOL_A_COALESCE_STATS_BLOCK_USECS),
    adaptiveRx: bool(ETHTOOL_A_COALESCE_USE_ADAPTIVE_RX),
    adaptiveTx: bool(ETHTOOL_A_COALESCE_USE_ADAPTIVE_TX),
    packetRateLow: u32(ETHTOOL_A_COALESCE_PKT_RATE_LOW),
    rxUsecsLow: u32(ETHTOOL_A_COALESCE_RX_USECS_LOW),
    rxMaxFramesLow: u32(ETHTOOL_A_COALESCE_RX_MAX_FRAMES_LOW),
    txUsecsLow: u32(ETHTOOL_A_COALESCE_TX_USECS_LOW),
    txMaxFramesLow: u32(ETHTOOL_A_COALESCE_TX_MAX_FRAMES_LOW),
    packetRateHigh: u32(ETHTOOL_A_COALESCE_PKT_RATE_HIGH),
    rxUsecsHigh: u32(ETHTOOL_A_COALESCE_RX_USECS_HIGH),
    rxMaxFramesHigh: u32(ETHTOOL_A_COALESCE_RX_MAX_FRAMES_HIGH),
    txUsecsHigh: u32(ETHTOOL_A_COALESCE_TX_USECS_HIGH),
    txMaxFramesHigh: u32(ETHTOOL_A_COALESCE_TX_MAX_FRAMES_HIGH),
    rateSampleInterval: u32(ETHTOOL_A_COALESCE_RATE_SAMPLE_INTERVAL),
    cqeModeTx: bool(ETHTOOL_A_COALESCE_USE_CQE_MODE_TX),
    cqeModeRx: bool(ETHTOOL_A_COALESCE_USE_CQE_MODE_RX),
  },
  {
    synonyms: {
      adaptive_rx: 'adaptiveRx',
      adaptive_tx: 'adaptiveTx',
      'adaptive-rx': 'adaptiveRx',
      'adaptive-tx': 'adaptiveTx',
    },
  },
);

/**
 * Reads for how long a device waits before it interrupts.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 * @throws NetlinkError when it runs: `EOPNOTSUPP` where the driver has none
 */
export function ethtoolCoalesceGet(link: LinkReference): Operation<EthtoolCoalesce> {
  return coalesce.get('ethtoolCoalesceGet', link);
}

/**
 * Sets for how long a device waits before it interrupts; what is left out stays as it is.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 * @throws NetlinkError when it runs: `EOPNOTSUPP` where the driver has none
 */
export function ethtoolCoalesceSet(link: LinkReference, settings: EthtoolCoalesce): Operation<void> {
  return coalesce.set('ethtoolCoalesceSet', link, settings);
}
