import type { AttributeReader } from './attribute-reader.js';
import { withJson } from './json.js';

/**
 * Reads a structure of 64-bit counters. Older kernels have fewer of them: those that are missing are 0.
 *
 * @param names in the order of the structure
 */
export function readCounters<N extends string>(value: AttributeReader, names: readonly N[]): Record<N, bigint> {
  const counters = names.map((name, index) => {
    const offset = index * 8;
    return [name, offset + 8 <= value.length ? value.u64At(offset) : 0n] as const;
  });
  return withJson(Object.fromEntries(counters) as Record<N, bigint>);
}
