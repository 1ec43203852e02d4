import { type NamespaceRef, NetnsError, type SocketSource, socketSource } from 'netns-core';
import { encodeNetlinkAddress, F_SETFL, O_NONBLOCK, openReadable, sys } from 'netns-core/sys';

/** `<linux/rtnetlink.h>`, `<linux/netlink.h>` */
const NETLINK_ROUTE = 0;
const RTMGRP_LINK = 0x1;
const RTMGRP_IPV4_IFADDR = 0x10;
const RTMGRP_IPV6_IFADDR = 0x100;

/** Something that is being watched. */
export interface AddressWatch {
  /** Closes the socket. It is one of the namespace's, and holds it alive until then. */
  close(): void;
}

/**
 * Calls the listener whenever addresses or interfaces of a namespace change: an address is added, an IPv6 address has
 * passed duplicate address detection, an interface appears. What changed is not told. Costs one netlink socket and
 * nothing while all is quiet; does not keep the event loop alive.
 *
 * @param changed something changed
 * @param lost the watch is over, since more was said than the socket could hold: look, and watch anew
 * @throws the errors of the source, NetnsError
 */
export function watchAddresses(
  namespace: NamespaceRef,
  changed: () => void,
  lost: () => void,
  source: SocketSource = socketSource(),
): AddressWatch {
  let closed = false;
  const stream = openReadable(openMonitor(namespace, source));
  stream.unref();
  stream.on('data', () => {
    if (!closed) changed();
  });
  const end = (): void => {
    if (closed) return;
    closed = true;
    stream.destroy();
    lost();
  };
  stream.on('error', end);
  stream.on('close', end);
  stream.resume();
  return {
    close() {
      closed = true;
      stream.destroy();
    },
  };
}

function openMonitor(namespace: NamespaceRef, source: SocketSource): number {
  const calls = sys();
  const fd = source.openNetlink(namespace, NETLINK_ROUTE);
  let result = calls.fcntl(fd, F_SETFL, O_NONBLOCK);
  if (result >= 0) result = calls.bind(fd, encodeNetlinkAddress(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR));
  // Connected to the kernel, it receives from nothing else.
  if (result >= 0) result = calls.connect(fd, encodeNetlinkAddress());
  if (result >= 0) return fd;
  calls.close(fd);
  throw NetnsError.fromErrno(-result, 'bind', 'cannot watch the addresses of a namespace');
}
