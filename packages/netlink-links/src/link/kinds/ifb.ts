import { plainKind } from './kind.js';

/** A link to redirect received packets to, so that queueing disciplines can shape them (intermediate functional block). */
// biome-ignore lint/complexity/noBannedTypes: it has nothing of its own
export type IfbAttributes = {};

export const ifb = plainKind<IfbAttributes>('ifb');
