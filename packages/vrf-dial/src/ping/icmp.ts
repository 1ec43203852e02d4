import { LITTLE_ENDIAN } from 'netns-core/sys';

/** `<netinet/ip_icmp.h>`, `<netinet/icmp6.h>` */
const ICMP_ECHO = 8;
const ICMP_ECHOREPLY = 0;
const ICMPV6_ECHO_REQUEST = 128;
const ICMPV6_ECHO_REPLY = 129;

/** Of an echo request or reply: type, code, checksum, identifier, sequence number. */
export const ICMP_HEADER = 8;

/** Makes an echo request (RFC 792, RFC 4443 section 4.1). The kernel fills in what it knows better. */
export function encodeEchoRequest(
  family: 4 | 6,
  { id, sequence, data }: { readonly id: number; readonly sequence: number; readonly data: Uint8Array },
): Uint8Array {
  const bytes = new Uint8Array(ICMP_HEADER + data.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = family === 4 ? ICMP_ECHO : ICMPV6_ECHO_REQUEST;
  view.setUint16(4, id);
  view.setUint16(6, sequence);
  bytes.set(data, ICMP_HEADER);
  // That of ICMPv6 covers addresses which the kernel chooses, and so the kernel makes it.
  if (family === 4) view.setUint16(2, checksum(bytes));
  return bytes;
}

/** RFC 1071. */
function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let index = 0; index < bytes.length; index += 2) sum += ((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/** An echo reply, or the request that an error is about. */
export interface EchoMessage {
  readonly id: number;
  readonly sequence: number;
  readonly data: Uint8Array;
}

/** Reads an echo reply; `undefined` for anything else. */
export function readEchoReply(family: 4 | 6, bytes: Uint8Array): EchoMessage | undefined {
  return readEcho(bytes, family === 4 ? ICMP_ECHOREPLY : ICMPV6_ECHO_REPLY);
}

/** Reads the beginning of an echo request, as errors repeat it; `undefined` for anything else. */
export function readEchoRequest(family: 4 | 6, bytes: Uint8Array): EchoMessage | undefined {
  return readEcho(bytes, family === 4 ? ICMP_ECHO : ICMPV6_ECHO_REQUEST);
}

function readEcho(bytes: Uint8Array, type: number): EchoMessage | undefined {
  if (bytes.length < ICMP_HEADER || bytes[0] !== type || bytes[1] !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { id: view.getUint16(4), sequence: view.getUint16(6), data: bytes.subarray(ICMP_HEADER) };
}

/** The ICMP message behind its IPv4 header, and the header's TTL: raw IPv4 sockets give both. */
export function skipIPv4Header(packet: Uint8Array): { readonly message: Uint8Array; readonly ttl: number } | undefined {
  const length = ((packet[0] ?? 0) & 0xf) * 4;
  if ((packet[0] ?? 0) >> 4 !== 4 || length < 20 || packet.length < length) return undefined;
  return { message: packet.subarray(length), ttl: packet[8] ?? 0 };
}

/** Lets a raw IPv4 socket receive echo replies alone (`ICMP_FILTER`: a bit for each type that is left out). */
export function onlyEchoReplies(): Uint8Array {
  const filter = new DataView(new ArrayBuffer(4));
  filter.setUint32(0, 0xffffffff - 2 ** ICMP_ECHOREPLY, LITTLE_ENDIAN);
  return new Uint8Array(filter.buffer);
}

/** The same for ICMPv6 (`struct icmp6_filter`, RFC 3542 section 3.2: 256 bits). */
export function onlyEchoRepliesV6(): Uint8Array {
  const filter = new DataView(new ArrayBuffer(32));
  for (let word = 0; word < 8; word += 1) filter.setUint32(4 * word, 0xffffffff, LITTLE_ENDIAN);
  const word = ICMPV6_ECHO_REPLY >> 5;
  filter.setUint32(4 * word, 0xffffffff - 2 ** (ICMPV6_ECHO_REPLY & 31), LITTLE_ENDIAN);
  return new Uint8Array(filter.buffer);
}

const UNREACHABLE: readonly string[] = [
  ...['network unreachable', 'host unreachable', 'protocol unreachable', 'port unreachable', 'fragmentation needed'],
  ...['source route failed', 'network unknown', 'host unknown', 'source host isolated'],
  ...['network administratively prohibited', 'host administratively prohibited', 'network unreachable for this TOS'],
  ...['host unreachable for this TOS', 'communication administratively prohibited'],
];
const UNREACHABLE_V6: readonly string[] = [
  ...['no route to the destination', 'communication administratively prohibited', 'beyond the scope of the source'],
  ...['address unreachable', 'port unreachable', 'source address failed policy', 'reject route'],
];

/** What an ICMP error says (RFC 792, RFC 4443 section 3). */
export function describeIcmpError(family: 4 | 6, type: number, code: number): string {
  const unreachable = family === 4 ? 3 : 1;
  if (type === unreachable)
    return (family === 4 ? UNREACHABLE : UNREACHABLE_V6)[code] ?? `destination unreachable (code ${code})`;
  if (type === (family === 4 ? 11 : 3)) return code === 0 ? 'time to live exceeded' : 'fragments were lost';
  if (family === 6 && type === 2) return 'packet too big';
  if (type === (family === 4 ? 12 : 4)) return 'parameter problem';
  return `ICMP type ${type}, code ${code}`;
}
