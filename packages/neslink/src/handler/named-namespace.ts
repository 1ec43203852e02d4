import { closeSync, constants, lstatSync } from 'node:fs';
import path from 'node:path';
import { get, NETNS_RUN_DIR, runInNamespace } from 'netns-core';
import { checkName } from 'netns-core/checks';
import { MNT_DETACH, MS_BIND, MS_REC, MS_SHARED } from 'netns-core/sys';
import type { SystemAPI } from './system-api.js';

/** Whether anything bears the name. */
export function namedNetNsExists(name: string): boolean {
  checkName(name);
  return lstatSync(path.join(NETNS_RUN_DIR, name), { throwIfNoEntry: false }) !== undefined;
}

/**
 * Makes a named namespace by means of the system handler, as `ip netns add` does. The thread stays where it is; a
 * failure leaves nothing behind.
 */
export function createNamedNetNs(system: SystemAPI, name: string): void {
  checkName(name);
  system.mkDirAll(NETNS_RUN_DIR, 0o755);
  // Shared, so that deleting the namespace here takes it from other mount namespaces as well.
  try {
    system.mount('', NETNS_RUN_DIR, 'none', MS_SHARED | MS_REC, '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
    system.mount(NETNS_RUN_DIR, NETNS_RUN_DIR, 'none', MS_BIND | MS_REC, '');
    system.mount('', NETNS_RUN_DIR, 'none', MS_SHARED | MS_REC, '');
  }
  const file = path.join(NETNS_RUN_DIR, name);
  closeSync(system.openFile(file, constants.O_RDONLY | constants.O_CREAT | constants.O_EXCL, 0o444));
  try {
    using home = get();
    // The hop's way back takes the thread home from the namespace that is made inside.
    runInNamespace(home, () => {
      system.newNetworkNamespace().close();
      system.mount('/proc/thread-self/ns/net', file, 'none', MS_BIND, '');
    });
  } catch (error) {
    system.remove(file);
    throw error;
  }
}

/** Removes a named namespace; also an empty file left under its name. */
export function deleteNamedNetNs(system: SystemAPI, name: string): void {
  checkName(name);
  const file = path.join(NETNS_RUN_DIR, name);
  try {
    system.unmount(file, MNT_DETACH);
  } catch (error) {
    // Nothing was mounted: the file alone has to go.
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
  }
  system.remove(file);
}
