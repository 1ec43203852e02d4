import type { WithUnknown } from '../message/unknown-attribute.js';

/** A WireGuard device with its peers. Keys are base64, as `wg` prints them; printed with `console.log`, secret ones are hidden. */
export interface WireguardDevice extends WithUnknown {
  readonly ifindex: number;
  readonly name: string;
  /** Absent where none is set. */
  readonly privateKey?: string;
  readonly publicKey?: string;
  readonly listenPort: number;
  /** Of the packets that it sends; 0 for none. */
  readonly fwmark: number;
  readonly peers: readonly WireguardPeer[];
}

/** A peer of a WireGuard device. */
export interface WireguardPeer extends WithUnknown {
  readonly publicKey: string;
  readonly presharedKey?: string;
  /** `'192.0.2.1:51820'`, `'[2001:db8::1]:51820'`, or with the index of a link `'[fe80::1%7]:51820'`. */
  readonly endpoint?: string;
  /** In seconds; 0 for none. */
  readonly persistentKeepalive: number;
  readonly allowedIPs: readonly string[];
  /** In milliseconds since 1970; absent where there was none. */
  readonly lastHandshake?: number;
  readonly rxBytes: bigint;
  readonly txBytes: bigint;
  readonly protocolVersion: number;
}
