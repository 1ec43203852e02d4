import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Link } from 'netlink-links';
import { InvalidOptionError, type NamespaceRef, NetnsError, runInNamespace } from 'netns-core';
import { checkFunction, checkInteger, checkKnownOptions, checkOptionsObject } from 'netns-core/checks';
import {
  AF_PACKET,
  F_DUPFD_CLOEXEC,
  LITTLE_ENDIAN,
  openReadable,
  SO_RCVBUF,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOL_SOCKET,
  setIntOption,
  sys,
} from 'netns-core/sys';
import { type LabPacket, readPacket, toPcap } from './packet.js';

/** What a node captures. */
export interface LabCaptureOptions {
  /** The interface. Default: those of all the node's links. */
  readonly interface?: string | undefined;
  /** Which packets are kept. Default: all. */
  readonly filter?: ((packet: LabPacket) => boolean) | undefined;
  /**
   * How many packets are kept; further ones are dropped.
   *
   * @default 100_000
   */
  readonly maxPackets?: number | undefined;
}

/** A running capture. */
export interface LabCapture extends AsyncDisposable {
  /** What has come so far. */
  readonly packets: readonly LabPacket[];
  /** Ends the capture, and gives all packets up to now. May be called more than once. */
  stop(): Promise<readonly LabPacket[]>;
  /** What has come so far as a file for tcpdump and Wireshark. */
  pcap(): Buffer;
}

/** `SIOCGSTAMPNS_NEW` of `<asm-generic/sockios.h>`, Linux 5.1. */
const SIOCGSTAMPNS = 0x80108907;
/** In network byte order; `<linux/if_ether.h>` */
const ETH_P_ALL = [0x00, 0x03] as const;
/** `struct sockaddr_ll`: family, protocol (u16 each), ifindex (i32), and more. */
const SOCKADDR_LL_SIZE = 20;
/** The kernel cuts it to net.core.rmem_max. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/**
 * Captures what interfaces send and receive, by a packet socket for each; packet(7).
 *
 * @throws InvalidOptionError; NetnsError
 */
export function startCapture(
  namespace: NamespaceRef,
  links: readonly Link[],
  options: LabCaptureOptions,
  onEnd: () => void,
): LabCapture {
  const packets: LabPacket[] = [];
  const times: bigint[] = [];
  const sockets: Socket[] = [];
  const fds: number[] = [];
  const calls = sys();
  const closeAll = (): void => {
    for (const socket of sockets) socket.destroy();
    for (const fd of fds.splice(0)) calls.close(fd);
  };
  const { filter, maxPackets = 100_000 } = options;
  try {
    for (const { name, index } of links) {
      const fd = openPacketSocket(namespace, name, index);
      fds.push(fd);
      // The stream reads a copy, under a number of its own; this one is asked when a packet came.
      const copy = calls.fcntl(fd, F_DUPFD_CLOEXEC, 0);
      if (copy < 0) throw NetnsError.fromErrno(-copy, 'fcntl', `cannot capture on ${name}`);
      const socket = openReadable(copy);
      sockets.push(socket);
      socket.on('data', (data: Buffer) => {
        if (packets.length >= maxPackets) return;
        const nanoseconds = lastTimestamp(fd);
        // Read buffers are large and shared by what is read after one another.
        const packet = readPacket(name, Number(nanoseconds) / 1e6, Buffer.from(data));
        if (filter !== undefined && !filter(packet)) return;
        // Each interface is read by itself: what came earlier may be read later.
        let at = times.length;
        while (at > 0 && (times[at - 1] ?? 0n) > nanoseconds) at -= 1;
        times.splice(at, 0, nanoseconds);
        packets.splice(at, 0, packet);
      });
      // The interface went down, or is gone.
      socket.on('error', () => socket.destroy());
      // It was made paused, and a listener alone does not change that.
      socket.resume();
      socket.unref();
    }
  } catch (error) {
    closeAll();
    throw error;
  }
  const stop = async (): Promise<readonly LabPacket[]> => {
    // What the kernel has queued is read first: a turn of the event loop in which nothing came is the end of it.
    for (let seen = -1, reads = bytesRead(sockets); seen !== reads; reads = bytesRead(sockets)) {
      seen = reads;
      await nextTurn();
      await nextTurn();
    }
    closeAll();
    onEnd();
    return packets;
  };
  return { packets, stop, pcap: () => toPcap(packets), [Symbol.asyncDispose]: async () => void (await stop()) };
}

function bytesRead(sockets: readonly Socket[]): number {
  return sockets.reduce((sum, socket) => sum + socket.bytesRead, 0);
}

const timestamp = new BigInt64Array(2);
const timestampBytes = new Uint8Array(timestamp.buffer);

/** When the packet that was read last came, in nanoseconds since 1970. The first call makes the kernel take notes of it. */
function lastTimestamp(fd: number): bigint {
  const result = sys().ioctl(fd, SIOCGSTAMPNS, timestampBytes);
  const [seconds = 0n, nanoseconds = 0n] = timestamp;
  return result < 0 ? BigInt(Date.now()) * 1_000_000n : seconds * 1_000_000_000n + nanoseconds;
}

/** @throws InvalidOptionError */
export function checkCaptureOptions(options: LabCaptureOptions): void {
  checkOptionsObject(options, 'capture');
  checkKnownOptions(options, {
    callee: 'capture',
    names: ['interface', 'filter', 'maxPackets'],
    synonyms: { device: 'interface', dev: 'interface', link: 'interface', count: 'maxPackets' },
  });
  if (typeof options.filter === 'string')
    throw new InvalidOptionError(
      'filter',
      "filter must be a function of a packet, such as ({ protocol }) => protocol === 'tcp'",
    );
  checkFunction('filter', options.filter);
  checkInteger('maxPackets', options.maxPackets, 1, 10_000_000);
}

function openPacketSocket(namespace: NamespaceRef, name: string, index: number): number {
  const calls = sys();
  // Without a protocol it receives nothing, until it is bound to its interface.
  const fd = runInNamespace(namespace, () => calls.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const what = `cannot capture on ${name}`;
  if (fd < 0) throw NetnsError.fromErrno(-fd, 'socket', what);
  setIntOption(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER_BYTES);
  lastTimestamp(fd);
  const address = new Uint8Array(SOCKADDR_LL_SIZE);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_PACKET, LITTLE_ENDIAN);
  address.set(ETH_P_ALL, 2);
  view.setInt32(4, index, LITTLE_ENDIAN);
  const bound = calls.bind(fd, address);
  if (bound < 0) {
    calls.close(fd);
    throw NetnsError.fromErrno(-bound, 'bind', what);
  }
  return fd;
}
