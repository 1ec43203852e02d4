import { readdirSync, readFileSync, statSync } from 'node:fs';
import { threadSys } from '../hop/thread.js';
import { NETNS_DIRS } from './named-directories.js';

/** A network namespace, as `lsns -t net` shows it. */
export interface NamespaceInfo {
  /** `'NS(dev:ino)'`, as {@link NetnsHandle.uniqueId}. */
  readonly id: string;
  readonly dev: bigint;
  /** The number in `net:[4026531840]`. */
  readonly ino: bigint;
  /** Its names under `/run/netns`. */
  readonly names: readonly string[];
  /** All files that it is mounted on, its names' among them. */
  readonly paths: readonly string[];
  /** The processes (not threads) in it that the caller may look at, in rising order. */
  readonly pids: readonly number[];
}

/**
 * Lists the network namespaces that have a process or a file: all that can be seen from outside. One kept alive by an
 * open file descriptor alone is not among them. What the caller may not look at is left out.
 */
export function listNamespaces(): NamespaceInfo[] {
  threadSys();
  const found = new Map<string, { dev: bigint; ino: bigint; names: string[]; paths: string[]; pids: number[] }>();
  const at = (file: string): { names: string[]; paths: string[]; pids: number[] } | undefined => {
    try {
      const { dev, ino } = statSync(file, { bigint: true });
      const id = `NS(${dev}:${ino})`;
      let entry = found.get(id);
      if (entry === undefined) {
        entry = { dev, ino, names: [], paths: [], pids: [] };
        found.set(id, entry);
      }
      return entry;
    } catch {
      // It is gone, or not ours to see.
      return undefined;
    }
  };
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (Number.isInteger(pid)) at(`/proc/${pid}/ns/net`)?.pids.push(pid);
  }
  for (const file of mountedNamespaces()) {
    const entry = at(file);
    if (entry === undefined || entry.paths.includes(file)) continue;
    entry.paths.push(file);
    for (const dir of NETNS_DIRS) {
      const name = file.startsWith(`${dir}/`) ? file.slice(dir.length + 1) : '';
      if (name !== '' && !name.includes('/')) entry.names.push(name);
    }
  }
  return [...found].map(([id, { pids, ...rest }]) => ({ id, ...rest, pids: pids.sort((a, b) => a - b) }));
}

/** The mount points of network namespaces in this mount namespace. */
function mountedNamespaces(): string[] {
  const files: string[] = [];
  // mountinfo, see proc(5): id parent major:minor root mount-point options … - type source super-options
  for (const line of readFileSync('/proc/thread-self/mountinfo', 'utf8').split('\n')) {
    const [, , , root = '', mountPoint = ''] = line.split(' ');
    if (!root.startsWith('net:[') || !/ - (nsfs|proc) /.test(line)) continue;
    files.push(
      mountPoint.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    );
  }
  return files;
}
