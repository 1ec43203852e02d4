/** A frame that a node's interface has sent or received. */
export interface LabPacket {
  /** The name of the interface. */
  readonly interface: string;
  /** When it passed the interface, in milliseconds since 1970, with a fraction. */
  readonly time: number;
  /** The whole Ethernet frame. */
  readonly data: Buffer;
  /** `'tcp'`, `'udp'`, `'icmp'`, `'icmp6'`, `'arp'`, or the number of the protocol of Ethernet or IP. */
  readonly protocol: string;
  /** Addresses and ports, of IP packets. */
  readonly source?: string;
  readonly destination?: string;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
}

const ETHERNET_HEADER = 14;
const ETHERTYPE_AT = 12;
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_ARP = 0x0806;
const ETHERTYPE_IPV6 = 0x86dd;
const IPV6_HEADER = 40;
const PROTOCOLS: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmp6' };

/** Reads the headers of a frame; what is cut short or unknown is left out. */
export function readPacket(name: string, time: number, data: Buffer): LabPacket {
  const frame = { interface: name, time, data };
  if (data.length < ETHERNET_HEADER) return { ...frame, protocol: 'short' };
  const ethertype = data.readUInt16BE(ETHERTYPE_AT);
  if (ethertype === ETHERTYPE_ARP) return { ...frame, protocol: 'arp' };
  if (ethertype === ETHERTYPE_IPV4 && data.length >= ETHERNET_HEADER + 20) {
    const at = ETHERNET_HEADER;
    const first = (data.readUInt16BE(at + 6) & 0x1fff) === 0;
    return {
      ...frame,
      source: ipv4(data, at + 12),
      destination: ipv4(data, at + 16),
      ...transport(data, data.readUInt8(at + 9), at + (data.readUInt8(at) & 0xf) * 4, first),
    };
  }
  if (ethertype === ETHERTYPE_IPV6 && data.length >= ETHERNET_HEADER + IPV6_HEADER) {
    const at = ETHERNET_HEADER;
    return {
      ...frame,
      source: ipv6(data, at + 8),
      destination: ipv6(data, at + 24),
      ...transport(data, data.readUInt8(at + 6), at + IPV6_HEADER, true),
    };
  }
  return { ...frame, protocol: `0x${ethertype.toString(16).padStart(4, '0')}` };
}

function transport(
  data: Buffer,
  number: number,
  at: number,
  first: boolean,
): Pick<LabPacket, 'protocol' | 'sourcePort' | 'destinationPort'> {
  const protocol = PROTOCOLS[number] ?? String(number);
  if (!first || (protocol !== 'tcp' && protocol !== 'udp') || data.length < at + 4) return { protocol };
  return { protocol, sourcePort: data.readUInt16BE(at), destinationPort: data.readUInt16BE(at + 2) };
}

const ipv4 = (data: Buffer, at: number): string => [...data.subarray(at, at + 4)].join('.');

/** RFC 5952, without its rule for embedded IPv4 addresses. */
function ipv6(data: Buffer, at: number): string {
  const groups = Array.from({ length: 8 }, (_, index) => data.readUInt16BE(at + index * 2).toString(16));
  const zeros = groups.join(':').match(/(?<![0-9a-f])0(:0)+(?![0-9a-f])/g) ?? [];
  const longest = zeros.reduce((best, run) => (run.length > best.length ? run : best), '');
  const text = groups.join(':');
  if (longest === '') return text;
  const [before = '', after = ''] = [
    text.slice(0, text.indexOf(longest)),
    text.slice(text.indexOf(longest) + longest.length),
  ];
  return `${before.replace(/:$/, '')}::${after.replace(/^:/, '')}`;
}

/** `<linux/if_arp.h>`: what the frames of all interfaces of a lab are. */
const LINKTYPE_ETHERNET = 1;
const PCAP_MAGIC = 0xa1b2c3d4;
const MAX_FRAME = 0x40000;

/** A file in the format of libpcap, for tcpdump and Wireshark; pcap-savefile(5). */
export function toPcap(packets: readonly LabPacket[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(PCAP_MAGIC, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(MAX_FRAME, 16);
  header.writeUInt32LE(LINKTYPE_ETHERNET, 20);
  return Buffer.concat([
    header,
    ...packets.flatMap(({ time, data }) => {
      const record = Buffer.alloc(16);
      record.writeUInt32LE(Math.floor(time / 1000), 0);
      record.writeUInt32LE(Math.round((time % 1000) * 1000), 4);
      record.writeUInt32LE(data.length, 8);
      record.writeUInt32LE(data.length, 12);
      return [record, data];
    }),
  ]);
}
