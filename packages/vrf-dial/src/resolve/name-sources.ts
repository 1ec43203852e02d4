import type { ResolvedAddress } from './context.js';
import type { NameSource, SourceStatus } from './nsswitch.js';

/** How one source of names ended. */
export type SourceOutcome =
  | { readonly status: 'SUCCESS'; readonly addresses: readonly ResolvedAddress[] }
  | {
      readonly status: Exclude<SourceStatus, 'SUCCESS'>;
      /** What the caller is told, if nothing else is found. */
      readonly error: () => unknown;
    };

/**
 * Goes through the sources of `nsswitch.conf(5)` in their order, until one ends in a way after which no further one is
 * asked. What one found before another is asked counts only if the two are to be merged.
 *
 * @param ask how a source ends; `undefined` if that is not known yet
 * @returns how all of them together end, `undefined` as soon as it is not known how one does
 */
export function goThroughSources(
  sources: readonly NameSource[],
  ask: (service: NameSource['service']) => SourceOutcome | undefined,
): SourceOutcome | undefined {
  let merged: readonly ResolvedAddress[] = [];
  let last: SourceOutcome | undefined;
  let failed: SourceOutcome | undefined;
  for (const { service, returnsOn, merges } of sources) {
    const outcome = ask(service);
    if (outcome === undefined) return undefined;
    last = outcome;
    if (outcome.status === 'SUCCESS') {
      const addresses = merge(merged, outcome.addresses);
      last = { status: 'SUCCESS', addresses };
      merged = merges ? addresses : [];
    } else if (failed === undefined || service === 'dns') failed = outcome;
    if (returnsOn.has(outcome.status)) break;
  }
  if (last?.status === 'SUCCESS') return last;
  if (merged.length > 0) return { status: 'SUCCESS', addresses: merged };
  // What the servers said tells more than that the hosts file does not have the name.
  return failed ?? last;
}

function merge(some: readonly ResolvedAddress[], others: readonly ResolvedAddress[]): readonly ResolvedAddress[] {
  if (some.length === 0) return others;
  const known = new Set(some.map(({ address }) => address));
  return [...some, ...others.filter(({ address }) => !known.has(address))];
}

/** Whether what DNS finds is the answer whatever the other sources have, so that it can be used family by family. */
export function dnsDecides(sources: readonly NameSource[]): boolean {
  const dns = sources.findIndex(({ service }) => service === 'dns');
  const source = sources[dns];
  if (source === undefined || sources.slice(0, dns).some(({ merges }) => merges)) return false;
  return source.returnsOn.has('SUCCESS') || dns === sources.length - 1;
}
