import { type NothingOfItsOwn, plainKind } from './kind.js';

/** A WireGuard tunnel. Its keys and peers are set with `wireguardSet`, since they are not attributes of the link. */
export type WireguardAttributes = NothingOfItsOwn;

export const wireguard = plainKind<WireguardAttributes>('wireguard', { addressLength: 0 });
