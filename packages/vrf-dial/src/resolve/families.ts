import type { ResolvedAddress } from './context.js';
import { TYPE_A, TYPE_AAAA } from './record-types.js';

/** Which addresses are wanted: of both families, or of one. */
export type WantedFamily = 0 | 4 | 6;

const FAMILIES: Readonly<Record<WantedFamily, readonly (4 | 6)[]>> = { 0: [6, 4], 4: [4], 6: [6] };
const ONLY_IPV4: readonly (4 | 6)[] = [4];

/** The families in which a caller gets an answer. */
export function wantedFamilies(family: WantedFamily): readonly (4 | 6)[] {
  return FAMILIES[family];
}

/**
 * The families that servers are asked for. With `no-aaaa` that is IPv4 alone, also where only IPv6 is wanted: the
 * answer still tells whether the name exists.
 */
export function askedFamilies(family: WantedFamily, noAaaa: boolean): readonly (4 | 6)[] {
  return noAaaa ? ONLY_IPV4 : FAMILIES[family];
}

/** The type of the records that hold a family's addresses. */
export function recordType(family: 4 | 6): typeof TYPE_A | typeof TYPE_AAAA {
  return family === 4 ? TYPE_A : TYPE_AAAA;
}

/** Of these addresses the wanted ones. */
export function ofFamily(addresses: readonly ResolvedAddress[], family: WantedFamily): readonly ResolvedAddress[] {
  return family === 0 ? addresses : addresses.filter((entry) => entry.family === family);
}
