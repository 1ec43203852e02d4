import { plainKind } from './kind.js';

/** A link without a kind: hardware, or the loopback. It can be changed, but not made. */
// biome-ignore lint/complexity/noBannedTypes: it has nothing of its own
export type DeviceAttributes = {};

// The kernel sends no IFLA_LINKINFO for these; it has no such kind.
export const device = plainKind<DeviceAttributes>('');
