import { accessSync, constants, readFileSync } from 'node:fs';
import path from 'node:path';

/** Root of the machine, not the root of a user namespace that an ordinary user made. */
export function realRoot(): boolean {
  return process.getuid?.() === 0 && /^\s*0\s+0\s+4294967295/.test(readFileSync('/proc/self/uid_map', 'utf8'));
}

/** Why TAP devices cannot be made here; `undefined` where they can. For `it.skipIf`, with the reason in the title. */
export function reasonWithoutTun(): string | undefined {
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return `/dev/net/tun cannot be opened (${(error as NodeJS.ErrnoException).code})`;
  }
}

/** Why a program cannot be run here; `undefined` where it can. */
export function reasonWithoutProgram(name: string): string | undefined {
  for (const directory of `${process.env.PATH ?? ''}:/usr/sbin:/sbin`.split(':')) {
    try {
      accessSync(path.join(directory, name), constants.X_OK);
      return undefined;
    } catch {
      // Not in this one.
    }
  }
  return `the program ${name} is not installed`;
}
