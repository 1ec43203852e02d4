// Every operation as a synchronous function that acts in the namespace that the calling thread is in at the time.
// Inside a hop that is the hop's. Each has the arguments of its namesake in 'netlink-links/operations', where it is
// described, and answers at once.
import { inCurrentNamespace } from './doors/current-namespace.js';
import * as operations from './operations/index.js';

export const addrList = inCurrentNamespace(operations.addrList);
export const linkByName = inCurrentNamespace(operations.linkByName);
export const linkList = inCurrentNamespace(operations.linkList);
