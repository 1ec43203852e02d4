import { type NothingOfItsOwn, plainKind } from './kind.js';

/** A link to redirect received packets to, so that queueing disciplines can shape them (intermediate functional block). */
export type IfbAttributes = NothingOfItsOwn;

export const ifb = plainKind<IfbAttributes>('ifb');
