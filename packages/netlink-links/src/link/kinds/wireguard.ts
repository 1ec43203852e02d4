import { plainKind } from './kind.js';

/** A WireGuard tunnel. Its keys and peers are configured by `wg(8)`, which speaks another protocol (generic netlink). */
// biome-ignore lint/complexity/noBannedTypes: it has nothing of its own
export type WireguardAttributes = {};

export const wireguard = plainKind<WireguardAttributes>('wireguard', { addressLength: 0 });
