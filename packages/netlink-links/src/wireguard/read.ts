import { AttributeReader } from '../message/attribute-reader.js';
import { withJson } from '../message/json.js';
import type { MessageBytes } from '../message/message-bytes.js';
import type { Mutable } from '../message/mutable.js';
import { keepUnknown } from '../message/unknown-attribute.js';
import { GENL_HDRLEN } from '../uapi/genetlink.js';
import {
  WG_KEY_LEN,
  WGALLOWEDIP_A_CIDR_MASK,
  WGALLOWEDIP_A_IPADDR,
  WGDEVICE_A_FLAGS,
  WGDEVICE_A_FWMARK,
  WGDEVICE_A_IFINDEX,
  WGDEVICE_A_IFNAME,
  WGDEVICE_A_LISTEN_PORT,
  WGDEVICE_A_PEERS,
  WGDEVICE_A_PRIVATE_KEY,
  WGDEVICE_A_PUBLIC_KEY,
  WGPEER_A_ALLOWEDIPS,
  WGPEER_A_ENDPOINT,
  WGPEER_A_FLAGS,
  WGPEER_A_LAST_HANDSHAKE_TIME,
  WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL,
  WGPEER_A_PRESHARED_KEY,
  WGPEER_A_PROTOCOL_VERSION,
  WGPEER_A_PUBLIC_KEY,
  WGPEER_A_RX_BYTES,
  WGPEER_A_TX_BYTES,
} from '../uapi/wireguard.js';
import type { WireguardDevice, WireguardPeer } from './device.js';
import { formatEndpoint } from './endpoint.js';
import { formatKey } from './keys.js';
import { hideWhenPrinted } from './secrets.js';

/** What one message of a dump tells: the device itself only in the first, and a peer may go on in the next. */
export type DevicePart = Mutable<WireguardDevice>;

/** Reads a message of `WG_CMD_GET_DEVICE`. */
export function readDevicePart(bytes: MessageBytes, start: number, end: number): DevicePart {
  const peers: WireguardPeer[] = [];
  const device: DevicePart = { ifindex: 0, name: '', listenPort: 0, fwmark: 0, peers };
  const attributes = new AttributeReader(bytes, start + GENL_HDRLEN, end);
  while (attributes.next())
    switch (attributes.type) {
      case WGDEVICE_A_IFINDEX:
        device.ifindex = attributes.u32();
        break;
      case WGDEVICE_A_IFNAME:
        device.name = attributes.string();
        break;
      case WGDEVICE_A_PRIVATE_KEY:
        setKey(attributes, (key) => {
          device.privateKey = key;
        });
        break;
      case WGDEVICE_A_PUBLIC_KEY:
        setKey(attributes, (key) => {
          device.publicKey = key;
        });
        break;
      case WGDEVICE_A_LISTEN_PORT:
        device.listenPort = attributes.u16();
        break;
      case WGDEVICE_A_FWMARK:
        device.fwmark = attributes.u32();
        break;
      case WGDEVICE_A_PEERS: {
        const list = attributes.nested();
        while (list.next()) peers.push(readPeer(list.nested()));
        break;
      }
      // What a program asks for; the kernel does not tell it.
      case WGDEVICE_A_FLAGS:
        break;
      default:
        keepUnknown(attributes, device);
    }
  return device;
}

/** A key of zeros is none. */
function setKey(attributes: AttributeReader, set: (key: string) => void): void {
  if (attributes.length !== WG_KEY_LEN) {
    attributes.bytes.fail(`a key has ${attributes.length} bytes`);
    return;
  }
  const key = attributes.copy();
  if (key.some((byte) => byte !== 0)) set(formatKey(key));
}

function readPeer(attributes: AttributeReader): WireguardPeer {
  const allowedIPs: string[] = [];
  const peer: Mutable<WireguardPeer> = {
    publicKey: '',
    persistentKeepalive: 0,
    allowedIPs,
    rxBytes: 0n,
    txBytes: 0n,
    protocolVersion: 0,
  };
  while (attributes.next())
    switch (attributes.type) {
      case WGPEER_A_PUBLIC_KEY:
        setKey(attributes, (key) => {
          peer.publicKey = key;
        });
        break;
      case WGPEER_A_PRESHARED_KEY:
        setKey(attributes, (key) => {
          peer.presharedKey = key;
        });
        break;
      case WGPEER_A_ENDPOINT: {
        const endpoint = formatEndpoint(attributes.copy());
        if (endpoint !== undefined) peer.endpoint = endpoint;
        break;
      }
      case WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL:
        peer.persistentKeepalive = attributes.u16();
        break;
      case WGPEER_A_LAST_HANDSHAKE_TIME: {
        // struct __kernel_timespec
        const time = Number(attributes.u64At(0)) * 1000 + Math.floor(Number(attributes.u64At(8)) / 1e6);
        if (time !== 0) peer.lastHandshake = time;
        break;
      }
      case WGPEER_A_RX_BYTES:
        peer.rxBytes = attributes.u64();
        break;
      case WGPEER_A_TX_BYTES:
        peer.txBytes = attributes.u64();
        break;
      case WGPEER_A_PROTOCOL_VERSION:
        peer.protocolVersion = attributes.u32();
        break;
      case WGPEER_A_ALLOWEDIPS: {
        const list = attributes.nested();
        while (list.next()) allowedIPs.push(readAllowedIP(list.nested()));
        break;
      }
      case WGPEER_A_FLAGS:
        break;
      default:
        keepUnknown(attributes, peer);
    }
  return hideWhenPrinted(peer, ['presharedKey']);
}

function readAllowedIP(attributes: AttributeReader): string {
  let address = '';
  let prefixLength = 0;
  while (attributes.next()) {
    if (attributes.type === WGALLOWEDIP_A_IPADDR) address = attributes.ipAddress();
    else if (attributes.type === WGALLOWEDIP_A_CIDR_MASK) prefixLength = attributes.u8();
  }
  return `${address}/${prefixLength}`;
}

/** Joins the messages of a dump; `undefined` where there is none. */
export function joinParts(parts: readonly DevicePart[]): WireguardDevice | undefined {
  const [first] = parts;
  if (first === undefined) return undefined;
  const peers: { peer: WireguardPeer; allowedIPs: string[] }[] = [];
  for (const part of parts)
    for (const peer of part.peers) {
      const last = peers.at(-1);
      if (last !== undefined && last.peer.publicKey === peer.publicKey) {
        for (const network of peer.allowedIPs) last.allowedIPs.push(network);
        if (peer.unknown !== undefined)
          last.peer = { ...last.peer, unknown: [...(last.peer.unknown ?? []), ...peer.unknown] };
      } else peers.push({ peer, allowedIPs: [...peer.allowedIPs] });
    }
  const joined = peers.map(({ peer, allowedIPs }) =>
    hideWhenPrinted(withJson({ ...peer, allowedIPs }), ['presharedKey']),
  );
  return hideWhenPrinted<WireguardDevice>({ ...first, peers: joined }, ['privateKey']);
}
