import type { WithUnknown } from '../message/unknown-attribute.js';

/** Settings of a WireGuard device; what is left out stays as it is. A device as it was read will do. */
export interface WireguardSettings extends WithUnknown {
  /** `null` takes it away. */
  privateKey?: string | null | undefined;
  /** 0 for any that is free. */
  listenPort?: number | undefined;
  /** 0 for none. */
  fwmark?: number | undefined;
  /** Whether peers that are not given are removed. */
  replacePeers?: boolean | undefined;
  peers?: readonly WireguardPeerSpec[] | undefined;
}

/** A peer to be added or changed; what is left out stays as it is. */
export interface WireguardPeerSpec extends WithUnknown {
  publicKey: string;
  /** `null` takes it away. */
  presharedKey?: string | null | undefined;
  /** An address and a port; no names, since nothing is looked up. */
  endpoint?: string | undefined;
  /** In seconds; 0 for none. */
  persistentKeepalive?: number | undefined;
  /** Networks. They are added to those that the peer has, and taken from the peers that have them. */
  allowedIPs?: readonly string[] | undefined;
  /** Whether the peer loses the networks that are not given. */
  replaceAllowedIPs?: boolean | undefined;
  /** Remove the peer. Excludes all others. */
  remove?: true | undefined;
  /** Change the peer if it is there, and do not add it. */
  updateOnly?: boolean | undefined;
}
