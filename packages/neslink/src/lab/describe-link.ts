import type { LabLinkSpec } from './topology.js';

/** What limits a link, for pictures: `['10 ms ± 2', '2 Mbit/s']`. */
export function limitsOf({ delay = 0, jitter = 0, loss = 0, rate, mtu }: LabLinkSpec): string[] {
  return [
    ...(delay > 0 ? [jitter > 0 ? `${delay} ms ± ${jitter}` : `${delay} ms`] : []),
    ...(loss > 0 ? [`${loss} % loss`] : []),
    ...(rate === undefined ? [] : [rateText(rate)]),
    ...(mtu === undefined ? [] : [`MTU ${mtu}`]),
  ];
}

function rateText(rate: number): string {
  for (const [unit, size] of [
    ['Gbit/s', 1e9],
    ['Mbit/s', 1e6],
    ['kbit/s', 1e3],
  ] as const)
    if (rate >= size) return `${Number((rate / size).toFixed(3))} ${unit}`;
  return `${rate} bit/s`;
}
