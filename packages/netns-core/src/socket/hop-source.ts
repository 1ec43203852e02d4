import { NetnsError } from '../errors.js';
import { type Maker, makeInNamespace } from '../hop/hop.js';
import { describeNamespace, resolveNamespace } from '../namespace/reference.js';
import { identityHere, type ReferenceIdentity, referenceIdentity } from '../namespace/reference-identity.js';
import { AF_INET, SOCK_CLOEXEC, SOCK_DGRAM, sys } from '../sys/index.js';
import { socketNamespaceCookie } from './socket-cookie.js';
import { socketMaker } from './socket-maker.js';
import type { SocketSource } from './source-types.js';

/** The socket source of a process that may enter namespaces itself. It is the default. */
export const hopSource: SocketSource = Object.freeze<SocketSource>({
  open: (options) => makeInNamespace(options.namespace ?? '', socketMaker, options),
  identify: referenceIdentity,
  mustExist: (ref) => resolveNamespace(ref).close(),
  inspect: (ref) => {
    const probe: Probe = { identity: undefined };
    const fd = makeInNamespace(ref, probeMaker, probe);
    try {
      return { identity: probe.identity, cookie: socketNamespaceCookie(fd) };
    } finally {
      sys().close(fd);
    }
  },
});

interface Probe {
  identity: ReferenceIdentity | undefined;
}

const probeMaker: Maker<Probe> = {
  make: (calls, probe) => {
    try {
      probe.identity = identityHere(calls);
    } catch {
      // Without /proc a namespace has no identity; the cookie serves.
    }
    return calls.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  },
  finish: () => {},
  error: (errno, ref) => NetnsError.fromErrno(errno, 'socket', `cannot make a socket in ${describeNamespace(ref)}`),
};
