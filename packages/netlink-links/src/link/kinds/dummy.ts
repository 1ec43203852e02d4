import { type NothingOfItsOwn, plainKind } from './kind.js';

/** A link that drops what is sent into it; for addresses that belong to no other link. */
export type DummyAttributes = NothingOfItsOwn;

export const dummy = plainKind<DummyAttributes>('dummy', { keepsCarrier: true });
