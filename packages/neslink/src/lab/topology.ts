/** What a lab is made of. It is plain data, so it can come from a file. */
export interface LabTopology {
  /** The nodes by name. Each is a network namespace `<prefix><name>`. */
  readonly nodes: Readonly<Record<string, LabNodeSpec>>;
  /** What joins them. */
  readonly links?: readonly LabLinkSpec[] | undefined;
  /** Routers that translate addresses. Needs the program `nft`. */
  readonly nat?: readonly LabNatSpec[] | undefined;
}

/** A node. */
export interface LabNodeSpec {
  /** A router forwards packets, a host does not, a switch joins its links by a bridge `br0`. */
  readonly kind: 'host' | 'router' | 'switch';
  /** Addresses beside those of its links, `'192.0.2.1/32'`: on `lo`, or on the bridge of a switch. */
  readonly addresses?: readonly string[] | undefined;
  /** Gateways by destination: `{ default: '192.0.2.1', '2001:db8:1::/64': 'fe80::1%eth0' }`. */
  readonly routes?: Readonly<Record<string, string>> | undefined;
  /** `{ 'net.ipv4.tcp_ecn': 1 }`; those of a network namespace, `net.…`, only. */
  readonly sysctls?: Readonly<Record<string, string | number>> | undefined;
  readonly services?: LabServices | undefined;
  /** Programs that run as long as the lab, by a name for `node.process(name)`. */
  readonly processes?: Readonly<Record<string, LabProcessSpec>> | undefined;
}

/** Servers that the lab itself provides. */
export interface LabServices {
  /**
   * A DNS server on port 53 of all addresses of the node. It knows all nodes by name (`h1` and `h1.lab`) and what is
   * said here. Every node asks it, in `fetch`, `dial` and its programs.
   */
  readonly dns?: boolean | LabDnsSpec | undefined;
}

/** What a DNS server says beside the names of the nodes. */
export interface LabDnsSpec {
  /** Addresses by name, or another name, which becomes a CNAME: `{ 'www.example': 'h1.lab' }`. */
  readonly records?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /**
   * The domain of the nodes' names.
   *
   * @default 'lab'
   */
  readonly domain?: string | undefined;
}

/** A program that runs as long as the lab. */
export interface LabProcessSpec {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Its whole environment. Default: that of this process. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  /** A TCP port: the lab is up once something listens on it. */
  readonly port?: number | undefined;
}

/** Addresses of one end of a link. */
export type LabAddresses = string | readonly string[];

/** A cable between two nodes: a veth pair. */
export interface LabLinkSpec {
  /** The names of the two nodes. */
  readonly between: readonly [string, string];
  /** The addresses of its ends, in the order of `between`: `['192.0.2.1/24', ['192.0.2.2/24', '2001:db8::2/64']]`. */
  readonly addresses?: readonly [LabAddresses?, LabAddresses?] | undefined;
  /** The names of the interfaces, in the order of `between`. Default: `eth0`, `eth1`, … in the order of the links. */
  readonly names?: readonly [string, string] | undefined;
  /** Bytes. */
  readonly mtu?: number | undefined;
  /** Delay of each direction, ms. It, `jitter` and `loss` need netem in the kernel. */
  readonly delay?: number | undefined;
  /** By how much the delay varies, ms. */
  readonly jitter?: number | undefined;
  /** Packets lost in each direction, per cent. */
  readonly loss?: number | undefined;
  /** Bits per second in each direction. Up to 50 ms of packets wait, but at least ten. */
  readonly rate?: number | undefined;
}

/** A router that hides what is behind it: what leaves over a link gets the address of that link. */
export interface LabNatSpec {
  readonly router: string;
  /** The neighbour on the outside. */
  readonly towards: string;
  /** Ports of the outside that lead to a node on the inside. */
  readonly forward?: readonly LabPortForward[] | undefined;
}

/** A port of a router's outside. */
export interface LabPortForward {
  readonly port: number;
  /** `'192.0.2.10:80'`, IPv4. */
  readonly to: string;
  /** @default 'tcp' */
  readonly protocol?: 'tcp' | 'udp' | undefined;
}
