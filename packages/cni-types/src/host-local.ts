import { type DocumentValue, shown } from './document-value.js';
import { bitsOf, type Cidr, checkIp, checkNetwork, contains, firstOf, lastOf } from './ip-address.js';

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

/** Checks `ranges` (a list of sets of ranges) and, before it existed, `subnet` at the top. */
export function checkHostLocal(ipam: DocumentValue): void {
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
  if (ipam.at('subnet').present) add(ipam);
  ipam.at('ranges').optional((ranges) => {
    for (const set of ranges.list()) {
      const ofSet = set.list();
      if (ofSet.length === 0) set.fail('is empty: a set needs at least one range');
      const families = new Set(ofSet.map((range) => add(range).network.family));
      if (families.size > 1) set.fail('mixes IPv4 and IPv6: the addresses of a set are alternatives');
    }
  });
  ipam.at('dataDir').optional((value) => value.string());
  ipam.at('resolvConf').optional((value) => value.string());
}
