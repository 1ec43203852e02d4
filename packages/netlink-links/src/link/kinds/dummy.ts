import { plainKind } from './kind.js';

/** A link that drops what is sent into it; for addresses that belong to no other link. */
// biome-ignore lint/complexity/noBannedTypes: it has nothing of its own
export type DummyAttributes = {};

export const dummy = plainKind<DummyAttributes>('dummy', { keepsCarrier: true });
