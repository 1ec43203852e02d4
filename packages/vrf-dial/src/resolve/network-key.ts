import { statSync } from 'node:fs';
import { type NamespaceRef, NETNS_RUN_DIR, NetnsHandle, namespaceCookie, vrfToNetns } from 'netns-core';

/** Where netns-core looks for names. */
const NAMED_DIRECTORIES: readonly string[] = [NETNS_RUN_DIR, '/var/run/netns'];

/**
 * A text that tells a namespace from every other one, cheaply enough to ask for it at each lookup (2 µs).
 *
 * The inode number of a mounted namespace does not change while it is mounted, but a later one may get the same: then
 * its inode was made later, which its ctime tells. Namespaces that are mounted nowhere have inodes that the kernel
 * makes anew for each look, so they are asked for their cookie.
 *
 * @returns `undefined` where the namespace is not there
 */
export function namespaceKey(ref: NamespaceRef): string | undefined {
  if (typeof ref === 'string') {
    if (ref === '') return inodeKey('/proc/thread-self/ns/net', false);
    for (const directory of NAMED_DIRECTORIES) {
      const key = inodeKey(`${directory}/${ref}`, true);
      if (key !== undefined) return key;
    }
    return ref === 'default' ? cookieKey(ref) : undefined;
  }
  if (ref instanceof NetnsHandle) return cookieKey(ref);
  if ('vrf' in ref) return namespaceKey(vrfToNetns(ref.vrf));
  if ('name' in ref) return ref.dir === undefined ? namespaceKey(ref.name) : inodeKey(`${ref.dir}/${ref.name}`, true);
  if ('path' in ref && !ref.path.startsWith('/proc/')) return inodeKey(ref.path, true);
  return cookieKey(ref);
}

function inodeKey(path: string, mounted: boolean): string | undefined {
  try {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    return mounted ? `${stat.dev}:${stat.ino}:${stat.ctimeNs}` : `${stat.dev}:${stat.ino}`;
  } catch {
    // Opening a socket there will say what is wrong.
    return undefined;
  }
}

function cookieKey(ref: NamespaceRef): string | undefined {
  try {
    const cookie = namespaceCookie(ref);
    return cookie === undefined ? undefined : `cookie:${cookie}`;
  } catch {
    return undefined;
  }
}
