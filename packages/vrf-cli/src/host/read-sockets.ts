import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { InternetSocketInfo, Netlink } from 'netlink-links';

/** A TCP or UDP socket of a namespace. */
export interface HostSocket
  extends Pick<InternetSocketInfo, 'protocol' | 'family' | 'local' | 'remote' | 'inode' | 'uid'> {
  /** `listen`, `established` and the other states of TCP; `close` is that of a UDP socket which is not connected. */
  readonly state: string;
  /** The index of the device that it is bound to. */
  readonly ifindex?: number;
  /** Names of the processes that have it open. */
  readonly processes: readonly string[];
}

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
      command ??= commandOf(pid);
      const names = owners.get(Number(inode)) ?? [];
      if (!names.includes(command)) names.push(command);
      owners.set(Number(inode), names);
    }
  }
  return owners;
}

/** The sockets of a namespace: those that listen first, each kind by its address. */
export async function readSockets(netlink: Netlink, owners: SocketOwners): Promise<HostSocket[]> {
  const sockets = (await netlink.socketList()).map(
    ({ protocol, family, state, local, remote, ifindex, inode, uid }): HostSocket => ({
      protocol,
      family,
      state: String(state),
      local,
      remote,
      ...(ifindex !== undefined && { ifindex }),
      inode,
      uid,
      processes: owners.get(inode) ?? [],
    }),
  );
  return sockets.sort(
    (one, other) =>
      Number(isConnected(one)) - Number(isConnected(other)) ||
      compare(endpointText(one.local), endpointText(other.local)) ||
      one.inode - other.inode,
  );
}

/** Whether a socket has another end. */
export function isConnected({ remote }: Pick<HostSocket, 'remote'>): boolean {
  return remote.port !== 0;
}

/** `192.0.2.1:80`, `[::]:443`. */
export function endpointText({ address, port }: HostSocket['local']): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
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

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd();
  } catch {
    return '';
  }
}
