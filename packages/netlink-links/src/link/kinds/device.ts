import { type NothingOfItsOwn, plainKind } from './kind.js';

/** A link without a kind: hardware, or the loopback. It can be changed, but not made. */
export type DeviceAttributes = NothingOfItsOwn;

// The kernel sends no IFLA_LINKINFO for these; it has no such kind.
export const device = plainKind<DeviceAttributes>('');
