import { NetnsError } from 'netns-core';

/** What the kernel says of a route, an address, a link or a neighbour that is not there. */
const GONE = new Set(['ESRCH', 'EADDRNOTAVAIL', 'ENODEV', 'ENOENT']);

/** Removes something; that it is not there any more is as good. */
export function unlessGone(remove: () => void): void {
  try {
    remove();
  } catch (error) {
    if (!(error instanceof NetnsError && GONE.has(error.code))) throw error;
  }
}
