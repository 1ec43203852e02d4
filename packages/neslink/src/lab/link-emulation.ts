import type { QdiscSpec } from 'netlink-links';
import type { LabLinkSpec } from './topology.js';

const DEFAULT_MTU = 1500;
/** An Ethernet header, a VLAN tag. */
const HEADER_BYTES = 18;
/** How long packets may wait for the rate. */
const QUEUE_SECONDS = 0.05;
const MIN_QUEUED_PACKETS = 10;
/** What may be sent at once, as a time at the rate. */
const BURST_SECONDS = 0.004;
/** Enough for what is under way on a fast link with a long delay. */
const MAX_DELAYED_PACKETS = 100_000;

/** The queueing discipline that makes an interface behave as its link should; `undefined` for a link without limits. */
export function emulationOf(spec: LabLinkSpec, link: string): QdiscSpec | undefined {
  const { delay = 0, jitter = 0, loss = 0, rate, mtu = DEFAULT_MTU } = spec;
  const packet = mtu + HEADER_BYTES;
  const queue = rate === undefined ? 0 : Math.max(MIN_QUEUED_PACKETS * packet, Math.ceil((rate / 8) * QUEUE_SECONDS));
  if (delay === 0 && loss === 0) {
    if (rate === undefined) return undefined;
    const burst = Math.max(2 * packet, Math.ceil((rate / 8) * BURST_SECONDS));
    return { kind: 'tbf', link, rate, burst, limit: burst + queue };
  }
  if (rate === undefined) return { kind: 'netem', link, latency: delay, jitter, loss, limit: MAX_DELAYED_PACKETS };
  const underWay = ((rate / 8) * (delay + jitter)) / 1000;
  return { kind: 'netem', link, latency: delay, jitter, loss, rate, limit: Math.ceil((underWay + queue) / packet) };
}
