import { type NothingOfItsOwn, plainKind } from './kind.js';

/** A CAN bus that all programs on the host share; frames that are sent into it come back. */
export type VcanAttributes = NothingOfItsOwn;

export const vcan = plainKind<VcanAttributes>('vcan', { addressLength: 0 });
