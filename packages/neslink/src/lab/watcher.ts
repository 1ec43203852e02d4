import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { type Claim, NETNS_ETC, pidNamespace } from './claim.js';

/**
 * A shell that removes what a lab has made once its standard input ends without a word: when the process of the lab was
 * ended by a signal, or has crashed. It takes the claim over first, as the next lab would.
 */
const WATCHER = `
trap '' HUP INT QUIT TERM
read -r word && exit
claim=$1 owner=$2 pidns=$3
read -r stat < /proc/$$/stat
set -- \${stat##*) }
cleaner=cleaner-$$-\${20}-$pidns
mv "$claim/$owner" "$claim/$cleaner" || exit
while read -r name; do
  rm -rf "${NETNS_ETC}/$name"
  for directory in /run/netns /var/run/netns; do
    umount -l "$directory/$name"
    rm -f "$directory/$name"
  done
done < "$claim/names"
aside=\${claim%/*}/.$cleaner-0
mv "$claim" "$aside" && rm -rf "$aside"
`;

/** Starts it. @returns a function that ends it, to be called when nothing is left to be removed */
export function watchOver({ directory, owner }: Claim): () => void {
  const child: ChildProcess = spawn(
    '/bin/sh',
    ['-c', WATCHER, 'neslink-lab-watcher', directory, owner, pidNamespace()],
    {
      stdio: ['pipe', 'ignore', 'ignore'],
      cwd: '/',
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
      detached: true,
    },
  );
  const stdin = child.stdin as (Writable & { unref?(): void }) | null | undefined;
  // Without a shell, and when it was killed, the next lab does what it would have done.
  child.on('error', () => undefined);
  stdin?.on('error', () => undefined);
  child.unref();
  stdin?.unref?.();
  return () => stdin?.end('done\n');
}
