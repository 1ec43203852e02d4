import { readFileSync } from 'node:fs';
import path from 'node:path';

/** A line of `/proc/<pid>/mountinfo`, see proc_pid_mountinfo(5). */
export interface MountLine {
  readonly id: string;
  readonly parent: string;
  /** `major:minor` */
  readonly device: string;
  /** What of the file system is mounted: a path in it, or `net:[4026531840]`. */
  readonly root: string;
  readonly mountPoint: string;
  /** Whether it receives mounts of others, or passes its own on. */
  readonly propagates: boolean;
  readonly type: string;
}

/** The mounts that a process (or `thread-self`) sees; none where that cannot be read. */
export function readMounts(process: string): MountLine[] {
  let text: string;
  try {
    text = readFileSync(`/proc/${process}/mountinfo`, 'utf8');
  } catch {
    return [];
  }
  const mounts: MountLine[] = [];
  for (const line of text.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [id, parent = '', device = '', root = '', mountPoint = '', , ...tags] = before.split(' ');
    if (id === undefined || mountPoint === '') continue;
    mounts.push({
      id,
      parent,
      device,
      root: unescaped(root),
      mountPoint: unescaped(mountPoint),
      propagates: tags.some((tag) => tag.startsWith('shared:') || tag.startsWith('master:')),
      type: after.split(' ')[0] ?? '',
    });
  }
  return mounts;
}

/** mountinfo writes blanks and backslashes as octal numbers, byte by byte. */
function unescaped(text: string): string {
  return text.replace(/(?:\\[0-7]{3})+/g, (bytes) =>
    Buffer.from(
      bytes
        .split('\\')
        .slice(1)
        .map((octal) => Number.parseInt(octal, 8)),
    ).toString(),
  );
}

/** The mount that a path is on, among those that the calling thread sees. */
function mountOf(place: string, mounts: readonly MountLine[]): MountLine | undefined {
  let found: MountLine | undefined;
  for (const mount of mounts) {
    const prefix = mount.mountPoint === '/' ? '/' : `${mount.mountPoint}/`;
    // Of several on one place, the last is on top.
    if (
      (place === mount.mountPoint || place.startsWith(prefix)) &&
      mount.mountPoint.length >= (found?.mountPoint.length ?? 0)
    )
      found = mount;
  }
  return found;
}

/**
 * Why an empty file may stand where a namespace should be mounted: a process whose mounts do not propagate (most
 * containers, services with mounts of their own) has the file but not the mount. Nothing in this text says to remove the
 * file: that would take the namespace from the whole machine.
 */
export function describeMissingMount(place: string | undefined): string {
  const mount = place === undefined ? undefined : mountOf(path.resolve(place), readMounts('thread-self'));
  const blind =
    mount?.propagates === false
      ? `the mount ${mount.mountPoint} of this process is private, so it does not receive namespaces that others mount`
      : 'a process in a mount namespace of its own does not see what others mount, unless mounts propagate to it';
  return `it is an empty file with no namespace mounted on it here: ${blind} (let it: a bind mount with rslave, MountFlags=slave in a systemd unit); or its maker has not mounted it yet, or was interrupted`;
}
