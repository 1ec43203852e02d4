import { closeSync, openSync } from 'node:fs';
import { POLLPRI, sys } from '../sys/index.js';

/**
 * Tells whether anything was mounted or unmounted in the mount namespace of this process, wherever: the kernel keeps
 * count for each open `/proc/self/mountinfo`, and one poll(2) asks for it (proc_pid_mountinfo(5)).
 */
export class MountChanges {
  // By Node, which closes it if this is a worker thread that is terminated.
  #fd: number | undefined;

  constructor() {
    try {
      this.#fd = openSync('/proc/self/mountinfo', 'r');
    } catch {
      // No /proc, or no descriptor left.
    }
  }

  /** Whether mounts can be told at all. */
  get isKnown(): boolean {
    return this.#fd !== undefined;
  }

  /** Whether there was a change since the last question; always, where that is not known. */
  changed(): boolean {
    return this.#fd === undefined || sys().poll(this.#fd, POLLPRI, 0) !== 0;
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}
