import { type DocumentValue, shown } from '../document-value.js';
import { bitsOf, type Cidr, checkIp, checkNetwork, contains, firstOf, lastOf } from '../ip-address.js';
import type { Findings } from './finding.js';

/** A range of addresses and where it was written. */
interface Span {
  readonly place: string;
  readonly network: Cidr;
  readonly first: bigint;
  readonly last: bigint;
}

/** Checks a range as host-local does before it gives out addresses. */
function checkRange(range: DocumentValue): Span {
  const subnet = range.object().at('subnet');
  const network = checkNetwork(subnet);
  if (network.prefix > bitsOf(network) - 2)
    subnet.fail(`${shown(subnet.value)} is too small: host-local needs at least four addresses`);
  const inside = (key: string): bigint | undefined => {
    const value = range.at(key);
    if (!value.present || value.value === '') return undefined;
    const ip = checkIp(value);
    if (!contains(network, ip)) value.fail(`${shown(value.value)} is not in ${shown(subnet.value)}`);
    return ip.value;
  };
  const first = inside('rangeStart');
  const last = inside('rangeEnd');
  if (first !== undefined && last !== undefined && first > last)
    range
      .at('rangeStart')
      .fail(
        `${shown(range.at('rangeStart').value)} is behind the end of the range, ${shown(range.at('rangeEnd').value)}`,
      );
  range.at('gateway').optional((gateway) => gateway.value === '' || checkIp(gateway));
  return {
    place: range.place,
    network,
    first: first ?? firstOf(network) + 1n,
    last: last ?? (network.family === 4 ? lastOf(network) - 1n : lastOf(network)),
  };
}

/** Lints the configuration of host-local: `ranges` (a list of sets of ranges) and the older `subnet` at the top. */
export function lintHostLocal(ipam: DocumentValue, findings: Findings): void {
  const spans: Span[] = [];
  const add = (range: DocumentValue): Span => {
    const span = checkRange(range);
    const other = spans.find(
      (candidate) =>
        candidate.network.family === span.network.family &&
        candidate.first <= span.last &&
        span.first <= candidate.last,
    );
    if (other !== undefined) range.fail(`overlaps with ${other.place}`);
    spans.push(span);
    return span;
  };
  const subnet = ipam.at('subnet');
  if (subnet.present) {
    const isPlaceholder = typeof subnet.value === 'string' && PLACEHOLDERS.includes(subnet.value);
    if (isPlaceholder)
      findings.warn(subnet, `${shown(subnet.value)} is a placeholder that another program has to fill in`);
    else findings.check(() => add(ipam));
  }
  ipam.at('ranges').optional((ranges) => {
    findings.check(() => {
      for (const set of ranges.list()) lintRangeSet(set, add, findings);
    });
  });
  for (const key of ['dataDir', 'resolvConf']) ipam.at(key).optional((value) => findings.check(() => value.string()));
}

/** Calico and k3s write these where the kubelet's own range of addresses is to be. */
const PLACEHOLDERS: readonly string[] = ['usePodCidr', 'usePodCidrIPv6'];

function lintRangeSet(set: DocumentValue, add: (range: DocumentValue) => Span, findings: Findings): void {
  findings.check(() => {
    const ranges = set.list();
    if (ranges.length === 0) set.fail('is empty: a set needs at least one range');
    const families = new Set<4 | 6>();
    for (const range of ranges) findings.check(() => families.add(add(range).network.family));
    if (families.size > 1) set.fail('mixes IPv4 and IPv6: the addresses of a set are alternatives');
  });
}
