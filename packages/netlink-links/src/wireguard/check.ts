import { InvalidOptionError } from 'netns-core';
import { checkBoolean, checkInteger } from 'netns-core/checks';
import { checkArray, checkProperties, mustBe, propertiesOf } from '../message/checks.js';
import { checkHostBits, type IpNetwork, parseIpNetwork } from '../message/ip-address.js';
import { checkUnknown, type UnknownAttribute } from '../message/unknown-attribute.js';
import { WG_KEY_LEN } from '../uapi/wireguard.js';
import type { WireguardDevice, WireguardPeer } from './device.js';
import { parseEndpoint } from './endpoint.js';
import { clamped, parseKey } from './keys.js';
import type { WireguardPeerSpec, WireguardSettings } from './settings.js';

const DEVICE = propertiesOf<WireguardSettings, WireguardDevice>(
  {
    privateKey: 'set',
    listenPort: 'set',
    fwmark: 'set',
    replacePeers: 'set',
    peers: 'set',
    unknown: 'set',
    ifindex: 'told',
    name: 'told',
    publicKey: 'told',
  },
  { port: 'listenPort', mark: 'fwmark', key: 'privateKey' },
);

const PEER = propertiesOf<WireguardPeerSpec, WireguardPeer>(
  {
    publicKey: 'set',
    presharedKey: 'set',
    endpoint: 'set',
    persistentKeepalive: 'set',
    allowedIPs: 'set',
    replaceAllowedIPs: 'set',
    remove: 'set',
    updateOnly: 'set',
    unknown: 'set',
    lastHandshake: 'told',
    rxBytes: 'told',
    txBytes: 'told',
    protocolVersion: 'told',
  },
  { key: 'publicKey', psk: 'presharedKey', keepalive: 'persistentKeepalive', allowed_ips: 'allowedIPs' },
);

/** A peer whose settings were checked. */
export interface CheckedPeer {
  readonly publicKey: Uint8Array;
  readonly presharedKey: Uint8Array | undefined;
  readonly endpoint: Uint8Array | undefined;
  readonly persistentKeepalive: number | undefined;
  readonly allowedIPs: readonly IpNetwork[];
  readonly replaceAllowedIPs: boolean;
  readonly remove: boolean;
  readonly updateOnly: boolean;
  readonly unknown: readonly UnknownAttribute[];
}

/** Settings that were checked. */
export interface CheckedSettings {
  readonly privateKey: Uint8Array | undefined;
  readonly listenPort: number | undefined;
  readonly fwmark: number | undefined;
  readonly replacePeers: boolean;
  readonly unknown: readonly UnknownAttribute[];
  readonly peers: readonly CheckedPeer[];
}

/** The kernel takes a key of zeros for none. */
function keyOrNone(key: string | null | undefined, property: string): Uint8Array | undefined {
  if (key === undefined) return undefined;
  return key === null ? new Uint8Array(WG_KEY_LEN) : parseKey(key, property);
}

function checkAllowedIPs(property: string, networks: unknown): IpNetwork[] {
  checkArray(property, networks, 'networks');
  return ((networks ?? []) as string[]).map((text, index) => {
    const network = parseIpNetwork(text, `${property}[${index}]`);
    checkHostBits(network, `${property}[${index}]`);
    return network;
  });
}

function checkPeer(peer: WireguardPeerSpec, property: string): CheckedPeer {
  if (typeof peer !== 'object' || peer === null || Array.isArray(peer))
    throw mustBe(property, 'an object with publicKey', peer);
  checkProperties(peer, property, PEER);
  const { publicKey, presharedKey, endpoint, persistentKeepalive, allowedIPs, remove } = peer;
  const key = parseKey(publicKey, `${property}.publicKey`);
  if (remove !== undefined && remove !== true) throw mustBe(`${property}.remove`, 'true, or left out', remove);
  if (remove === true) {
    const excluded = [
      'presharedKey',
      'endpoint',
      'persistentKeepalive',
      'allowedIPs',
      'replaceAllowedIPs',
      'updateOnly',
      'unknown',
    ];
    const other = excluded.find((name) => peer[name as keyof WireguardPeerSpec] !== undefined);
    if (other !== undefined)
      throw new InvalidOptionError(
        `${property}.remove`,
        `${property}.remove excludes ${other}: a peer that is removed has a publicKey only`,
      );
  }
  checkInteger(`${property}.persistentKeepalive`, persistentKeepalive, 0, 0xffff);
  checkBoolean(`${property}.replaceAllowedIPs`, peer.replaceAllowedIPs);
  checkBoolean(`${property}.updateOnly`, peer.updateOnly);
  checkUnknown(peer.unknown, `${property}.unknown`);
  return {
    publicKey: key,
    presharedKey: keyOrNone(presharedKey, `${property}.presharedKey`),
    endpoint: endpoint === undefined ? undefined : parseEndpoint(endpoint, `${property}.endpoint`),
    persistentKeepalive,
    allowedIPs: checkAllowedIPs(`${property}.allowedIPs`, allowedIPs),
    replaceAllowedIPs: peer.replaceAllowedIPs === true,
    remove: remove === true,
    updateOnly: peer.updateOnly === true,
    unknown: peer.unknown ?? [],
  };
}

/** Checks settings of a device. @throws InvalidOptionError */
export function checkWireguardSettings(settings: WireguardSettings): CheckedSettings {
  checkProperties(settings, 'wireguardSet', DEVICE);
  const { privateKey, listenPort, fwmark, replacePeers, peers } = settings;
  checkInteger('listenPort', listenPort, 0, 0xffff);
  checkInteger('fwmark', fwmark, 0, 0xffffffff);
  checkBoolean('replacePeers', replacePeers);
  checkUnknown(settings.unknown);
  checkArray('peers', peers, 'peers');
  const positions = new Map<string, number>();
  const key = keyOrNone(privateKey, 'privateKey');
  return {
    privateKey: key === undefined || privateKey === null ? key : clamped(key),
    listenPort,
    fwmark,
    replacePeers: replacePeers === true,
    unknown: settings.unknown ?? [],
    peers: (peers ?? []).map((peer, position) => {
      const checked = checkPeer(peer, `peers[${position}]`);
      const before = positions.get(peer.publicKey);
      if (before !== undefined)
        throw new InvalidOptionError(
          `peers[${position}].publicKey`,
          `peers[${position}].publicKey is that of peers[${before}], too: a peer may be given once`,
        );
      positions.set(peer.publicKey, position);
      return checked;
    }),
  };
}
