import { lstatSync } from 'node:fs';
import { MountChanges } from 'netns-core/sys';

/**
 * Tells of all names in a directory at once that none has come to mean another namespace, where each is a mount point and
 * no link. Such a name changes only with the mounts of the process (also where the file is removed in another mount
 * namespace, which takes the mount away), or where the path leads to another directory. That takes four system
 * calls for any number of names in `/run/netns`, where a `stat` of each takes as many as there are.
 *
 * It holds a file descriptor while it is open.
 */
export class WatchedDirectory {
  readonly #folders: readonly string[];
  #mounts: MountChanges | undefined;
  #inodes: readonly string[] = [];
  #generation = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(path: string) {
    this.#folders = foldersOf(path);
  }

  /** Another number once a name may have changed; `undefined` while it is closed. */
  get generation(): number | undefined {
    return this.#mounts === undefined ? undefined : this.#generation;
  }

  /** When it was looked at last (`performance.now()`). */
  get lookedAt(): number {
    return this.#lookedAt;
  }

  /** Does nothing where it cannot be told: without /proc, under Node's permission model, by a path with links. */
  open(): void {
    if (this.#mounts !== undefined) return;
    try {
      this.#inodes = this.#folders.map(inodeOf);
    } catch {
      return;
    }
    const mounts = new MountChanges();
    if (!mounts.isKnown) return;
    this.#mounts = mounts;
    this.#generation += 1;
    this.look();
  }

  /** Looks now. */
  look(): void {
    if (this.#mounts === undefined) return;
    this.#lookedAt = performance.now();
    if (this.#mounts.changed()) this.#generation += 1;
    try {
      const inodes = this.#folders.map(inodeOf);
      if (inodes.every((inode, index) => inode === this.#inodes[index])) return;
      this.#inodes = inodes;
      this.#generation += 1;
    } catch {
      this.close();
    }
  }

  close(): void {
    this.#mounts?.close();
    this.#mounts = undefined;
  }
}

/** `/`, `/run` and `/run/netns` of `/run/netns`. */
function foldersOf(path: string): string[] {
  const folders = ['/'];
  for (let slash = path.indexOf('/', 1); slash !== -1; slash = path.indexOf('/', slash + 1))
    folders.push(path.slice(0, slash));
  return [...folders, path];
}

/** @throws Error where it is not a directory, but a link to one for example */
function inodeOf(folder: string): string {
  const found = lstatSync(folder, { bigint: true });
  if (!found.isDirectory()) throw new Error(`${folder} is not a directory`);
  return `${found.dev}:${found.ino}`;
}
