import { createSocket, type SocketOptions as DatagramOptions, type RemoteInfo, type Socket } from 'node:dgram';
import { isIP } from 'node:net';
import { InvalidOptionError, NamespaceNotFoundError } from 'netns-core';
import { onAbort, shown } from 'netns-core/checks';
import { sys } from 'netns-core/sys';
import { Cancellation } from '../cancellation.js';
import { type LookupCallback, lookupIn, type VrfLookup } from '../resolve/index.js';
import { openBoundSocket } from '../socket/bind-socket.js';
import { type Handle, handleOf } from '../socket/handle-fd.js';
import { nameLinkLocalAddresses } from '../socket/link-local-address.js';
import { PLACED } from '../socket/placed.js';
import { isNamespaceMissing, namespaceArrives } from '../target/namespace-arrival.js';
import { lookForInterfacesInside } from './multicast-interface.js';
import { checkUdpOptions, type UdpOptions, type UdpSettings } from './udp-options.js';

/** What `dgram` hangs on its handle, and libuv calls. */
interface DatagramHandle extends Handle {
  onmessage: (size: number, handle: object, data: Buffer | undefined, from: RemoteInfo) => void;
  onerror: (size: number, handle: object, error: NodeJS.ErrnoException) => void;
}

/**
 * Makes a UDP socket in a VRF, a namespace or on an interface, bound and ready: an ordinary one of `node:dgram`.
 *
 * `send` and `connect` take addresses, and host names, which are resolved in the namespace. An address with a zone
 * (`fe80::1%eth0`) takes a socket that is bound to that interface: by the option `interface`, or by a zone in
 * `bind.address`. The socket keeps its namespace alive, and stays in it when another gets its name: close it.
 *
 * Node cannot tell where a datagram from a link-local address came from if home has no interface with the same index,
 * and loses it; the socket says so once in a warning. A `NamespaceWorker` is the way around that.
 *
 * @throws InvalidOptionError, InvalidNameError for bad options; BindError; NamespaceNotFoundError; NetnsError
 */
export async function createUdpSocket(options: UdpOptions): Promise<Socket> {
  const settings = checkUdpOptions(options);
  settings.signal?.throwIfAborted();
  return adoptUdpSocket(await openFd(settings), settings);
}

async function openFd(settings: UdpSettings): Promise<number> {
  const { target, address, port, signal } = settings;
  const open = (): number =>
    openBoundSocket({
      target,
      namespace: target.namespace,
      type: 'dgram',
      address,
      port,
    });
  if (target.waitForNamespace === 0) return open();
  const until = performance.now() + target.waitForNamespace;
  const cancellation = new Cancellation();
  const withdraw = signal === undefined ? undefined : onAbort(signal, () => cancellation.cancel(signal.reason));
  try {
    for (;;) {
      try {
        return open();
      } catch (error) {
        if (!isNamespaceMissing(error)) throw error;
        cancellation.throwIfCancelled();
        if (await namespaceArrives(target, until, cancellation)) continue;
        throw new NamespaceNotFoundError(
          `${target.label} did not appear within ${target.waitForNamespace} ms (waitForNamespace): ${(error as Error).message}`,
          { code: 'ENOENT', cause: error },
        );
      }
    }
  } finally {
    withdraw?.();
  }
}

/** Gives a bound file descriptor to a socket of Node's, which never gets to make one itself. */
export function adoptUdpSocket(fd: number, settings: UdpSettings): Socket {
  const { type, target, recvBufferSize, sendBufferSize, signal } = settings;
  const device = settings.address.zone ?? target.socketOptions.interface;
  const lookup = inside(settings, device) as NonNullable<DatagramOptions['lookup']>;
  const options = { type, lookup, [PLACED]: true } as DatagramOptions;
  if (recvBufferSize !== undefined) options.recvBufferSize = recvBufferSize;
  if (sendBufferSize !== undefined) options.sendBufferSize = sendBufferSize;
  let socket: Socket;
  try {
    socket = createSocket(options);
  } catch (error) {
    sys().close(fd);
    throw error;
  }
  let taken = false;
  try {
    if (type === 'udp6') lookForInterfacesInside(socket, target.label);
    socket.once('listening', () => {
      taken = true;
    });
    // `exclusive`: in a worker of a cluster Node would ask the primary, where the number means something else.
    socket.bind({ fd, exclusive: true });
  } catch (error) {
    if (!taken) sys().close(fd);
    socket.close();
    throw error;
  }
  // Not by the option `signal` of Node's, which puts a listener of its own on the signal for each socket.
  if (signal !== undefined)
    socket.once(
      'close',
      onAbort(signal, () => socket.close()),
    );
  if (type === 'udp6') {
    nameLinkLocalAddresses(socket);
    socket.prependListener('connect', () => nameLinkLocalAddresses(socket));
    receiveFromLinkLocal(socket, device);
  }
  return socket;
}

/** Resolves what `send`, `connect` and `bind` are given. Node asks for addresses as well as for names. */
function inside({ target, type }: UdpSettings, device: string | undefined): VrfLookup {
  const family = type === 'udp6' ? 6 : 4;
  // Made for the first name; addresses do without.
  let names: VrfLookup | undefined;
  const lookup = (host: string, given: unknown, last?: LookupCallback): void => {
    const callback = (typeof given === 'function' ? given : last) as LookupCallback;
    const zone = /^([^%]*)%(.*)$/s.exec(host);
    if (isIP(host) === 0) {
      names ??= lookupIn(target);
      names(host, family, callback);
    } else if (zone === null) callback(null, host, family);
    else if (zone[2] === device) callback(null, zone[1] ?? '', family);
    else
      callback(
        new InvalidOptionError(
          'address',
          `cannot send to ${shown(host)} from this socket: Node would look for the interface at home. Bind the socket to it with interface: ${shown(zone[2])}`,
        ),
        '',
        0,
      );
  };
  return lookup as VrfLookup;
}

/**
 * Node names the interface of a link-local sender by asking at home. Where home has none with the number, that ends
 * in an error, which anybody on the link could provoke; where it has one, in a wrong name.
 */
function receiveFromLinkLocal(socket: Socket, device: string | undefined): void {
  const handle = handleOf<DatagramHandle>(socket);
  if (handle === undefined) return;
  const { onmessage, onerror } = handle;
  let warned = false;
  handle.onerror = (size, owner, error) => {
    if (error?.syscall !== 'uv_if_indextoiid') {
      onerror.call(handle, size, owner, error);
      return;
    }
    if (warned) return;
    warned = true;
    process.emitWarning(
      'a UDP socket in another network namespace lost a datagram from a link-local address: Node looks for its interface at home and finds none. Receive it in a NamespaceWorker',
      { code: 'VRF_DIAL_LINK_LOCAL_SENDER' },
    );
  };
  handle.onmessage = (size, owner, data, from) => {
    const percent = from?.address.indexOf('%') ?? -1;
    if (percent > 0) from.address = `${from.address.slice(0, percent)}${device === undefined ? '' : `%${device}`}`;
    onmessage.call(handle, size, owner, data, from);
  };
}
