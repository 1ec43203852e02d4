import { NetnsError } from 'netns-core';
import { IPPROTO_TCP, SOL_SOCKET, setIntOption } from 'netns-core/sys';

/** `<asm/socket.h>` */
const SO_KEEPALIVE = 9;
/** `<netinet/tcp.h>` */
const TCP_KEEPIDLE = 4;
const TCP_KEEPINTVL = 5;

/** What Go's dialer does, and goarista's example asks for. */
export const DEFAULT_KEEP_ALIVE = 30_000;

/**
 * Makes TCP probe an idle connection each so many milliseconds. Node's `setKeepAlive` sets only the time before the
 * first probe and sends the rest one second apart, as libuv has it.
 *
 * @param interval milliseconds, rounded up to whole seconds as the kernel counts them
 */
export function setTcpKeepAlive(fd: number, interval: number): void {
  const seconds = Math.min(Math.max(1, Math.ceil(interval / 1000)), 32767);
  set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(fd, IPPROTO_TCP, TCP_KEEPIDLE, seconds);
  set(fd, IPPROTO_TCP, TCP_KEEPINTVL, seconds);
}

function set(fd: number, level: number, name: number, value: number): void {
  const result = setIntOption(fd, level, name, value);
  if (result < 0) throw NetnsError.fromErrno(-result, 'setsockopt', 'cannot switch on TCP keep-alive');
}
