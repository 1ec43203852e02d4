import type { SocketFamilyKind } from './family.js';
import { type NetlinkSocketInfo, netlinkSockets } from './netlink.js';
import { type PacketSocketInfo, packetSockets } from './packet.js';
import { type UnixSocketInfo, unixSockets } from './unix.js';
import { type VsockSocketInfo, vsockSockets } from './vsock.js';
import { type XdpSocketInfo, xdpSockets } from './xdp.js';

/** A socket of one of the families whose sockets are known by their inode. */
export type LocalSocketInfo = UnixSocketInfo | NetlinkSocketInfo | PacketSocketInfo | VsockSocketInfo | XdpSocketInfo;

/** Families of sockets beside those of the Internet. */
export type LocalFamily = LocalSocketInfo['family'];

/** The same, by name. */
export const LOCAL_FAMILIES: { readonly [F in LocalFamily]: SocketFamilyKind<LocalSocketInfo & { family: F }> } = {
  unix: unixSockets,
  netlink: netlinkSockets,
  packet: packetSockets,
  vsock: vsockSockets,
  xdp: xdpSockets,
};

export type { SocketDetail } from './details.js';
export type { GenericSocketInfo } from './generic.js';
export type { Shutdown, SocketIdentity, SocketType } from './identity.js';
export type { InternetFamily, InternetSocketInfo, SocketEndpoint, SocketProtocol } from './internet.js';
export type { SocketMemory } from './memory.js';
export type { NetlinkSocketFlag, NetlinkSocketInfo, NetlinkSocketProtocol } from './netlink.js';
export type {
  PacketMembership,
  PacketRing,
  PacketSocketFlag,
  PacketSocketInfo,
} from './packet.js';
export type { SocketState } from './states.js';
export type { TcpInfo } from './tcp-info.js';
export type { UnixSocketInfo } from './unix.js';
export type { VsockEndpoint, VsockSocketInfo } from './vsock.js';
export type { XdpSocketInfo, XdpSocketStatistics, XdpUmem } from './xdp.js';
