import { type NothingOfItsOwn, plainKind } from './kind.js';

/** A simulated device, for tests of drivers' interfaces. The kernel makes them from `/sys/bus/netdevsim` alone since Linux 5.2. */
export type NetdevsimAttributes = NothingOfItsOwn;

export const netdevsim = plainKind<NetdevsimAttributes>('netdevsim');
