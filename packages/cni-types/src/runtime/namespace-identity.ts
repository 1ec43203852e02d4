import { readFile, readlink, stat } from 'node:fs/promises';
import path from 'node:path';

/** What tells a namespace from one that is found later under the same path. It is kept in a file, as JSON. */
export interface NamespaceIdentity {
  /** Device and inode of the namespace's file. Inodes of namespaces are used again, so they do not suffice. */
  readonly file: string;
  /** For a name: when its inode changed, in nanoseconds. The mount keeps the inode, so it does not move. */
  readonly changed?: string;
  /** For a file of /proc: the process, and when it started (proc_pid_stat(5), field 22, in clock ticks since boot). */
  readonly pid?: number;
  readonly started?: string;
  /** A process's number and start say nothing about another run of the machine. */
  readonly boot?: string;
}

/** The identity of the namespace that a path leads to; `undefined` if there is none. */
export async function namespaceIdentity(netns: string): Promise<NamespaceIdentity | undefined> {
  try {
    const { dev, ino, ctimeNs } = await stat(netns, { bigint: true });
    const file = `${dev}:${ino}`;
    const pid = await processOf(netns);
    // The inode of a namespace without a mount is made anew at each look, with the time of the look.
    if (pid === undefined) return { file, changed: String(ctimeNs) };
    const [started, boot] = await Promise.all([startOf(pid), readFile('/proc/sys/kernel/random/boot_id', 'utf8')]);
    return { file, pid, started, boot: boot.trim() };
  } catch {
    return undefined;
  }
}

/** The process whose file in /proc a path is, or leads to by symbolic links. */
async function processOf(netns: string): Promise<number | undefined> {
  let file = path.resolve(netns);
  for (let links = 0; links < 8; links += 1) {
    const [, pid] = /^\/proc\/(self|thread-self|\d+)\/(?:task\/\d+\/)?ns\/net$/.exec(file) ?? [];
    if (pid !== undefined) return /^\d+$/.test(pid) ? Number(pid) : process.pid;
    const target = await readlink(file).catch(() => undefined);
    if (target === undefined) return undefined;
    file = path.resolve(path.dirname(file), target);
  }
  return undefined;
}

async function startOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The command stands in parentheses and may contain anything; the 22nd field is the 20th behind it.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
