import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { type NetnsHandle, runInNamespace } from 'netns-core';

/** A TCP or UDP socket that waits for others, or is connected. */
export interface MapSocket {
  readonly protocol: 'tcp' | 'udp';
  readonly state: 'listening' | 'connected';
  /** `192.0.2.1:80`, `[::]:443`. */
  readonly local: string;
  /** The other end of a connection. */
  readonly remote?: string;
  readonly inode: number;
  /** Names of the processes that have it open. */
  readonly processes: readonly string[];
}

const FILES = ['tcp', 'tcp6', 'udp', 'udp6'] as const;
/** `TCP_ESTABLISHED` and `TCP_LISTEN` of `<net/tcp_states.h>`; an unconnected UDP socket has `TCP_CLOSE`. */
const ESTABLISHED = 0x01;
const CLOSE = 0x07;
const LISTEN = 0x0a;

/** Which processes have a socket open, by its inode. */
export type SocketOwners = ReadonlyMap<number, readonly string[]>;

/** Looks at the descriptors of every process that the caller may look at. */
export function readSocketOwners(): SocketOwners {
  const owners = new Map<number, string[]>();
  for (const pid of namesIn('/proc').filter((name) => /^\d+$/.test(name))) {
    let command: string | undefined;
    for (const fd of namesIn(`/proc/${pid}/fd`)) {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`)) ?? [];
      if (inode === undefined) continue;
      command ??= textOf(`/proc/${pid}/comm`).trimEnd();
      const names = owners.get(Number(inode)) ?? [];
      if (!names.includes(command)) names.push(command);
      owners.set(Number(inode), names);
    }
  }
  return owners;
}

/** The sockets of a namespace, as proc(5) shows them to a thread that is in it. */
export function readSockets(namespace: NetnsHandle, owners: SocketOwners): MapSocket[] {
  const texts = runInNamespace(namespace, () => FILES.map((file) => textOf(`/proc/thread-self/net/${file}`)));
  const sockets = texts.flatMap((text, index) => {
    const file = FILES[index] ?? 'tcp';
    return text
      .split('\n')
      .slice(1)
      .flatMap((line) => readLine(line, file.startsWith('tcp') ? 'tcp' : 'udp', owners) ?? []);
  });
  return sockets.sort(
    (one, other) => compare(one.state, other.state) * -1 || compare(one.local, other.local) || one.inode - other.inode,
  );
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** `sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …` */
function readLine(line: string, protocol: 'tcp' | 'udp', owners: SocketOwners): MapSocket | undefined {
  const [, local = '', remote = '', state = '', , , , , , inodeText = ''] = line.trim().split(/\s+/);
  const code = Number.parseInt(state, 16);
  const waiting = code === (protocol === 'tcp' ? LISTEN : CLOSE);
  if (!waiting && code !== ESTABLISHED) return undefined;
  const inode = Number(inodeText);
  return {
    protocol,
    state: waiting ? 'listening' : 'connected',
    local: endpoint(local),
    ...(!waiting && { remote: endpoint(remote) }),
    inode,
    processes: owners.get(inode) ?? [],
  };
}

/** `0100007F:1F90`: words in the byte order of the machine, the port in that of the network. */
function endpoint(text: string): string {
  const [address = '', port = ''] = text.split(':');
  const words = address.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => {
    const pairs = (word.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
    return LITTLE_ENDIAN ? pairs.reverse() : pairs;
  });
  const number = Number.parseInt(port, 16);
  if (bytes.length === 4) return `${bytes.join('.')}:${number}`;
  return `[${ipv6(bytes)}]:${number}`;
}

const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** The usual form, RFC 5952: URLs have it. */
function ipv6(bytes: readonly number[]): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
  );
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    // It has ended, or is not ours to see.
    return [];
  }
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}

/** A file's text; '' where it is not there, as without IPv6. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
