// What is on the wire, by a packet socket: the kernel's word, not ours.
import { runInNamespace } from 'netns-core';
import { AF_PACKET, openReadable, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, sys } from 'netns-core/sys';

/** `ETH_P_ALL` of <linux/if_ether.h>, in network byte order as socket(2) wants it. Only with it are packets seen that leave. */
const ETH_P_ALL = new Uint16Array(new Uint8Array([0x00, 0x03]).buffer)[0];
const TCP = 6;
const SYN_ACK = 0x12;

/**
 * Watches the IPv4 packets of a namespace.
 *
 * @returns the count of TCP packets so far, and by source address the TOS of its SYN-ACKs and of its data
 */
export function watchWire(namespace) {
  const fd = runInNamespace(namespace, () =>
    sys().socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, ETH_P_ALL),
  );
  if (fd < 0) throw new Error(`no packet socket in ${namespace || 'the home namespace'}: errno ${-fd}`);
  const seen = { packets: 0, tos: new Map(), close: () => stream.destroy() };
  const stream = openReadable(fd);
  stream.on('data', (packet) => {
    if (packet[0] >> 4 !== 4) return;
    const header = (packet[0] & 0x0f) * 4;
    if (packet[9] !== TCP) return;
    seen.packets += 1;
    const source = packet.subarray(12, 16).join('.');
    let of = seen.tos.get(source);
    if (of === undefined) {
      of = { synAck: new Set(), data: new Set() };
      seen.tos.set(source, of);
    }
    const tcpHeader = (packet[header + 12] >> 4) * 4;
    if ((packet[header + 13] & SYN_ACK) === SYN_ACK) of.synAck.add(packet[1]);
    else if (packet.readUInt16BE(2) > header + tcpHeader) of.data.add(packet[1]);
  });
  // A packet socket that falls behind loses packets; what it has seen still counts.
  stream.on('error', () => {});
  stream.unref();
  stream.resume();
  return seen;
}
