import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Set in a sandbox to its id; every process started in it inherits it, which is how stragglers are found. */
export const SANDBOX_ID = 'NETNS_SANDBOX';

function* running(id, mountNamespace) {
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      const inside =
        readlinkSync(`/proc/${pid}/ns/mnt`) === mountNamespace ||
        readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`${SANDBOX_ID}=${id}`);
      // A zombie is over: its parent, or init, will collect it.
      if (inside && !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'))) yield pid;
    } catch {
      // It has ended, or is not ours to look at.
    }
  }
}

/**
 * The mount namespace of a process, kept alive by a descriptor. The kernel gives the number of a namespace that is gone
 * to the very next one, so what is told apart by number must not go while it is compared.
 */
export class HeldMountNamespace {
  #fd;

  /** @param {number | 'self'} pid */
  constructor(pid) {
    this.#fd = openSync(`/proc/${pid}/ns/mnt`, 'r');
    /** `'mnt:[2]'` */
    this.name = readlinkSync(`/proc/self/fd/${this.#fd}`);
  }

  close() {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

/**
 * Ends what a sandbox left running: processes in its mount namespace, and those that carry its id (or one that begins
 * with it: sandboxes inside).
 *
 * @param {string} id
 * @param {HeldMountNamespace | undefined} mountNamespace of the sandbox; without it, only the id counts
 */
export async function endStragglers(id, mountNamespace) {
  for (let round = 0; round < 20; round += 1) {
    let found = 0;
    for (const pid of running(id, mountNamespace?.name)) {
      found += 1;
      try {
        process.kill(pid, round === 0 ? 'SIGTERM' : 'SIGKILL');
      } catch {
        // It ended by itself in the meantime.
      }
    }
    if (found === 0) return;
    await delay(round === 0 ? 200 : 50);
  }
}
