import { plainKind } from './kind.js';

/** A WireGuard tunnel. Its keys and peers are set with `wireguardSet`, since they are not attributes of the link. */
// biome-ignore lint/complexity/noBannedTypes: it has nothing of its own
export type WireguardAttributes = {};

export const wireguard = plainKind<WireguardAttributes>('wireguard', { addressLength: 0 });
