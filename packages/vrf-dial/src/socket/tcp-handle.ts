import type { Socket } from 'node:net';
import { type Handle, handleOf } from './handle-fd.js';

/** libuv's TCP handle as Node has it: undocumented, and the same in Node 20 to 26. Calls return 0 or a negative error number. */
export interface TcpHandle extends Handle {
  /** The file descriptor is the handle's only with 0. */
  open(fd: number): number;
  close(callback?: () => void): void;
  bind(address: string, port: number): number;
  bind6(address: string, port: number, flags: number): number;
  connect(request: ConnectRequest, address: string, port: number): number;
  connect6(request: ConnectRequest, address: string, port: number): number;
  hasRef?(): boolean;
  unref?(): void;
}

/** A class of handles; the argument says whether it is for a server. */
export type TcpHandleClass = new (type: number) => TcpHandle;

/** `TCPConstants.SOCKET`: not for a server. */
export const TCP_SOCKET = 0;

/** libuv's request to connect a handle. */
export interface ConnectRequest {
  /** @param status 0 or a negative error number */
  oncomplete: (
    status: number,
    handle: TcpHandle,
    request: ConnectRequest,
    readable: boolean,
    writable: boolean,
  ) => void;
}

/** The class of such requests. */
export type ConnectRequestClass = new () => ConnectRequest;

/** The TCP handle of a socket, or below its TLS; `undefined` where there is none. */
export function tcpHandleOf(socket: Socket): TcpHandle | undefined {
  const handle = handleOf<TcpHandle & { readonly _parent?: TcpHandle }>(socket);
  return handle?._parent ?? handle;
}
