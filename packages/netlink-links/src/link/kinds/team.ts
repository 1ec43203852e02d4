import { type NothingOfItsOwn, plainKind } from './kind.js';

/** Several links as one; a program (teamd) sets it, by generic netlink. */
export type TeamAttributes = NothingOfItsOwn;

export const team = plainKind<TeamAttributes>('team');
