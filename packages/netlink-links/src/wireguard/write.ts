import { MessageWriter } from '../message/message-writer.js';
import { writeUnknown } from '../message/unknown-attribute.js';
import { GENL_HDRLEN } from '../uapi/genetlink.js';
import { NLA_HDRLEN, NLM_F_ACK } from '../uapi/netlink.js';
import {
  WG_CMD_SET_DEVICE,
  WG_GENL_VERSION,
  WGALLOWEDIP_A_CIDR_MASK,
  WGALLOWEDIP_A_FAMILY,
  WGALLOWEDIP_A_IPADDR,
  WGDEVICE_A_FLAGS,
  WGDEVICE_A_FWMARK,
  WGDEVICE_A_IFINDEX,
  WGDEVICE_A_IFNAME,
  WGDEVICE_A_LISTEN_PORT,
  WGDEVICE_A_PEERS,
  WGDEVICE_A_PRIVATE_KEY,
  WGDEVICE_F_REPLACE_PEERS,
  WGPEER_A_ALLOWEDIPS,
  WGPEER_A_ENDPOINT,
  WGPEER_A_FLAGS,
  WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL,
  WGPEER_A_PRESHARED_KEY,
  WGPEER_A_PUBLIC_KEY,
  WGPEER_F_REMOVE_ME,
  WGPEER_F_REPLACE_ALLOWEDIPS,
  WGPEER_F_UPDATE_ONLY,
} from '../uapi/wireguard.js';
import type { CheckedPeer, CheckedSettings } from './check.js';
import { familyOf } from './endpoint.js';

/** Some of the networks of a peer, or all: what of it goes into one message. */
interface PeerPart {
  readonly peer: CheckedPeer;
  readonly from: number;
  to: number;
}

/** What a message may hold besides the device itself. */
const MESSAGE_SIZE = 16 * 1024;
/** The most that a peer takes without its networks, and one network. */
const PEER_SIZE = 160;
const NETWORK_SIZE = 40;

/** Shares the peers out among messages: at least one message, the first of which may have none. */
function share(peers: readonly CheckedPeer[]): PeerPart[][] {
  const messages: PeerPart[][] = [];
  let current: PeerPart[] = [];
  let size = 0;
  const begin = (): void => {
    current = [];
    size = 0;
    messages.push(current);
  };
  begin();
  for (const peer of peers) {
    if (size + PEER_SIZE + NETWORK_SIZE > MESSAGE_SIZE) begin();
    let part: PeerPart = { peer, from: 0, to: 0 };
    current.push(part);
    size += PEER_SIZE + peer.unknown.reduce((sum, { data }) => sum + NLA_HDRLEN + data.length, 0);
    for (let at = 0; at < peer.allowedIPs.length; at += 1) {
      if (size + NETWORK_SIZE > MESSAGE_SIZE) {
        begin();
        part = { peer, from: at, to: at };
        current.push(part);
        size += PEER_SIZE;
      }
      part.to = at + 1;
      size += NETWORK_SIZE;
    }
  }
  return messages;
}

/** Writes the link that is meant. A name that is longer than the kernel takes here was looked up. */
export function writeLink(message: MessageWriter, link: string | number): void {
  if (typeof link === 'number') message.u32(WGDEVICE_A_IFINDEX, link);
  else message.string(WGDEVICE_A_IFNAME, link);
}

/**
 * The messages that make settings, to be sent in order: long lists of peers do not fit into one.
 *
 * @param type the number of the family
 */
export function settingMessages(type: number, link: string | number, settings: CheckedSettings): Uint8Array[] {
  return share(settings.peers).map((parts, position) => {
    const message = new MessageWriter(type, NLM_F_ACK).header(GENL_HDRLEN, (view, at) => {
      view.setUint8(at, WG_CMD_SET_DEVICE);
      view.setUint8(at + 1, WG_GENL_VERSION);
    });
    writeLink(message, link);
    if (position === 0) writeDevice(message, settings);
    if (parts.length > 0)
      message.nest(
        WGDEVICE_A_PEERS,
        () => {
          for (const part of parts) message.nest(0, () => writePeer(message, part), true);
        },
        true,
      );
    return message.finish();
  });
}

function writeDevice(
  message: MessageWriter,
  { privateKey, listenPort, fwmark, replacePeers, unknown }: CheckedSettings,
): void {
  if (privateKey !== undefined) message.bytes(WGDEVICE_A_PRIVATE_KEY, privateKey);
  if (listenPort !== undefined) message.u16(WGDEVICE_A_LISTEN_PORT, listenPort);
  if (fwmark !== undefined) message.u32(WGDEVICE_A_FWMARK, fwmark);
  if (replacePeers) message.u32(WGDEVICE_A_FLAGS, WGDEVICE_F_REPLACE_PEERS);
  writeUnknown(message, unknown);
}

function writePeer(message: MessageWriter, { peer, from, to }: PeerPart): void {
  const { publicKey, presharedKey, endpoint, persistentKeepalive, allowedIPs } = peer;
  message.bytes(WGPEER_A_PUBLIC_KEY, publicKey);
  let flags = (peer.remove ? WGPEER_F_REMOVE_ME : 0) | (peer.updateOnly ? WGPEER_F_UPDATE_ONLY : 0);
  // A peer that continues has the rest already, and must keep the networks that came before.
  if (from === 0) {
    if (peer.replaceAllowedIPs) flags |= WGPEER_F_REPLACE_ALLOWEDIPS;
    if (presharedKey !== undefined) message.bytes(WGPEER_A_PRESHARED_KEY, presharedKey);
    if (endpoint !== undefined) message.bytes(WGPEER_A_ENDPOINT, endpoint);
    if (persistentKeepalive !== undefined) message.u16(WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, persistentKeepalive);
    writeUnknown(message, peer.unknown);
  }
  if (flags !== 0) message.u32(WGPEER_A_FLAGS, flags);
  if (to === from) return;
  message.nest(
    WGPEER_A_ALLOWEDIPS,
    () => {
      for (const { bytes, prefixLength } of allowedIPs.slice(from, to))
        message.nest(
          0,
          () =>
            message
              .u16(WGALLOWEDIP_A_FAMILY, familyOf(bytes))
              .bytes(WGALLOWEDIP_A_IPADDR, bytes)
              .u8(WGALLOWEDIP_A_CIDR_MASK, prefixLength),
          true,
        );
    },
    true,
  );
}
