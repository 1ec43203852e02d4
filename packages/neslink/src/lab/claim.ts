import { mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { deleteNamed, InvalidOptionError, NetnsError } from 'netns-core';
import { checkName, shown } from 'netns-core/checks';

/** Which lab has which prefix, for all processes that share `/run`. */
const CLAIMS = '/run/neslink-lab';
/** The convention of `ip netns exec`. */
export const NETNS_ETC = '/etc/netns';
const DEFAULT_PREFIX = 'lab';
const PREFIX = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
/** How long to wait for another process that removes what a lab has left. */
const CLEANING_TIMEOUT_MS = 5000;
const CLEANING_INTERVAL_MS = 10;

/**
 * The right to a prefix, and the list of what was made under it. It is a directory: a file in it is called after the
 * process that owns it, so that it is known when that is gone, and who is the one to remove what is left is decided by
 * rename(2) of that file.
 */
export class Claim {
  readonly prefix: string;
  readonly directory: string;
  /** The file that says whose it is. */
  readonly owner: string;
  #names: readonly string[] = [];

  private constructor(prefix: string, directory: string, owner: string) {
    this.prefix = prefix;
    this.directory = directory;
    this.owner = owner;
  }

  /**
   * Takes a prefix, by default the first free one of `lab-`, `lab2-`, …, after removing what labs have left whose
   * process is gone.
   *
   * @throws InvalidOptionError; NetnsError `EBUSY` if another lab has it
   */
  static async take(prefix: string | undefined): Promise<Claim> {
    if (prefix !== undefined && (typeof prefix !== 'string' || !PREFIX.test(prefix)))
      throw new InvalidOptionError(
        'prefix',
        `prefix must begin with a letter or digit, followed by up to 63 letters, digits, "-", "_" and ".", got ${shown(prefix)}`,
      );
    try {
      mkdirSync(CLAIMS, { recursive: true, mode: 0o755 });
      for (const entry of readdirSync(CLAIMS)) removeIfLeft(entry);
    } catch (cause) {
      if (cause instanceof NetnsError) throw cause;
      const { code = 'ERR_LAB', message } = cause as NodeJS.ErrnoException;
      throw new NetnsError(`cannot keep a record of the lab: ${message}`, { code, path: CLAIMS, cause });
    }
    if (prefix === undefined)
      for (let number = 1; ; number += 1) {
        const claim = Claim.#tryTake(number === 1 ? `${DEFAULT_PREFIX}-` : `${DEFAULT_PREFIX}${number}-`);
        if (claim !== undefined) return claim;
      }
    for (const end = performance.now() + CLEANING_TIMEOUT_MS; ; await delay(CLEANING_INTERVAL_MS)) {
      removeIfLeft(prefix);
      const claim = Claim.#tryTake(prefix);
      if (claim !== undefined) return claim;
      const owner = ownerOf(path.join(CLAIMS, prefix));
      if (owner?.role === 'owner' || performance.now() > end)
        throw new NetnsError(
          `a lab with the prefix "${prefix}" is open already${owner === undefined ? '' : ` (in process ${owner.pid})`}: close it, or give another prefix`,
          { code: 'EBUSY' },
        );
    }
  }

  static #tryTake(prefix: string): Claim | undefined {
    const directory = path.join(CLAIMS, prefix);
    const owner = fileName('owner', process.pid);
    // A rename of a directory with a file in it is what nothing can come between.
    counter += 1;
    const fresh = path.join(CLAIMS, `.${fileName('owner', process.pid)}-${counter}`);
    mkdirSync(fresh, { mode: 0o755 });
    writeFileSync(path.join(fresh, owner), '');
    try {
      renameSync(fresh, directory);
      return new Claim(prefix, directory, owner);
    } catch (error) {
      rmSync(fresh, { recursive: true });
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOTEMPTY' || code === 'EEXIST') return undefined;
      throw error;
    }
  }

  /** Says which namespaces are about to be made, before they are. */
  announce(names: readonly string[]): void {
    this.#names = names;
    writeFileSync(path.join(this.directory, 'names'), names.map((name) => `${name}\n`).join(''));
  }

  /** Removes all that was announced, and gives the prefix back. May be called more than once. */
  remove(): void {
    for (const name of this.#names) removeNamespace(name);
    this.#names = [];
    removeDirectory(this.directory);
  }
}

// Claims of one process are told apart by it.
let counter = 0;

/** Removes what a lab has left, if it has; otherwise nothing happens. */
function removeIfLeft(entry: string): void {
  const directory = path.join(CLAIMS, entry);
  const owner = entry.startsWith('.') ? parseOwner(entry.slice(1)) : ownerOf(directory);
  if (owner === undefined || isAlive(owner)) return;
  if (entry.startsWith('.')) {
    rmSync(directory, { recursive: true, force: true });
    return;
  }
  try {
    renameSync(path.join(directory, owner.file), path.join(directory, fileName('cleaner', process.pid)));
  } catch {
    // Another process is on it.
    return;
  }
  for (const name of namesIn(directory)) if (name.startsWith(entry)) removeNamespace(name);
  removeDirectory(directory);
}

function namesIn(directory: string): string[] {
  try {
    return readFileSync(path.join(directory, 'names'), 'utf8').split('\n').filter(Boolean);
  } catch {
    // It did not get as far as to make any.
    return [];
  }
}

function removeNamespace(name: string): void {
  checkName(name);
  rmSync(path.join(NETNS_ETC, name), { recursive: true, force: true });
  try {
    deleteNamed(name);
  } catch (error) {
    if (!(error instanceof NetnsError) || error.code !== 'ENOENT') throw error;
  }
}

function removeDirectory(directory: string): void {
  counter += 1;
  const aside = path.join(CLAIMS, `.${fileName('owner', process.pid)}-${counter}`);
  try {
    renameSync(directory, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  rmSync(aside, { recursive: true, force: true });
}

interface Owner {
  readonly file: string;
  readonly role: string;
  readonly pid: number;
  readonly started: string;
  /** The pid namespace in which the number means that process. */
  readonly pidNamespace: string;
}

/** `owner-<pid>-<start time>-<pid namespace>`: a pid alone may be another process's by now. */
function fileName(role: 'owner' | 'cleaner', pid: number): string {
  return `${role}-${pid}-${startTime(pid)}-${pidNamespace()}`;
}

function parseOwner(file: string): Owner | undefined {
  const [, role, pid, started, pidNamespace] = /^(owner|cleaner)-(\d+)-(\d+)-(\d+)(?:-\d+)?$/.exec(file) ?? [];
  if (role === undefined || started === undefined || pidNamespace === undefined) return undefined;
  return { file, role, pid: Number(pid), started, pidNamespace };
}

function ownerOf(directory: string): Owner | undefined {
  try {
    return readdirSync(directory)
      .map(parseOwner)
      .find((owner) => owner !== undefined);
  } catch {
    // Given back in this moment.
    return undefined;
  }
}

/** Whether the process still runs. Of one in another pid namespace that cannot be known. */
function isAlive({ pid, started, pidNamespace: where }: Owner): boolean {
  return where !== pidNamespace() || startTime(pid) === started;
}

/** The inode of the pid namespace. */
export function pidNamespace(): string {
  return readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
}

/** Field 22 of proc_pid_stat(5), in clock ticks since boot; `''` for a process that is gone. */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is in parentheses and may contain anything. A zombie is gone.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? '' : (fields[19] ?? '');
  } catch {
    return '';
  }
}
