import { errnoName, sys } from 'netns-core/sys';
import type { Cancellation } from '../cancellation.js';
import type { SocketNamespace } from '../socket/socket-namespace.js';
import { type ConnectRequestClass, TCP_SOCKET, type TcpHandle, type TcpHandleClass } from '../socket/tcp-handle.js';
import {
  type ConnectionSettings,
  type ConnectionSocket,
  type ConnectionSource,
  type Endpoint,
  withConnectionSocket,
} from './connection-socket.js';
import { connectError } from './dial-error.js';

/** A connection that no socket of Node's has yet. */
export interface ConnectedHandle {
  readonly handle: TcpHandle;
  readonly namespace: SocketNamespace | undefined;
  readonly endpoint: Endpoint;
}

/** Node's classes, which are not public: taken from a socket that Node is connecting. */
export interface HandleClasses {
  readonly Handle: TcpHandleClass;
  readonly Request: ConnectRequestClass;
}

/**
 * Makes one connection to one address, below `net.Socket`: no events, no reading, nothing that Node tells its observers.
 *
 * @throws DialError naming the address, or what `openSocket` throws, or the reason of the cancellation; no file
 *   descriptor is left then
 */
export function connectHandle(
  classes: HandleClasses,
  source: ConnectionSource,
  endpoint: Endpoint,
  settings: ConnectionSettings,
  cancellation: Cancellation,
): Promise<ConnectedHandle> {
  return withConnectionSocket(source, endpoint, settings, cancellation, (opened) =>
    connectSocket(classes, opened, source, endpoint, settings, cancellation),
  );
}

function connectSocket(
  { Handle, Request }: HandleClasses,
  { fd, namespace }: ConnectionSocket,
  source: ConnectionSource,
  endpoint: Endpoint,
  settings: ConnectionSettings,
  cancellation: Cancellation,
): Promise<ConnectedHandle> {
  return new Promise((resolve, reject) => {
    const { to, host, port } = endpoint;
    const handle = new Handle(TCP_SOCKET);
    const opened = handle.open(fd);
    if (opened < 0) {
      handle.close();
      sys().close(fd);
    }
    let withdraw: () => void = () => undefined;
    const fail = (status: number, syscall: 'bind' | 'connect'): void => {
      withdraw();
      if (opened === 0) handle.close();
      const { label } = source.target;
      reject(connectError(nodeError(status, syscall, endpoint), label, { host, address: to.address, port }));
    };
    if (opened < 0) return fail(opened, 'connect');
    const bound = bind(handle, to.family, settings);
    if (bound < 0) return fail(bound, 'bind');
    const request = new Request();
    request.oncomplete = (status) => {
      // Cancelled: the handle is closed already.
      if (cancellation.cancelled) return;
      if (status < 0) return fail(status, 'connect');
      withdraw();
      resolve({ handle, namespace, endpoint });
    };
    withdraw = cancellation.onCancel((reason) => {
      handle.close();
      reject(reason);
    });
    const begun =
      to.family === 6 ? handle.connect6(request, to.address, port) : handle.connect(request, to.address, port);
    if (begun < 0) fail(begun, 'connect');
  });
}

function bind(handle: TcpHandle, family: 4 | 6, { localAddress, localPort }: ConnectionSettings): number {
  if (localAddress === undefined && localPort === undefined) return 0;
  if (family === 6) return handle.bind6(localAddress?.address ?? '::', localPort ?? 0, 0);
  return handle.bind(localAddress?.address ?? '0.0.0.0', localPort ?? 0);
}

/** The error that Node makes of an error number. */
function nodeError(status: number, syscall: string, { to: { address }, port }: Endpoint): NodeJS.ErrnoException {
  const code = errnoName(-status);

  return Object.assign(new Error(`${syscall} ${code} ${address}:${port}`), {
    errno: status,
    code,
    syscall,
    address,
    port,
  });
}
