/** Bytes as hardware addresses are written. */
export function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** The type of an Ethernet frame: 0x0806 ARP, 0x0800 IPv4, 0x86dd IPv6. */
export function etherType(frame: Uint8Array): number {
  return ((frame[12] ?? 0) << 8) | (frame[13] ?? 0);
}

const mac = (text: string): number[] => text.split(':').map((byte) => Number.parseInt(byte, 16));
const ipv4 = (text: string): number[] => text.split('.').map(Number);
const BROADCAST = 'ff:ff:ff:ff:ff:ff';

function ipv6(text: string): number[] {
  const [head = '', tail] = text.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const middle = new Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...middle, ...right].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** RFC 1071. */
function checksum(bytes: readonly number[]): number[] {
  let sum = 0;
  for (let index = 0; index < bytes.length; index += 2) sum += ((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return [(~sum >> 8) & 0xff, ~sum & 0xff];
}

function ethernet(destination: string, source: string, type: number, payload: readonly number[]): Uint8Array {
  return new Uint8Array([...mac(destination), ...mac(source), type >> 8, type & 0xff, ...payload]);
}

/** Who has `target`? Tell `address`. */
export function arpRequest(source: string, address: string, target: string): Uint8Array {
  return ethernet(BROADCAST, source, 0x0806, [
    ...[0, 1, 8, 0, 6, 4, 0, 1],
    ...mac(source),
    ...ipv4(address),
    ...[0, 0, 0, 0, 0, 0],
    ...ipv4(target),
  ]);
}

/** RFC 4861: who has `target`? Tell `address`. */
export function neighbourSolicitation(source: string, address: string, target: string): Uint8Array {
  const last = ipv6(target).slice(13);
  const to = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, ...last];
  const message = (sum: readonly number[]): number[] => [
    ...[135, 0, ...sum, 0, 0, 0, 0],
    ...ipv6(target),
    ...[1, 1, ...mac(source)],
  ];
  const body = message([0, 0]);
  const pseudo = [...ipv6(address), ...to, 0, 0, 0, body.length, 0, 0, 0, 58];
  return ethernet(hex(new Uint8Array([0x33, 0x33, 0xff, ...last])), source, 0x86dd, [
    ...[0x60, 0, 0, 0, 0, body.length, 58, 255],
    ...ipv6(address),
    ...to,
    ...message(checksum([...pseudo, ...body])),
  ]);
}

/** RFC 2131: is there a DHCP server? */
export function dhcpDiscover(source: string): Uint8Array {
  const bootp = [
    ...[1, 1, 6, 0, 0x12, 0x34, 0x56, 0x78, 0, 0, 0x80, 0],
    ...new Array<number>(16).fill(0),
    ...[...mac(source), ...new Array<number>(10).fill(0)],
    ...new Array<number>(192).fill(0),
    ...[0x63, 0x82, 0x53, 0x63],
    ...[53, 1, 1, 255],
    ...new Array<number>(56).fill(0),
  ];
  const udpLength = bootp.length + 8;
  const length = udpLength + 20;
  const header = (sum: readonly number[]): number[] => [
    ...[0x45, 0, length >> 8, length & 0xff, 0, 0, 0, 0, 64, 17, ...sum],
    ...ipv4('0.0.0.0'),
    ...ipv4('255.255.255.255'),
  ];
  return ethernet(BROADCAST, source, 0x0800, [
    ...header(checksum(header([0, 0]))),
    ...[0, 68, 0, 67, udpLength >> 8, udpLength & 0xff, 0, 0],
    ...bootp,
  ]);
}
