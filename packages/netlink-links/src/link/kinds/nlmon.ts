import { type NothingOfItsOwn, plainKind } from './kind.js';

/** A link on which netlink messages can be captured, those of all programs on the host in its namespace. */
export type NlmonAttributes = NothingOfItsOwn;

export const nlmon = plainKind<NlmonAttributes>('nlmon', { addressLength: 0 });
