import { hopSource, type NamespaceRef, NetnsError, socketSource } from 'netns-core';

/**
 * For what enters its namespace itself, beyond making sockets there.
 *
 * @throws NetnsError (`ERR_BROKER_UNSUPPORTED`) where the sockets of the process come from a broker
 */
export function mustEnterItself(callee: string, namespace: NamespaceRef): void {
  if (namespace === '' || socketSource() === hopSource) return;
  throw new NetnsError(
    `${callee} watches the addresses of its namespace from inside, which a broker does not do for it: make the socket with openSocket, bind it and pass it to server.listen({ fd })`,
    { code: 'ERR_BROKER_UNSUPPORTED' },
  );
}
