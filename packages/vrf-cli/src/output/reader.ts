import { sys } from 'netns-core/sys';

const INTERVAL_MS = 100;
const STDOUT = 1;
/** poll(2) reports POLLERR and POLLHUP whatever is asked for. */
const NO_EVENTS = 0;

/**
 * Ends the program once the reader of standard output has gone. A command that waits for events would otherwise notice
 * with the next that it prints, which may never come; Node does not tell of it.
 */
export function endWithReader(): void {
  setInterval(() => {
    if (sys().poll(STDOUT, NO_EVENTS, 0) > 0) process.exit(0);
  }, INTERVAL_MS).unref();
}
